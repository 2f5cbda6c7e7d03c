/**
 * A data folder on a disk of its own that is full or cannot be written: a small tmpfs in a mount namespace that only the server sees. Needs no
 * special rights where user namespaces are allowed; where they are not, `canMount` says so.
 */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Line } from '../../support/line.ts';
import { ROOT } from './cases.ts';

const run = promisify(execFile);
const NAMESPACE = ['--user', '--map-root-user', '--mount'];
const DISK = '256m';
const BOOT_WITHIN_MS = 60_000;

export type Disk = 'full' | 'read-only';

export interface Boot {
  /** 0 when it was ended by the deadline although it should have refused. */
  code: number;
  said: string;
  /** Lines of a listing of the folder, with a hash of each file's content, that are not the same after the boot. */
  changed: string[];
}

export function canMount(): boolean {
  return spawnSync('unshare', [...NAMESPACE, 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0;
}

/** `$1` data folder, `$2` where the disk is mounted, `$3` where to tell, `$4` full or read-only, the rest: the command. */
const SCRIPT = `
data=$1 disk=$2 tell=$3 how=$4; shift 4
list() { (cd "$disk" && find . ! -name "filler*" -printf '%y %s %p\\n' | sort && find . -type f ! -name "filler*" -exec sha256sum {} + | sort -k2); }
mount -t tmpfs -o size=${DISK} tmpfs "$disk" || exit 99
cp -a "$data/." "$disk/" || exit 98
if [ "$how" = full ]; then
  dd if=/dev/zero of="$disk/filler" bs=64k 2>/dev/null
  dd if=/dev/zero of="$disk/filler.2" bs=1 count=65536 2>/dev/null
else
  mount -o remount,ro "$disk" || exit 97
fi
list > "$tell/before"
timeout -s KILL 30 "$@" > "$tell/said" 2>&1
echo $? > "$tell/code"
list > "$tell/after"
`;

/** Starts a server over a copy of `line.data` on such a disk and waits until it has ended. */
export async function bootOn(disk: Disk, line: Line, port: number): Promise<Boot> {
  const [mounted, tell] = [mkdtempSync(join(tmpdir(), 'signalbox-disk-')), mkdtempSync(join(tmpdir(), 'signalbox-tell-'))];
  const server = [
    process.execPath,
    join(ROOT, 'server/main.ts'),
    'serve',
    '--config',
    line.config,
    '--data',
    mounted,
    '--port',
    String(port),
  ];
  const argv = [...NAMESPACE, 'sh', '-c', SCRIPT, 'sh', line.data, mounted, tell, disk, ...server];
  try {
    await run('unshare', argv, { cwd: line.folder, timeout: BOOT_WITHIN_MS });
    const listed = (name: string): string[] => readFileSync(join(tell, name), 'utf8').split('\n');
    const [before, after] = [listed('before'), listed('after')];
    return {
      code: Number(readFileSync(join(tell, 'code'), 'utf8')),
      said: readFileSync(join(tell, 'said'), 'utf8'),
      changed: [...before.filter((line) => !after.includes(line)), ...after.filter((line) => !before.includes(line))],
    };
  } finally {
    for (const folder of [mounted, tell]) rmSync(folder, { recursive: true, force: true });
  }
}

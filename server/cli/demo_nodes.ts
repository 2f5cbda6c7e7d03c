/**
 * The example's nodes: a folder with a script that restarts, stops or asks for its service. The script is the only one that knows how: a
 * process is the node's own only when its number and its start time are those that were written down, so that after a reboot no stranger
 * with the same number is ended.
 */
import { execFile } from 'node:child_process';
import { existsSync, lstatSync, readlinkSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { basename, delimiter, dirname, join } from 'node:path';
import type { DemoNode } from './demo_places.ts';

const SCRIPT_LIMIT_MS = 20_000;

const RESTART = `#!/bin/sh
# Restarts the service of this node with the release that "current" names. "restart.sh stop" only ends it, "restart.sh status" only tells.
set -eu
cd "$(dirname "$0")"

# Start time of a process that lives; nothing for one that has ended.
started() {
  if [ -r /proc/self/stat ]; then
    { sed 's/^.*) //' "/proc/$1/stat" | { read -r state rest; [ "$state" = Z ] || echo "$rest" | cut -d' ' -f19; }; } 2>/dev/null || true
  else
    ps -o lstart= -p "$1" 2>/dev/null || true
  fi
}

pid= since=
if [ -f service.pid ]; then read -r pid since <service.pid || true; fi
lives() { [ -n "$pid" ] && [ -n "$since" ] && [ "$(started "$pid")" = "$since" ]; }

if [ "\${1-}" = status ]; then lives; exit; fi

if lives; then
  echo "Ending process $pid"
  kill "$pid" 2>/dev/null || true
  waited=0
  while lives; do
    waited=$((waited + 1))
    if [ "$waited" -eq 60 ]; then kill -9 "$pid" 2>/dev/null || true; fi
    if [ "$waited" -gt 160 ]; then echo "Process $pid does not end" >&2; exit 1; fi
    sleep 0.05
  done
fi
rm -f service.pid
if [ "\${1-}" = stop ]; then exit; fi

PORT=$(cat port)
export PORT
# A session of its own and no stream of ours: the service outlives this script and whoever ran it.
if command -v setsid >/dev/null; then
  setsid node current/dist/server.js </dev/null >>service.log 2>&1 &
else
  nohup node current/dist/server.js </dev/null >>service.log 2>&1 &
fi
pid=$!
echo "$pid $(started "$pid")" >service.pid
echo "Started process $pid on port $PORT"
`;

/** Makes the node's folder, and its script and port as they should be. */
export async function makeNode(root: string, port: number): Promise<void> {
  await mkdir(root, { recursive: true });
  await writeFile(join(root, 'port'), `${port}\n`);
  await writeFile(join(root, 'restart.sh'), RESTART);
  await chmod(join(root, 'restart.sh'), 0o755);
}

export async function nodeRuns(root: string): Promise<boolean> {
  return existsSync(join(root, 'restart.sh')) && (await script(root, 'status')).code === 0;
}

/** Starts the service of a node that has a release and does not run, as after a reboot. @throws Error with what the script said. */
export async function reviveNode(root: string, { id, tier }: DemoNode): Promise<boolean> {
  const version = releaseOf(root);
  if (version === null || (await nodeRuns(root))) return false;
  const { code, said } = await script(root, 'restart', { NODE: id, TIER: tier, VERSION: version, NODE_ENV: 'production' });
  if (code !== 0) throw new Error(`${id} could not be started: ${said}`);
  return true;
}

/** @throws Error when its process does not end. */
export async function stopNode(root: string, id: string): Promise<void> {
  if (!existsSync(join(root, 'restart.sh'))) return;
  const { code, said } = await script(root, 'stop');
  if (code !== 0) throw new Error(`The service of ${id} could not be stopped: ${said}`);
}

function releaseOf(root: string): string | null {
  const link = join(root, 'current');
  return lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink() === true ? basename(readlinkSync(link)) : null;
}

/** The Node that runs the server goes first on the PATH, as in a deploy. */
function script(root: string, what: string, env: Record<string, string> = {}): Promise<{ code: number; said: string }> {
  const path = [dirname(process.execPath), process.env['PATH']].join(delimiter);
  const options = { cwd: root, timeout: SCRIPT_LIMIT_MS, env: { HOME: process.env['HOME'], PATH: path, ...env } };
  return new Promise((resolve) => {
    execFile('sh', ['restart.sh', what], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ code, said: `${stdout}${stderr}`.trim() });
    });
  });
}

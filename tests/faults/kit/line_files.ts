/** What the disk of a line must show, whatever happened to the server: whole releases, deploys that are in the log, run logs that are what was recorded of them. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { runPaths } from '../../../server/logstore/layout.ts';
import type { Envelope } from '../../../src/shared/protocol/envelope.ts';
import type { Line, NodeName } from '../../support/line.ts';
import { deployedOn } from './history_rules.ts';

const NODES: readonly NodeName[] = ['staging-1', 'staging-2', 'prod-1', 'prod-2'];
/** As the line's config lists them. */
const ARTIFACTS = ['dist/service.mjs', 'broken-flag'];
/** Of the newest runs; older ones were looked at before. */
const LOGS_READ = 12;

/** @returns sentences. */
export async function brokenFiles(line: Line, log: readonly Envelope[]): Promise<string[]> {
  const found = [...brokenRunLogs(line, log)];
  for (const folder of releasesIn(join(line.data, 'releases/app'))) found.push(...halfOf(folder));
  for (const node of NODES) {
    const version = await line.runs(node);
    if (version === null) continue;
    found.push(...halfOf(join(line.nodeRoot(node), 'releases', version)));
    if (!deployedOn(log, node).has(version))
      found.push(`acted on but not stored: ${node} was switched to ${version}, but no deploy of it is in the log`);
  }
  return found;
}

function releasesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => !name.startsWith('.'))
    .map((name) => join(folder, name));
}

function halfOf(release: string): string[] {
  const missing = ARTIFACTS.filter((name) => !existsSync(join(release, name)) || statSync(join(release, name)).size === 0);
  return missing.length === 0 ? [] : [`half a release: ${release} lacks ${missing.join(' and ')}`];
}

/** Size and hash recorded at the end of a run are those of its file. */
function brokenRunLogs(line: Line, log: readonly Envelope[]): string[] {
  return log
    .filter((envelope) => typeof recorded(envelope)['sha256'] === 'string')
    .slice(-LOGS_READ)
    .flatMap((envelope) => {
      const { run_id, sha256, bytes } = recorded(envelope);
      const file = runPaths(join(line.data, 'logs'), Number(run_id)).log;
      if (!existsSync(file)) return [`run log lost: event ${envelope.seq_no} names the log of run ${String(run_id)}, which is not there`];
      const data = readFileSync(file);
      if (data.length === bytes && createHash('sha256').update(data).digest('hex') === sha256) return [];
      return [`run log differs: run ${String(run_id)} has ${data.length} bytes, event ${envelope.seq_no} recorded ${String(bytes)}`];
    });
}

/** A gate's are in its outcome. */
function recorded(envelope: Envelope): Record<string, unknown> {
  const fields = envelope as Record<string, unknown>;
  const { outcome } = fields;
  return typeof outcome === 'object' && outcome !== null ? { ...outcome, run_id: fields['run_id'] } : fields;
}

/** `signalbox reload`: asks the running server to read its config again, and tells how that went. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Sorry } from './port.ts';
import type { Shell } from './port.ts';
import { isRunning, readServerFile } from './server_file.ts';

const ANSWER_WITHIN_MS = 20_000;
const LOOK_EVERY_MS = 50;

/** @throws Sorry when no server runs on that folder, it may not be signalled, or it refuses the config. */
export async function reload(
  dataDir: string,
  shell: Shell,
  kill: (pid: number, signal: NodeJS.Signals) => void = (pid, signal) => void process.kill(pid, signal),
): Promise<void> {
  const before = readServerFile(dataDir);
  if (before === null || !isRunning(before))
    throw new Sorry(`No server runs on ${dataDir}. If it uses another folder, name it with --data.`);
  try {
    kill(before.pid, 'SIGHUP');
  } catch (error) {
    throw new Sorry(`Process ${before.pid} belongs to another user. Reload as that user, or with sudo.`, { cause: error });
  }
  for (let waited = 0; waited < ANSWER_WITHIN_MS; waited += LOOK_EVERY_MS) {
    const after = readServerFile(dataDir);
    if (after !== null && after.reload.count !== before.reload.count) {
      if (!after.reload.ok) throw new Sorry(after.reload.message);
      shell.out(after.reload.message);
      return;
    }
    if (after === null) throw new Sorry('The server stopped before it answered.');
    await sleep(LOOK_EVERY_MS);
  }
  throw new Sorry(`The server at ${before.url} did not answer within ${ANSWER_WITHIN_MS / 1000} s. Its log is ${dataDir}/server.log.`);
}

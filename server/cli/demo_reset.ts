/** `npm run demo:reset`: ends the example's services and removes its folder, so that the next start begins with an empty line. */
import { existsSync } from 'node:fs';
import { readFile, readdir, rm } from 'node:fs/promises';
import { stopNode } from './demo_nodes.ts';
import { DEMO_MARK } from './demo_config.ts';
import { DEMO_NODES, demoPlaces } from './demo_places.ts';
import { Sorry } from './port.ts';
import { isRunning, readServerFile } from './server_file.ts';

export interface DemoResetOptions {
  /** Of the example. */
  folder: string;
  /** The server's data folder when it serves the example. */
  dataDir: string;
  out: (line: string) => void;
}

/** @throws Sorry while the server runs, and for a folder that is not the example's. */
export async function demoReset({ folder, dataDir, out }: DemoResetOptions): Promise<void> {
  const places = demoPlaces(folder);
  const server = readServerFile(dataDir);
  if (server !== null && isRunning(server))
    throw new Sorry(`The server runs (process ${server.pid}, ${server.url}). Stop it with Ctrl-C, then reset the example.`);
  if (!existsSync(folder) || (await readdir(folder)).length === 0) return out(`There is no example in ${folder}.`);
  const config = await readFile(places.config, 'utf8').catch(() => ''); // without one it is not the example's folder
  if (!config.includes(DEMO_MARK)) throw new Sorry(`${folder} was not made by the example, so nothing was removed.`);
  await Promise.all(DEMO_NODES.map(({ id }) => stopNode(places.node(id), id)));
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  out(`Removed ${folder}. \`npm start\` makes it again.`);
  if (!dataDir.startsWith(`${folder}/`))
    out(`What the server has recorded stays in ${dataDir}; remove it, too, to begin with an empty history.`);
}

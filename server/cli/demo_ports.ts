/** Ports of the example's services: chosen once and kept, because they stand in its config; chosen again only when a stranger has taken one. */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { z } from 'zod';
import { DEMO_NODES } from './demo_places.ts';
import type { DemoNode, DemoPorts } from './demo_places.ts';

/** Below the range from which systems give ports to outgoing connections, so that one chosen today is free tomorrow. */
const FIRST_PORT = 4101;
const LAST_PORT = 4999;

const Stored = z.partialRecord(z.enum(DEMO_NODES.map((node) => node.id)), z.int().min(1).max(65_535));

/** @param runs whether the node's own service is up: then the port is taken by it, and rightly. */
export async function choosePorts(
  file: string,
  runs: (node: DemoNode) => Promise<boolean>,
): Promise<{ before: Partial<DemoPorts>; ports: DemoPorts }> {
  const before = await stored(file);
  const chosen = new Map<DemoNode['id'], number>();
  for (const node of DEMO_NODES) {
    const port = before[node.id];
    if (port !== undefined && ((await runs(node)) || (await isFree(port)))) chosen.set(node.id, port);
  }
  const pick = async (id: DemoNode['id']): Promise<number> => {
    const kept = chosen.get(id);
    if (kept !== undefined) return kept;
    const taken = new Set([...chosen.values(), ...Object.values(before)]);
    for (let port = FIRST_PORT; port <= LAST_PORT; port++) {
      if (taken.has(port) || !(await isFree(port))) continue;
      chosen.set(id, port);
      return port;
    }
    throw new Error(`No port from ${FIRST_PORT} to ${LAST_PORT} is free on 127.0.0.1.`);
  };
  const ports: DemoPorts = {
    'staging-1': await pick('staging-1'),
    'staging-2': await pick('staging-2'),
    'prod-1': await pick('prod-1'),
    'prod-2': await pick('prod-2'),
  };
  await writeFile(`${file}.next`, `${JSON.stringify(ports)}\n`);
  await rename(`${file}.next`, file);
  return { before, ports };
}

async function stored(file: string): Promise<Partial<DemoPorts>> {
  const text = await readFile(file, 'utf8').catch(() => '{}'); // none yet: the first start
  try {
    return Stored.parse(JSON.parse(text));
  } catch {
    return {}; // damaged: as good as none
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}

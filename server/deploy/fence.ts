/**
 * The node's memory of the highest deploy it was given. A server that was paused, restored from an old copy or started twice may still want
 * to deploy; its number is lower, and the node refuses it. Only true while the node's lock is held from this check to the end of the switch.
 */
import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { flush } from './file_tree.ts';
import { errorCode } from './system_error.ts';

const Remembered = z.looseObject({ generation: z.int(), seq_no: z.int(), version: z.string() });
type Remembered = z.infer<typeof Remembered>;

/** The node was given a later deploy; `message` is a sentence. */
export class Fenced extends Error {
  override readonly name = 'Fenced';
}

/** Remembers the deploy on the node. The same number is let through again for the same version only. @throws Fenced */
export async function passFence(root: string, node: string, deploy: Remembered): Promise<void> {
  const highest = await remembered(root, node);
  if (highest !== null) {
    const later = highest.generation - deploy.generation || highest.seq_no - deploy.seq_no;
    if (later > 0 || (later === 0 && highest.version !== deploy.version)) {
      throw new Fenced(
        `${node} was already given deploy ${name(highest)} of ${highest.version}, so deploy ${name(deploy)} of ${deploy.version} comes too late.`,
      );
    }
    if (later === 0) return;
  }
  const folder = join(root, '.signalbox');
  const file = await open(join(folder, 'fence.json.next'), 'w');
  try {
    const { generation, seq_no, version } = deploy;
    await file.writeFile(`${JSON.stringify({ generation, seq_no, version })}\n`);
    await file.datasync();
  } finally {
    await file.close();
  }
  await rename(join(folder, 'fence.json.next'), join(folder, 'fence.json'));
  await flush(folder);
}

async function remembered(root: string, node: string): Promise<Remembered | null> {
  const path = join(root, '.signalbox', 'fence.json');
  try {
    return Remembered.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    // Reading a damaged memory as "none" would open the fence to everybody.
    if (error instanceof SyntaxError || error instanceof z.ZodError)
      throw new Fenced(`${node} no longer knows its last deploy: ${path} is damaged. Remove it to let the next deploy through.`);
    throw error;
  }
}

function name({ generation, seq_no }: { generation: number; seq_no: number }): string {
  return `${generation}.${seq_no}`;
}

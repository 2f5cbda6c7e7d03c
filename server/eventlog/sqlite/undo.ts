/** What has been opened, undone in the opposite order, all of it, whatever fails on the way. */
export type Undo = (() => void | Promise<void>)[];

/** @throws the first failure, when everything has been tried. */
export async function undoAll(undo: Undo): Promise<void> {
  const failures: unknown[] = [];
  for (const each of undo) {
    try {
      await each();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}

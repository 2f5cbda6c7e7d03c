/**
 * Lifts a stored envelope of an older protocol version to the present one, on read. Stored commits are never rewritten.
 * A step is added here, with a golden file, whenever a shape changes in a way the reader must know of.
 */
type Step = (envelope: Record<string, unknown>) => Record<string, unknown>;

/** `steps[v]` lifts from version v to v + 1. */
const steps: Readonly<Record<number, Step>> = {};

/** @param from the protocol version the envelope was stored with. @throws RangeError when it is newer than this program. */
export function upcast(envelope: Record<string, unknown>, from: number, to: number): Record<string, unknown> {
  if (from > to) throw new RangeError(`stored by protocol ${from}, this program speaks ${to}: upgrade Signalbox`);
  let lifted = envelope;
  for (let v = from; v < to; v++) lifted = steps[v]?.(lifted) ?? lifted;
  return lifted;
}

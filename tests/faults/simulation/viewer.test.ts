import type { Duplex } from 'node:stream';
import { expect, test } from 'vitest';
import { textFrame } from '../../../server/gateway/wire.ts';
import { encodeFrame } from '../../../src/shared/protocol/codec.ts';
import type { FrameDown } from '../../../src/shared/protocol/frames.ts';
import { envelope, hello, replayed } from '../../../src/transport/frames_for_tests.ts';
import { Schedule, settled, type Owner } from './schedule.ts';
import { Viewer } from './viewer.ts';

/** What is pending happens when the test names it, the oldest first. */
class ByHand extends Schedule {
  #things: { label: string; happen: () => void }[] = [];

  override add(_: Owner, label: string, happen: () => void): () => void {
    const thing = { label, happen };
    this.#things.push(thing);
    return () => void (this.#things = this.#things.filter((other) => other !== thing));
  }

  override chance(): boolean {
    return false;
  }

  async let(label: string): Promise<void> {
    const thing = this.#things.find((one) => one.label === label);
    if (thing === undefined) throw new Error(`“${label}” is not pending`);
    this.#things = this.#things.filter((other) => other !== thing);
    thing.happen();
    await settled();
  }
}

test('a watch that a link carried to its end after the page had left it counts for nothing; on the next link it does', async () => {
  const violations: string[] = [];
  const links: Duplex[] = [];
  const schedule = new ByHand(1, () => undefined);
  const page = new Viewer(
    'page',
    schedule,
    {
      wires: new Set(),
      upgrade: () => (_, link) => {
        links.push(link);
        link.write('HTTP/1.1 101 Switching Protocols\r\n\r\n');
      },
      submit: () => null,
      head: () => 0,
      log: () => '',
    },
    { violated: (what) => violations.push(what), given: () => undefined, snapshot: () => undefined },
  );
  const connect = async (): Promise<void> => {
    schedule.pass();
    await schedule.let('page reads');
    await give(hello());
  };
  const give = async (frame: FrameDown): Promise<void> => {
    links.at(-1)?.write(textFrame(encodeFrame(frame)));
    await schedule.let('page reads');
  };
  const runEnds = (seq_no: number): Promise<void> => {
    const where = { tier: 'staging', node: 'staging-1', version: '1.0.0' };
    return give({
      type: 'events',
      after: seq_no - 1,
      upto: seq_no,
      items: [envelope(seq_no, { kind: 'deploy_ok', run_id: 7, bytes: 93, ...where })],
    });
  };

  await connect();
  await schedule.let('page is heard');
  await give(replayed(0));
  page.watch(7);
  page.cut(false);
  await connect();
  // The watch that was on its way on the first link.
  await schedule.let('page is heard');
  await give(replayed(0));
  await runEnds(1);
  expect(violations).toEqual([]);

  // The resume and the watch of the second link.
  await schedule.let('page is heard');
  await schedule.let('page is heard');
  await runEnds(2);
  expect(violations).toEqual(['page: run 7 ended at 93 with its log shown to 0']);
});

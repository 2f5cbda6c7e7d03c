/**
 * The log of a run as the page puts it together, with the page's own code: the live lane, and pages of lines for whatever is looked at and not
 * here. Output is cut anywhere, inside characters and escape sequences too; the page joins before the run exists, while it writes, after its
 * end, and goes on over a restart of the server; chunks are lost on the way. Every line must be the one the file has, with the colours it has,
 * and the file's sha256 the one its close gave.
 */
import { hash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { RunId } from '../../../src/shared/protocol/ids.ts';
import { LogApi } from '../../../src/transport/log_api.ts';
import { LiveFeed, type FeedListener } from '../../../src/transport/live_feed.ts';
import { LiveSocket } from '../../../src/transport/live_socket.ts';
import type { LogWatcher } from '../../../src/transport/log_watches.ts';
import { makeLink } from '../../../src/transport/reconnecting_link.ts';
import { isTooLong, type BookLine } from '../../../src/logview/held_line.ts';
import type { LogBook } from '../../../src/logview/log_book.ts';
import { PAGE_LINES } from '../../../src/logview/log_page.ts';
import type { LogServer } from '../../../src/logview/log_server.ts';
import { PLAIN, styleAfter, type Style } from '../../../src/shared/output/ansi.ts';
import { standingLine } from '../../../src/shared/output/standing.ts';
import { seeded, type FaultCase, type Found } from '../kit/case.ts';
import { DeliveryHouse } from '../kit/delivery_house.ts';
import { PROJECT } from '../kit/house_ground.ts';
import { importRunes } from '../kit/delivery_runes.ts';
import { Facts } from '../kit/facts.ts';
import { Proxy } from '../kit/proxy.ts';

type Random = ReturnType<typeof seeded>;
const JOINS = ['before', 'during', 'after', 'restart', 'long'] as const;
type Join = (typeof JOINS)[number];
const WRITES_MOST = 40;
const SOME_BYTES = 20_000;
/** One log in five is so long that the lane has it in several blocks; then every write ends inside an escape sequence, and a chunk where it does. */
const BLOCKS_BYTES = 100_000;
const ESC = 0x1b;
/** More lines than the page holds, and far more than it reads from the end of a log that is there already. */
const LONG_BYTES = 6.6 * 1024 * 1024;
const DEADLINE_MS = 10_000;
/** Of an unfinished character. */
const HELD_BACK_BYTES = 3;

/** The part of the page's class that is used here; what its runes are typed with is not known to the server's type check. */
interface Tail extends LogWatcher {
  readonly book: LogBook;
  readonly ended: boolean;
  readonly problem: string;
  open(): Promise<void>;
  close(): void;
}
type TailMaker = new (
  run_id: number,
  deps: {
    watch(run_id: number, watcher: LogWatcher): () => void;
    rewatch(run_id: number): void;
    server: LogServer;
    size(run_id: number): Promise<number | null>;
    bytes(run_id: number): Promise<Uint8Array>;
    schedule: (run: () => void) => () => void;
  },
) => Tail;

const PIECES = [
  'plain text',
  'ü€',
  '🚦',
  '👩🏽‍🚀',
  '\u001b[31m',
  '\u001b[1;38;5;200m',
  '\u001b[0m',
  '\r',
  '\r\n',
  '\n',
  '\n',
  '\n',
  '50 %\r',
  '\t',
  '\u001b]0;title\u0007',
];
const BROKEN = [
  Buffer.from([0xff]),
  Buffer.from([0xf0, 0x9f, 0x92]),
  Buffer.from([0x80, 0x80]),
  Buffer.from([0xe0, 0x80, 0x80]),
  Buffer.from([0xc3]),
];

function output(random: Random, least_bytes: number): Buffer {
  const parts: Buffer[] = [];
  let bytes = 0;
  let line = 0;
  do {
    const part = random.below(30) === 0 ? random.pick(BROKEN) : Buffer.from(random.pick(PIECES));
    line = part.includes(10) ? 0 : line + part.length;
    // Of a line too long only a part is shown.
    const whole = line > 2_000 ? Buffer.concat([part, Buffer.from('\n')]) : part;
    if (whole !== part) line = 0;
    // A long log is long by its lines.
    parts.push(least_bytes > 100_000 && line === 0 ? Buffer.from(`${'🚦'.repeat(60)}\n`) : whole);
    bytes += parts.at(-1)?.length ?? 0;
  } while (bytes < least_bytes);
  return Buffer.concat(parts);
}

/** Where writes end: anywhere, or inside an escape sequence. */
function cutsOf(content: Buffer, random: Random, in_escapes: boolean): number[] {
  const cut = (): number => {
    const at = random.below(content.length + 1);
    const escape = in_escapes ? content.indexOf(ESC, at) : -1;
    return escape === -1 ? at : Math.min(escape + 1 + random.below(3), content.length);
  };
  return Array.from({ length: 1 + random.below(WRITES_MOST) }, cut).toSorted((a, b) => a - b);
}

/** Resolves when the log has so many bytes, but for a character that may go on. */
async function stored({ logs }: DeliveryHouse, run_id: number, bytes: number): Promise<void> {
  const isStored = (has: number): boolean => has >= bytes - HELD_BACK_BYTES;
  await new Promise<void>((resolve, reject) => {
    const undo = logs.onChange((id, now) => {
      if (id === run_id && isStored(now.bytes)) done();
    });
    const done = (): void => {
      undo();
      resolve();
    };
    void logs.stat(run_id).then((stat) => isStored(stat?.bytes ?? 0) && done(), reject);
  });
}

/** One page on one log. */
class Page {
  readonly tail: Tail;
  readonly facts = new Facts();
  readonly proxy: Proxy;
  readonly #socket: LiveSocket;

  constructor(make: TailMaker, run_id: number, proxy: Proxy, house: () => DeliveryHouse) {
    this.proxy = proxy;
    const nothing = (): void => undefined;
    const changed = (): void => this.facts.changed();
    const names = ['snapshot', 'events', 'caughtUp', 'catchingUp', 'hello', 'anotherHistory', 'heard', 'position'] as const;
    const more = ['newVersion', 'connecting', 'opened', 'waiting', 'stopped', 'defect', 'complained'] as const;
    const listener = {
      ...Object.fromEntries([...names, ...more].map((name) => [name, nothing])),
      hello: changed,
    } as unknown as FeedListener;
    const feed = new LiveFeed(listener, () => performance.now());
    this.#socket = new LiveSocket(`ws://127.0.0.1:${proxy.port}/events`, feed, { now: () => performance.now(), make: makeLink });
    feed.attach(this.#socket);
    const unused = (): never => {
      throw new Error('not asked here');
    };
    this.tail = new make(run_id, {
      watch: (id, watcher) => feed.watch(id, watcher),
      rewatch: (id) => feed.rewatch(id),
      server: new LogApi((path, init) => fetch(`${house().url}${path}`, init)),
      size: unused,
      bytes: unused,
      schedule: (run) => {
        const planned = setImmediate(() => {
          run();
          this.facts.changed();
        });
        return () => clearImmediate(planned);
      },
    });
    this.#socket.start();
  }

  /** Looks at every line in turn. @returns them, and how many were not here before. */
  async readAll(): Promise<{ lines: BookLine[]; missing: number }> {
    const { book } = this.tail;
    const lines: BookLine[] = [];
    let missing = 0;
    for (let from = 1; from <= book.lines; from += PAGE_LINES) {
      const seen = Array.from({ length: Math.min(PAGE_LINES, book.lines - from + 1) }, (_, i) => from + i);
      missing += seen.filter((n) => book.line(n).type !== 'line').length;
      const settled = (): boolean => {
        book.want(seen);
        return seen.every((n) => book.line(n).type !== 'waiting');
      };
      await this.facts.until(`lines ${from} and following`, settled, DEADLINE_MS);
      lines.push(...seen.map((n) => book.line(n)));
    }
    return { lines, missing };
  }

  async close(): Promise<void> {
    this.tail.close();
    this.#socket.stop();
    await this.proxy.close();
  }
}

/** The next chunks on the page's link are lost. @returns resolves with the first of them. */
function lose(page: Page, chunks: number): Promise<void> {
  const link = page.proxy.links.at(-1);
  const next = async (left: number): Promise<void> => {
    if (left === 0) return;
    await link?.dropFrame((text) => text.includes('"type":"chunk"'));
    void next(left - 1);
  };
  return next(chunks);
}

async function follow(
  make: TailMaker,
  first: DeliveryHouse,
  run_id: number,
  join: Join,
  random: Random,
): Promise<{ house: DeliveryHouse; wrong: string[]; gaps: number }> {
  let house = first;
  const proxy = await Proxy.open(house.port);
  const page = new Page(make, run_id, proxy, () => house);
  const in_blocks = join !== 'long' && random.below(5) === 0;
  const content = output(random, join === 'long' ? LONG_BYTES : in_blocks ? BLOCKS_BYTES : random.below(SOME_BYTES));
  const wrong: string[] = [];
  try {
    if (join === 'before') await page.tail.open();
    const log = await house.logs.create({ run_id: RunId.parse(run_id), project: PROJECT, type: 'gate' }, []);
    const cuts = cutsOf(content, random, in_blocks);
    const joinAt = random.below(cuts.length);
    let at = 0;
    let lost: Promise<void> | null = null;
    for (const [i, cut] of [...cuts, content.length].entries()) {
      if (i === joinAt && (join === 'during' || join === 'restart')) await page.tail.open();
      if (i === joinAt && (join === 'before' || join === 'during')) {
        // Losing begins once the page has what was written, but for a character or an escape sequence that may go on.
        await page.facts.until('the link', () => page.proxy.links.length > 0, DEADLINE_MS);
        await log.drained();
        await page.facts.until('what was written', () => page.tail.book.lane_end >= at - HELD_BACK_BYTES, DEADLINE_MS);
        lost = lose(page, random.below(4));
      }
      log.write(content.subarray(at, cut));
      if (lost !== null && cut - at > HELD_BACK_BYTES) {
        await lost;
        lost = null;
      }
      at = cut;
      if (in_blocks) await stored(house, run_id, at);
      if (random.below(3) === 0) await log.drained();
      if (random.below(3) === 0) await new Promise((resolve) => setImmediate(resolve));
      // As a server that goes with the run still writing: the next one closes the log as it is.
      if (join === 'restart' && i > joinAt) break;
    }
    const closed = await log.close();
    if (join === 'restart') {
      await house.stop();
      house = await DeliveryHouse.open({ folder: house.folder, anyHost: true });
      proxy.leadTo(house.port);
    }
    if (join === 'after' || join === 'long') await page.tail.open();
    const { book } = page.tail;
    const counted = (): boolean => page.tail.ended && book.uncounted === 0;
    await page.facts.until(`the end, at ${book.lane_end} of ${closed.bytes}`, counted, DEADLINE_MS);
    const { lines, missing } = await page.readAll();
    const file = Buffer.from(await (await fetch(`${house.url}/api/v1/runs/${run_id}/log`)).arrayBuffer());
    if (hash('sha256', file) !== closed.sha256) wrong.push('the file is not the one its sha256 was given of');
    if (!content.subarray(0, file.length).equals(file) || (join !== 'restart' && file.length !== content.length))
      wrong.push('the file is not what was written');
    wrong.push(...differences(lines, linesOf(new TextDecoder('utf-8', { ignoreBOM: true }).decode(file))));
    if (page.tail.problem !== '') wrong.push(page.tail.problem);
    return { house, wrong, gaps: missing > 0 ? 1 : 0 };
  } catch (error) {
    return { house, wrong: [...wrong, String(error)], gaps: 0 };
  } finally {
    await page.close();
  }
}

interface Shown {
  raw: string;
  start: Style;
}

/** The file as a plain array of lines. */
function linesOf(text: string): Shown[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  let style = PLAIN;
  return lines.map((raw) => {
    const shown = standingLine(raw, style);
    style = styleAfter(raw, style);
    return shown;
  });
}

function differences(shown: readonly BookLine[], file: readonly Shown[]): string[] {
  if (shown.length !== file.length) return [`the page has ${shown.length} lines, and the file ${file.length}`];
  for (const [i, line] of shown.entries()) {
    const found = line.type === 'line' ? { raw: line.raw, start: line.start } : line;
    if (!isDeepStrictEqual(found, file[i]) && !isTooLong(file[i]?.raw ?? ''))
      return [`line ${i + 1} of ${file.length} is ${JSON.stringify(found)} and not ${JSON.stringify(file[i])}`];
  }
  return [];
}

async function run({ runs, seed }: { runs: number; seed: number }): Promise<Found> {
  importRunes();
  const { LogTail } = (await import(new URL('../../../src/state/log_tail.svelte.ts', import.meta.url).href)) as { LogTail: TailMaker };
  const violations: string[] = [];
  let house = await DeliveryHouse.open({ anyHost: true });
  let gaps = 0;
  try {
    for (let n = 0; n < runs && violations.length === 0; n++) {
      // A restart takes its time, and a long log too: one in ten.
      const join: Join = n % 10 === 4 ? 'restart' : n % 20 === 9 ? 'long' : (JOINS[n % 3] ?? 'before');
      const followed = await follow(LogTail, house, n + 1, join, seeded(seed * 10_000 + n));
      house = followed.house;
      gaps += followed.gaps;
      violations.push(...followed.wrong.map((each) => `seed ${seed}, run ${n}, joined "${join}": ${each}`));
    }
    violations.push(...house.reports);
  } finally {
    await house.close();
  }
  if (runs >= 10 && gaps === 0 && violations.length === 0) violations.push(`seed ${seed}: nothing was ever missing`);
  return { runs, violations, figure: `${gaps} with something to load` };
}

export const faultCase: FaultCase = {
  name: 'A log put together from lines and the lane, cut, lost and joined anywhere, is the file',
  quick: 10,
  long: 1_000,
  deadline_ms: 1_200_000,
  run,
  guards: [
    // The first is the quick share's: without it the difference is seen at once, not after a wait.
    {
      name: 'a new stretch after what is missing',
      file: 'src/logview/log_lane.ts',
      find: 'if (offset !== this.#fed && !this.#begin(offset, line))',
      replace: 'if (this.#stretches.length === 0 && !this.#begin(offset, line))',
    },
    {
      name: 'going on from its own offset',
      file: 'src/state/log_tail.svelte.ts',
      find: 'return this.book.lane_end;',
      replace: 'return 0;',
    },
    {
      name: 'no line whose beginning is not here',
      file: 'src/logview/lane_stretch.ts',
      find: 'this.#fresh = whole;\n    this.#inside = !whole;\n    this.#first = whole ? line : line + 1;',
      replace: 'this.#fresh = true;\n    this.#inside = false;\n    this.#first = line;',
    },
    {
      name: 'no line whose end is elsewhere',
      file: 'src/logview/lane_stretch.ts',
      find: 'if (n === this.last && !this.#fresh && !newest) return null;',
      replace: '',
    },
    {
      name: 'an escape sequence cut by the border of two blocks',
      file: 'src/logview/lane_stretch.ts',
      find: 'this.#carry = all.slice(whole);',
      replace: "this.#carry = '';",
    },
  ],
  red_runs: 30,
};

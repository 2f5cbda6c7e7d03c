/**
 * The log of a run as the page puts it together, with the page's own code: HTTP ranges, the live lane, and "Load" pressed on whatever row says
 * that something is missing. Output is cut anywhere, inside characters and escape sequences too; the page joins before the run exists, while
 * it writes, after its end, and goes on over a restart of the server; chunks are lost on the way. Every row must be the one the file has,
 * with the colours it has, and the file's sha256 the one its close gave.
 */
import { hash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { RunId } from '../../../src/shared/protocol/ids.ts';
import { Api, type ByteRange } from '../../../src/transport/api.ts';
import { LiveFeed, type FeedListener } from '../../../src/transport/live_feed.ts';
import { LiveSocket } from '../../../src/transport/live_socket.ts';
import type { LogWatcher } from '../../../src/transport/log_watches.ts';
import { makeLink } from '../../../src/transport/reconnecting_link.ts';
import { LogDocument, type Gap } from '../../../src/logview/log_document.ts';
import { seeded, type FaultCase, type Found } from '../kit/case.ts';
import { DeliveryHouse, PROJECT } from '../kit/delivery_house.ts';
import { importRunes } from '../kit/delivery_runes.ts';
import { Facts } from '../kit/facts.ts';
import { Proxy } from '../kit/proxy.ts';

type Random = ReturnType<typeof seeded>;
const JOINS = ['before', 'during', 'after', 'restart', 'long'] as const;
type Join = (typeof JOINS)[number];
const WRITES_MOST = 40;
/** More than the page reads from the end of a log that is there already, by more than it loads at a time. */
const LONG_BYTES = 6.6 * 1024 * 1024;
const DEADLINE_MS = 10_000;
const LOADS_MOST = 100;

/** The part of the page's class that is used here; what its runes are typed with is not known to the server's type check. */
interface Tail extends LogWatcher {
  readonly document: LogDocument;
  readonly ended: boolean;
  readonly problem: string;
  open(): Promise<void>;
  close(): void;
  load(gap: Gap): Promise<void>;
}
type TailMaker = new (
  run_id: number,
  deps: {
    watch(run_id: number, watcher: LogWatcher): () => void;
    rewatch(run_id: number): void;
    size(run_id: number): Promise<number | null>;
    bytes(run_id: number, range: ByteRange): Promise<Uint8Array>;
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
    // Where a row too long breaks depends on where the reading began.
    const whole = line > 2_000 ? Buffer.concat([part, Buffer.from('\n')]) : part;
    if (whole !== part) line = 0;
    // A long log is long by its lines.
    parts.push(least_bytes > 100_000 && line === 0 ? Buffer.from(`${'🚦'.repeat(60)}\n`) : whole);
    bytes += parts.at(-1)?.length ?? 0;
  } while (bytes < least_bytes);
  return Buffer.concat(parts);
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
    const names = ['snapshot', 'events', 'caughtUp', 'catchingUp', 'hello', 'anotherHistory', 'heard', 'position'] as const;
    const more = ['newVersion', 'connecting', 'opened', 'waiting', 'stopped', 'defect', 'complained'] as const;
    const listener = Object.fromEntries([...names, ...more].map((name) => [name, nothing])) as unknown as FeedListener;
    const feed = new LiveFeed(listener, () => performance.now());
    this.#socket = new LiveSocket(`ws://127.0.0.1:${proxy.port}/events`, feed, { now: () => performance.now(), make: makeLink });
    feed.attach(this.#socket);
    const api = new Api(
      () => '',
      (path, init) => fetch(`${house().url}${path}`, init),
    );
    this.tail = new make(run_id, {
      watch: (id, watcher) => feed.watch(id, watcher),
      rewatch: (id) => feed.rewatch(id),
      size: (id) => api.logSize(id),
      bytes: (id, range) => api.logBytes(id, range),
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

  /** Presses "Load" on every row that offers it. */
  async loadAll(): Promise<void> {
    for (let i = 0; i < LOADS_MOST; i++) {
      const gap = this.gap();
      if (gap === null) return;
      await this.tail.load(gap);
    }
    throw new Error(`${LOADS_MOST} loads were not enough`);
  }

  gap(): Gap | null {
    const { document } = this.tail;
    for (let i = 0; i < document.rows; i++) {
      const row = document.row(i);
      if (row.type === 'gap') return row.gap;
    }
    return null;
  }

  async close(): Promise<void> {
    this.tail.close();
    this.#socket.stop();
    await this.proxy.close();
  }
}

/** The next chunks on the page's link are lost. */
function lose(page: Page, chunks: number): void {
  const link = page.proxy.links.at(-1);
  const next = (left: number): void => {
    if (left > 0) void link?.dropFrame((text) => text.includes('"type":"chunk"')).then(() => next(left - 1));
  };
  next(chunks);
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
  const content = output(random, join === 'long' ? LONG_BYTES : random.below(20_000));
  const wrong: string[] = [];
  try {
    if (join === 'before') await page.tail.open();
    const log = await house.logs.create({ run_id: RunId.parse(run_id), project: PROJECT, type: 'gate' }, []);
    const cuts = Array.from({ length: 1 + random.below(WRITES_MOST) }, () => random.below(content.length + 1)).toSorted((a, b) => a - b);
    const joinAt = random.below(cuts.length);
    let at = 0;
    for (const [i, cut] of [...cuts, content.length].entries()) {
      if (i === joinAt && (join === 'during' || join === 'restart')) await page.tail.open();
      if (i === joinAt) lose(page, random.below(4));
      log.write(content.subarray(at, cut));
      at = cut;
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
    await page.facts.until(`the end, at ${page.tail.document.end} of ${closed.bytes}`, () => page.tail.ended, DEADLINE_MS);
    const gap = page.gap();
    await page.loadAll();
    const file = Buffer.from(await (await fetch(`${house.url}/api/v1/runs/${run_id}/log`)).arrayBuffer());
    if (hash('sha256', file) !== closed.sha256) wrong.push('the file is not the one its sha256 was given of');
    if (!content.subarray(0, file.length).equals(file) || (join !== 'restart' && file.length !== content.length))
      wrong.push('the file is not what was written');
    const whole = new LogDocument(0);
    whole.append({ offset: 0, bytes: file.length, text: new TextDecoder('utf-8', { ignoreBOM: true }).decode(file) });
    wrong.push(...differences(page.tail.document, whole));
    if (page.tail.problem !== '') wrong.push(page.tail.problem);
    return { house, wrong, gaps: gap === null ? 0 : 1 };
  } catch (error) {
    return { house, wrong: [...wrong, String(error)], gaps: 0 };
  } finally {
    await page.close();
  }
}

function differences(shown: LogDocument, file: LogDocument): string[] {
  if (shown.rows !== file.rows) return [`the page has ${shown.rows} rows, and the file ${file.rows}`];
  for (let i = 0; i < file.rows; i++)
    if (!isDeepStrictEqual(shown.row(i), file.row(i)))
      return [`row ${i} of ${file.rows} is ${JSON.stringify(shown.row(i))} and not ${JSON.stringify(file.row(i))}`];
  return [];
}

async function run({ runs, seed }: { runs: number; seed: number }): Promise<Found> {
  importRunes();
  const { LogTail } = (await import(new URL('../../../src/state/log_tail.svelte.ts', import.meta.url).href)) as { LogTail: TailMaker };
  const violations: string[] = [];
  let house = await DeliveryHouse.open({ anyHost: true });
  let gaps = 0;
  try {
    for (let n = 0; n < runs; n++) {
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
  if (runs >= 10 && gaps === 0) violations.push(`seed ${seed}: nothing was ever missing`);
  return { runs, violations, figure: `${gaps} with something to load` };
}

export const faultCase: FaultCase = {
  name: 'A log put together from ranges and the lane, cut, lost and joined anywhere, is the file',
  quick: 10,
  long: 1_000,
  deadline_ms: 1_200_000,
  run,
  guards: [
    {
      name: 'the row for what is missing',
      file: 'src/logview/log_document.ts',
      find: 'this.skipTo(offset);',
      replace: '',
    },
    {
      name: 'loading from the beginning of a character',
      file: 'src/state/log_tail.svelte.ts',
      find: 'characterStart(bytes)',
      replace: '0',
    },
    {
      name: 'the colours of what was overwritten',
      file: 'src/logview/text_piece.ts',
      find: 'this.#openStart = applied(over.then, this.#openStart);',
      replace: '',
    },
    {
      name: 'going on from its own offset',
      file: 'src/state/log_tail.svelte.ts',
      find: 'return this.#document.end;',
      replace: 'return 0;',
    },
  ],
  red_runs: 30,
};

import { rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { systemClock } from '../clock.ts';
import { Failure } from '../failure.ts';
import { LogMarks, SURVEY_EVERY_MS } from './log_marks.ts';
import { meta, openFixture } from './log_store_fixture.ts';
import type { LogJobs } from './worker/jobs.ts';
import { survey, type SurveyJob } from './worker/survey.ts';
import { openWorkers } from './worker/workers.ts';

const RED = 'building\nsrc/a.ts(3,5): error TS2322: no lamp\n';

/** The one being written too. */
const linesIn = (text: string): number => text.split('\n').length - (text.endsWith('\n') ? 1 : 0);

/** One log in a temp folder, time moved by hand, surveys done here and written down. */
async function openScene() {
  const folder = await mkdtemp(join(tmpdir(), 'marks-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'log');
  const log = { text: '', closed: false };
  const asked: SurveyJob['ask'][] = [];
  const sleepers: { at: number; then: () => void }[] = [];
  let now = 0;
  let wall = 0;
  const scene = {
    asked,
    reports: [] as string[],
    marks_path: join(folder, 'marks'),
    /** Thrown by the next survey. */
    fail: null as Error | null,
    /** Called while a survey reads. */
    onread: () => {},
    /** Awaited by each survey. */
    hold: Promise.resolve(),
    async write(text: string) {
      log.text += text;
      await writeFile(path, log.text);
      scene.marks.changed(1, false);
    },
    close() {
      log.closed = true;
      scene.marks.changed(1, true);
    },
    /** Of a log that nobody has told of. */
    async old(text: string) {
      Object.assign(log, { text, closed: true });
      await writeFile(path, text);
    },
    pass(ms: number) {
      now += ms;
      for (const sleeper of sleepers.splice(0))
        if (sleeper.at <= now) sleeper.then();
        else sleepers.push(sleeper);
    },
    /** The wall clock is set, and no time passes. @param by ms, below 0 for back. */
    setClock(by: number) {
      wall += by;
    },
    waiting: () => sleepers.length,
    marks: undefined as unknown as LogMarks,
    anew: () => (scene.marks = open()),
  };
  const open = (): LogMarks =>
    new LogMarks({
      source: async (run_id) =>
        run_id === 1
          ? {
              run_id,
              bytes: Buffer.byteLength(log.text),
              lines: linesIn(log.text),
              closed: log.closed,
              index_path: '',
              chunks: 0,
              type: 'plain',
              path,
            }
          : null,
      marksPath: () => scene.marks_path,
      report: (message) => void scene.reports.push(message),
      clock: {
        now: () => now + wall,
        steady: () => now,
        wakeAt: () => () => undefined,
        after(ms, then) {
          const sleeper = { at: now + ms, then };
          sleepers.push(sleeper);
          return () => void (sleepers.includes(sleeper) && sleepers.splice(sleepers.indexOf(sleeper), 1));
        },
      },
      workers: {
        async run(_kind, ask) {
          asked.push(ask);
          await scene.hold;
          const error = scene.fail;
          scene.fail = null;
          if (error !== null) throw error;
          return await survey(ask, {
            cancelled: () => (scene.onread(), false),
            tell: () => {},
            guarded: (work) => work(() => {}),
          });
        },
      },
    });
  scene.marks = open();
  return scene;
}

const surveyed = async (scene: Awaited<ReturnType<typeof openScene>>, bytes: number): Promise<void> =>
  await vi.waitFor(async () => expect(await scene.marks.marks(1)).toMatchObject({ surveyed: bytes }));

test('a log is surveyed as it grows, on from where it was, to its end at close', async () => {
  const scene = await openScene();
  await scene.write(`${RED}::group::a\nhalf a l`);
  expect(await scene.marks.marks(1)).toEqual({
    bytes: 65,
    lines: 4,
    closed: false,
    surveyed: 0,
    errors: { count: 0, items: [] },
    sections: [],
  });
  scene.pass(SURVEY_EVERY_MS);
  await surveyed(scene, 57);
  expect(await scene.marks.marks(1)).toMatchObject({
    bytes: 65,
    lines: 4,
    errors: { count: 1, items: [{ n: 2, offset: 9, kind: 'compiler' }] },
    sections: [{ from: 3, to: null, title: 'a', depth: 0 }],
  });
  await scene.write('ine\nError: no oil');
  scene.close();
  const all = await scene.marks.marks(1);
  expect(all).toEqual({
    bytes: 82,
    lines: 5,
    closed: true,
    surveyed: 82,
    errors: {
      count: 2,
      items: [
        { n: 2, offset: 9, kind: 'compiler' },
        { n: 5, offset: 69, kind: 'exception' },
      ],
    },
    sections: [{ from: 3, to: 5, title: 'a', depth: 0 }],
  });
  expect(scene.asked.map(({ from }) => from?.place.offset ?? null)).toEqual([null, 57, null]);
  expect(scene.reports).toEqual([]);
});

test('at most once in a while, and not twice at once', async () => {
  const scene = await openScene();
  let free = (): void => undefined;
  scene.hold = new Promise((resolve) => (free = resolve));
  for (let n = 0; n < 5; n++) await scene.write('working\n');
  scene.pass(SURVEY_EVERY_MS - 1);
  expect([scene.asked.length, scene.waiting()]).toEqual([0, 1]);
  scene.pass(1);
  await vi.waitFor(() => expect(scene.asked).toHaveLength(1));
  await scene.write('working\n');
  scene.pass(10 * SURVEY_EVERY_MS);
  expect([scene.asked.length, scene.waiting()]).toEqual([1, 0]);
  free();
  // What came meanwhile waits for its turn.
  await vi.waitFor(() => expect(scene.waiting()).toBe(1));
  // Three times what the first took.
  scene.pass(30 * SURVEY_EVERY_MS - 1);
  expect([scene.asked.length, scene.waiting()]).toEqual([1, 1]);
  scene.pass(1);
  await surveyed(scene, 48);
  expect(scene.asked).toHaveLength(2);
});

test('as often when the wall clock is set back meanwhile', async () => {
  const scene = await openScene();
  await scene.write('working\n');
  scene.setClock(-60_000);
  scene.pass(SURVEY_EVERY_MS);
  await surveyed(scene, 8);
  scene.setClock(-60_000);
  await scene.write('working\n');
  scene.pass(SURVEY_EVERY_MS);
  await surveyed(scene, 16);
});

test('as often when the wall clock is set forward while it is surveyed', async () => {
  const scene = await openScene();
  const held = Promise.withResolvers<void>();
  scene.hold = held.promise;
  await scene.write('working\n');
  scene.pass(SURVEY_EVERY_MS);
  await vi.waitFor(() => expect(scene.asked).toHaveLength(1));
  scene.setClock(3_600_000);
  held.resolve();
  await surveyed(scene, 8);
  await scene.write('working\n');
  await vi.waitFor(() => expect(scene.waiting()).toBe(1));
  scene.pass(SURVEY_EVERY_MS);
  await surveyed(scene, 16);
});

test('an old log is surveyed when it is first asked for, and read from the file after that', async () => {
  const scene = await openScene();
  await scene.old(RED);
  const first = await scene.marks.marks(1);
  expect(first).toMatchObject({ lines: 2, surveyed: 46, errors: { count: 1, items: [{ n: 2, offset: 9, kind: 'compiler' }] } });
  await rm(scene.marks_path.replace(/marks$/, 'log'));
  scene.anew();
  expect(await scene.marks.marks(1)).toEqual(first);
  expect(await scene.marks.marks(2)).toBeNull();
});

test.each([
  ['torn', (text: string) => text.slice(0, -5)],
  ['of another version', (text: string) => text.replace(/"version":\d+/, '"version":0')],
  ['of other forms', (text: string) => text.replace(/"forms":\d+/, '"forms":1')],
  ['of another size', (text: string) => text.replace(/"bytes":\d+/, '"bytes":1')],
])('a file that is %s is made anew', async (_what, spoil) => {
  const scene = await openScene();
  await scene.old(RED);
  const first = await scene.marks.marks(1);
  const whole = await readFile(scene.marks_path, 'utf8');
  await writeFile(scene.marks_path, spoil(whole).replace('"count":1', '"count":7'));
  expect(await scene.marks.marks(1)).toEqual(first);
  expect(await readFile(scene.marks_path, 'utf8')).toBe(whole);
});

test('who asks at the same time gets the same survey', async () => {
  const scene = await openScene();
  await scene.old(RED);
  const [one, other] = await Promise.all([scene.marks.marks(1), scene.marks.marks(1)]);
  expect(one).toBe(other);
  expect(scene.asked).toHaveLength(1);
});

test('a survey that fails is told and goes on with the next change; one that found no place waits for its next turn', async () => {
  const scene = await openScene();
  scene.fail = new Error('no thread');
  await scene.write(RED);
  scene.pass(SURVEY_EVERY_MS);
  await vi.waitFor(() => expect(scene.reports).toEqual(['the log of run 1 could not be surveyed for errors']));
  scene.fail = new Failure('too_many', 'Several.');
  await scene.write('working\n');
  scene.pass(SURVEY_EVERY_MS);
  await vi.waitFor(() => expect([scene.asked.length, scene.waiting()]).toEqual([2, 1]));
  scene.fail = new Error('no thread');
  scene.close();
  expect(await scene.marks.marks(1)).toMatchObject({ surveyed: 54, errors: { count: 1 } });
  expect(scene.reports).toHaveLength(2);
});

test('a survey leaves nothing behind of a log that is deleted under it', async () => {
  const scene = await openScene();
  await scene.old(RED);
  const folder = dirname(scene.marks_path);
  const deleted = { at_ms: 1, why: 'Log deleted.', bytes: RED.length, sha256: 'ab' };
  scene.onread = () => {
    writeFileSync(join(folder, 'deleted.json'), JSON.stringify(deleted));
    rmSync(join(folder, 'log'), { force: true });
  };
  expect(await scene.marks.marks(1)).toMatchObject({ errors: { count: 1 } });
  expect(await readdir(folder)).toEqual(['deleted.json']);
});

test('nothing is surveyed after close', async () => {
  const scene = await openScene();
  await scene.write(RED);
  scene.marks.close();
  scene.marks.close();
  scene.marks.changed(1, true);
  scene.pass(SURVEY_EVERY_MS);
  expect([scene.asked.length, scene.waiting()]).toEqual([0, 0]);
});

test('the store does it in a thread of its own', async () => {
  const fixture = await openFixture();
  onTestFinished(() => fixture.cleanUp());
  const store = await fixture.open({ workers: openWorkers<LogJobs>(systemClock, new URL('./worker/thread.ts', import.meta.url)) });
  const log = await store.create(meta(1), []);
  log.write(Buffer.from(RED));
  await vi.waitFor(async () => expect(await store.marks(1)).toMatchObject({ closed: false, surveyed: 46, errors: { count: 1 } }), 5_000);
  await log.close();
  expect(await store.marks(1)).toMatchObject({ closed: true, errors: { items: [{ n: 2, offset: 9, kind: 'compiler' }] } });
  expect(await store.marks(2)).toBeNull();
});

/** Bad input of every kind against the real server: a clear error each time, and nothing lost. */
import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { Line } from './support/line.ts';
import { Signalbox } from './support/signalbox.ts';

const MAIN = fileURLToPath(new URL('../server/main.ts', import.meta.url));
const DEADLINE_MS = 60_000;

let undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of undo) await step();
  undo = [];
}, DEADLINE_MS);

async function line(change: (yaml: string) => string = (yaml) => yaml): Promise<Line> {
  const made = await Line.make();
  undo.push(() => made.remove());
  await writeFile(made.config, change(await readFile(made.config, 'utf8')));
  return made;
}

async function serving(over: Line): Promise<Signalbox> {
  const server = await new Signalbox(over).start();
  undo.unshift(() => server.stop());
  return server;
}

/** Starts the server on a config it must refuse. */
function refused(over: Line): { code: number | null; said: string } {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [MAIN, 'serve', '--config', over.config, '--data', over.data, '--port', '0'],
    { encoding: 'utf8', timeout: 20_000 },
  );
  return { code: status, said: stdout + stderr };
}

async function until(
  server: Signalbox,
  kind: string,
  which: (event: Record<string, unknown>) => boolean = () => true,
): Promise<Record<string, unknown>> {
  return vi.waitFor(
    async () => {
      const found = (await server.events(kind)).find(which);
      if (found === undefined) throw new Error(`no ${kind} yet`);
      return found;
    },
    { timeout: 40_000, interval: 50 },
  );
}

describe('config', () => {
  test.each([
    ['broken YAML', (yaml: string) => yaml.replace('tiers:', 'tiers: ['), /signalbox\.yaml:\d+:\d+/],
    [
      'an unknown key, with the nearest known one',
      (yaml: string) => yaml.replace('branch: main', 'brnach: main'),
      /signalbox\.yaml:\d+:\d+[^]*brnach[^]*branch/,
    ],
    ['a duplicate tier', (yaml: string) => yaml.replace('- id: production', '- id: staging'), /signalbox\.yaml:\d+:\d+[^]*staging/],
    ['a missing repository', (yaml: string) => yaml.replace('./app.git', './nowhere.git'), /nowhere\.git/],
    [
      'a gate of no kind',
      (yaml: string) => yaml.replace('kind: manual_confirm', 'kind: manual_confrim'),
      /signalbox\.yaml:\d+:\d+[^]*manual_confirm/,
    ],
  ])(
    '%s is refused before anything starts',
    async (_, change, sentence) => {
      const { code, said } = refused(await line(change));
      expect(said).toMatch(sentence);
      expect(said).not.toMatch(/\n\s+at /);
      expect(code).not.toBe(0);
    },
    DEADLINE_MS,
  );

  test(
    'a branch without commits is waited for',
    async () => {
      const over = await line();
      const server = await serving(over);
      const answer = await server.command('/api/v1/projects/app/rebuild');
      expect(answer).toMatchObject({ status: 409, body: { code: 'unresolvable' } });
      await over.push();
      await until(server, 'build_ok');
    },
    DEADLINE_MS,
  );
});

describe('scripts', () => {
  test(
    'a script that is not there fails with its name, and the next push goes through',
    async () => {
      const over = await line((yaml) => yaml.replace('run: sh -e test.sh', 'run: ./no-such-script.sh'));
      const server = await serving(over);
      await over.push();
      const done = await until(server, 'gate_done', (e) => e['gate'] === 'unit_tests');
      expect(done['outcome']).toMatchObject({ status: 'failed', classification: { type: 'exit_code', code: 127 } });
      expect(JSON.stringify(done['outcome'])).toContain('no-such-script.sh');
    },
    DEADLINE_MS,
  );

  test(
    'a script that writes 200 MB is logged byte for byte',
    async () => {
      const over = await line((yaml) =>
        yaml.replace('run: sh -e test.sh', 'run: head -c 200000000 /dev/zero | tr "\\0" "x"; echo; echo end'),
      );
      const server = await serving(over);
      await over.push();
      const done = await until(server, 'gate_done', (e) => e['gate'] === 'unit_tests');
      expect(done['outcome']).toMatchObject({ status: 'passed' });
      expect((done['outcome'] as { bytes: number }).bytes).toBeGreaterThan(200_000_000);
      const tail = await fetch(`${server.url}/api/v1/runs/${String(done['run_id'])}/log`, { headers: { range: 'bytes=-5' } });
      expect(await tail.text()).toBe('\nend\n');
    },
    DEADLINE_MS,
  );

  test(
    'a script that ignores TERM is ended, its children too',
    async () => {
      const over = await line((yaml) =>
        yaml.replace('run: sh -e test.sh, timeout: 1m', `run: "trap '' TERM; sleep 300 & echo pid $!; wait; sleep 300", timeout: 1s`),
      );
      const server = await serving(over);
      await over.push();
      const done = await until(server, 'gate_done', (e) => e['gate'] === 'unit_tests');
      expect(done['outcome']).toMatchObject({ status: 'failed', classification: { type: 'timeout' } });
      const log = await (await fetch(`${server.url}/api/v1/runs/${String(done['run_id'])}/log`)).text();
      const pid = /pid (\d+)/.exec(log)?.[1] ?? '';
      expect(pid).not.toBe('');
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => 'gone');
      expect(stat === 'gone' || / Z /.test(stat)).toBe(true);
    },
    DEADLINE_MS,
  );
});

describe('requests', () => {
  test(
    'hostile names, bodies and routes get problem+json and leave no trace',
    async () => {
      const server = await serving(await line());
      const before = (await server.state()).seq_no;
      const post = (path: string, body: string, headers: Record<string, string> = {}): Promise<Response> =>
        fetch(`${server.url}${path}`, {
          method: 'POST',
          body,
          headers: {
            'content-type': 'application/json',
            'idempotency-key': crypto.randomUUID(),
            'x-signalbox-actor': 'local:Ana',
            ...headers,
          },
        });
      const cases: [Response | Promise<Response>, number][] = [
        [post('/api/v1/projects/app/rebuild', '{"sha":"--upload-pack=touch /tmp/x"}'), 422],
        [post('/api/v1/projects/app/rebuild', '{"sha":"$(id)"}'), 422],
        [post('/api/v1/projects/app/promote/--help', '{}'), 404],
        [post('/api/v1/projects/app/promote/..%2f..%2fetc', '{}'), 404],
        [post('/api/v1/projects/app/promote/%00', '{}'), 404],
        [post('/api/v1/projects/app/confirm/staging', 'not json'), 400],
        [post('/api/v1/projects/app/confirm/staging', '{"decison":"confirm"}'), 422],
        [post('/api/v1/projects/app/confirm/staging', `{"comment":"${'x'.repeat(100_000)}"}`), 413],
        [post('/api/v1/projects/app/confirm/staging', '{}', { 'content-type': 'text/plain' }), 415],
        [post('/api/v1/projects/app/confirm/staging', '{}', { 'idempotency-key': '' }), 400],
        [post('/api/v1/projects/nope/rebuild', '{}'), 404],
        [post('/api/v1/runs/99999/cancel', '{}'), 404],
        [fetch(`${server.url}/api/v1/nowhere`), 404],
        [fetch(`${server.url}/api/v1/runs/abc`), 404],
        [fetch(`${server.url}/assets/nothing.js`), 404],
        [fetch(`${server.url}/api/v1/events?after=-1`), 422],
      ];
      for (const [asked, status] of cases) {
        const answer = await asked;
        const text = await answer.text();
        expect({ url: answer.url, status: answer.status }).toEqual({ url: answer.url, status });
        expect(answer.headers.get('content-type')).toContain('application/problem+json');
        expect(JSON.parse(text)).toMatchObject({ status, code: expect.any(String) as string, detail: expect.any(String) as string });
        expect(text).not.toMatch(/node_modules|\.ts:|\/server\//);
      }
      expect((await server.state()).seq_no).toBe(before);
    },
    DEADLINE_MS,
  );
});

test(
  'a data folder that is in use is refused in one sentence',
  async () => {
    const over = await line();
    await serving(over);
    const { code, said } = refused(over);
    expect(code).not.toBe(0);
    expect(said).toMatch(/already|another|in use/i);
    expect(said).not.toMatch(/\n\s+at /);
  },
  DEADLINE_MS,
);

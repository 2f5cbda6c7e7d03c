import { execFileSync } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AppOptions, Demo } from './port.ts';
import { run } from './program.ts';
import type { Parts } from './program.ts';
import { readServerFile, startOf, writeServerFile } from './server_file.ts';
import { ConfigError } from '../config/config.ts';
import { LogError } from '../eventlog/port.ts';

const CONFIG = `projects:
  - id: hello
    repo: ./hello.git
    build: { run: make, artifacts: [dist] }
    tiers: [{ id: host }, { id: prod }]
`;

let folder: string;
let said: string[];
let complained: string[];
let signals: EventEmitter;
let started: AppOptions[];
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'signalbox-cli-')));
  said = [];
  complained = [];
  signals = new EventEmitter();
  started = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function signalbox(argv: string[], overrides: Partial<Parts> = {}, env: NodeJS.ProcessEnv = {}): Promise<number> {
  const parts: Parts = {
    startApp: (options) => {
      started.push(options);
      return Promise.resolve(app());
    },
    prepareDemo: () => Promise.reject(new Error('no example expected')),
    signals,
    addDemoCommands: () => undefined,
    archive: () => Promise.reject(new Error('no archive expected')),
    ...overrides,
  };
  const shell = { cwd: folder, env, out: (line: string) => void said.push(line), err: (line: string) => void complained.push(line) };
  return run(argv, shell, parts);
}
const app = (overrides: object = {}) => ({
  url: 'http://127.0.0.1:1',
  port: 1,
  firstViewer: new Promise<void>(() => undefined),
  reload: () => Promise.resolve({ changes: 1 }),
  close: () => Promise.resolve(),
  ...overrides,
});
const withConfig = (text = CONFIG): void => writeFileSync(join(folder, 'signalbox.yaml'), text);
const untilServing = () => vi.waitFor(() => expect(said.join('\n')).toContain('is at http://'));
const failing = (error: Error): Partial<Parts> => ({ startApp: () => Promise.reject(error) });
const systemError = (code: string, syscall: string): Error => Object.assign(new Error(`${syscall} ${code}`), { code, syscall });

describe('serve', () => {
  it('starts the app, tells where it is and what to do next, and stops when asked', async () => {
    withConfig();
    const close = vi.fn(() => Promise.resolve());
    const ended = signalbox(['serve', '--port', '0'], { startApp: (options) => (started.push(options), Promise.resolve(app({ close }))) });
    await untilServing();
    expect(started[0]).toMatchObject({ dataDir: join(folder, '.signalbox'), host: '127.0.0.1', port: 0 });
    expect(started[0]?.loadConfig().projects).toHaveLength(1);
    expect(said.join('\n')).toContain(`Next: push to main of ${join(folder, 'hello.git')}`);
    expect(readServerFile(join(folder, '.signalbox'))).toMatchObject({ pid: process.pid, url: 'http://127.0.0.1:1' });
    signals.emit('SIGTERM');
    expect(await ended).toBe(0);
    expect(close).toHaveBeenCalledTimes(1);
    expect(said.at(-1)).toBe('Stopped.');
    expect(readServerFile(join(folder, '.signalbox'))).toBeNull();
    expect(signals.eventNames()).toEqual([]);
  });

  it('shows the example without a config, revives it and ends it', async () => {
    const demo = {
      configFile: join(folder, 'demo/signalbox.yaml'),
      start: vi.fn(() => Promise.resolve()),
      stop: vi.fn(() => Promise.resolve()),
    } satisfies Demo;
    const prepareDemo = vi.fn(() => {
      mkdirSync(join(folder, 'demo'));
      writeFileSync(demo.configFile, CONFIG);
      return Promise.resolve(demo);
    });
    const ended = signalbox(['serve', '--port', '0', '--data', 'state'], { prepareDemo });
    await untilServing();
    expect(prepareDemo).toHaveBeenCalledWith({ folder: join(folder, 'state/demo'), log: expect.any(Function) as unknown });
    expect(demo.start).toHaveBeenCalledWith({ url: 'http://127.0.0.1:1', firstViewer: expect.any(Promise) as unknown });
    expect(said.join('\n')).toContain(`Next: npm run demo:push -- --data ${join(folder, 'state')}`);
    signals.emit('SIGINT');
    expect(await ended).toBe(0);
    expect(demo.stop).toHaveBeenCalled();
  });

  it('ends the example when the app does not start', async () => {
    withConfig();
    const stop = vi.fn(() => Promise.resolve());
    const prepareDemo = () => Promise.resolve({ configFile: join(folder, 'signalbox.yaml'), start: () => Promise.resolve(), stop });
    rmSync(join(folder, 'signalbox.yaml'));
    expect(await signalbox(['serve', '--port', '0'], { prepareDemo })).toBe(1);
    expect(stop).toHaveBeenCalled();
  });

  it('takes flags before the environment before the file', async () => {
    withConfig(`server: { host: 127.0.0.4, port: 0, data: ./filedata, log_level: warn }\n${CONFIG}`);
    const stopped = async (argv: string[], env: NodeJS.ProcessEnv): Promise<AppOptions | undefined> => {
      const ended = signalbox(argv, {}, env);
      await untilServing();
      signals.emit('SIGTERM');
      await ended;
      said = [];
      return started.pop();
    };
    const env = { SIGNALBOX_HOST: '127.0.0.3', SIGNALBOX_DATA: 'envdata', SIGNALBOX_LOG_LEVEL: 'error', SIGNALBOX_PORT: '0' };
    expect(await stopped(['serve'], {})).toMatchObject({ host: '127.0.0.4', dataDir: join(folder, 'filedata'), logger: { level: 'warn' } });
    expect(await stopped(['serve'], env)).toMatchObject({
      host: '127.0.0.3',
      dataDir: join(folder, 'envdata'),
      logger: { level: 'error' },
    });
    expect(await stopped(['serve', '--host', '127.0.0.2', '--data', 'flagdata', '--log-level', 'debug'], env)).toMatchObject({
      host: '127.0.0.2',
      dataDir: join(folder, 'flagdata'),
      logger: { level: 'debug' },
    });
  });

  it('reloads on SIGHUP and tells how it went', async () => {
    withConfig();
    const reload = vi.fn(() => Promise.resolve({ changes: 2 }));
    const ended = signalbox(['serve', '--port', '0'], { startApp: () => Promise.resolve(app({ reload })) });
    await untilServing();
    signals.emit('SIGHUP');
    await vi.waitFor(() => expect(said).toContain('Read again; 2 projects have changed.'));
    reload.mockRejectedValueOnce(new ConfigError('x.yaml:1:1: bad'));
    signals.emit('SIGHUP');
    await vi.waitFor(() => expect(readServerFile(join(folder, '.signalbox'))?.reload).toMatchObject({ count: 2, ok: false }));
    expect(complained.join('\n')).toContain('the earlier one stays in force: x.yaml:1:1: bad');
    signals.emit('SIGTERM');
    expect(await ended).toBe(0);
  });

  it('reports an app that does not close cleanly', async () => {
    withConfig();
    const close = (): Promise<void> => Promise.reject(new Error('disk gone'));
    const ended = signalbox(['serve', '--port', '0'], { startApp: () => Promise.resolve(app({ close })) });
    await untilServing();
    signals.emit('SIGTERM');
    expect(await ended).toBe(1);
    expect(complained.join('\n')).toContain('disk gone');
  });
});

describe('serve does not start', () => {
  it('on a port in use, and says so before the example is prepared', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    try {
      expect(await signalbox(['serve', '--port', String(port), '--data', 'd'])).toBe(1);
      expect(complained).toEqual([
        `Port ${port} is in use by another program. Start with \`npm start -- --port ${port + 1}\`, or stop the other one.`,
      ]);
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it.each([
    [systemError('EACCES', 'listen'), /^Port 0 may not be used by you/],
    [systemError('EADDRNOTAVAIL', 'listen'), /^This machine has no address 127\.0\.0\.1/],
    [systemError('EACCES', 'mkdir'), /^The data folder .* is not writable by you/],
    [systemError('EROFS', 'access'), /^The disk of the data folder .* is read-only/],
    [systemError('ENOSPC', 'write'), /^There is no space left for the data folder/],
    [new LogError('broken', 'the anchor is ahead'), /^The event log in .* cannot be used: the anchor is ahead/],
    [new LogError('locked', 'locked'), /^Another Signalbox uses the data folder .*--data\.$/],
    [new ConfigError('x.yaml:1:1: no'), /^x\.yaml:1:1: no$/],
  ])('after %s', async (error, sentence) => {
    withConfig();
    expect(await signalbox(['serve', '--port', '0'], failing(error))).toBe(1);
    expect(complained).toEqual([expect.stringMatching(sentence)]);
  });

  it('and tells who holds the data folder', async () => {
    withConfig();
    mkdirSync(join(folder, '.signalbox'));
    const started = startOf(process.pid);
    writeServerFile(join(folder, '.signalbox'), {
      pid: process.pid,
      url: 'http://127.0.0.1:9',
      started,
      config: 'x',
      reload: { count: 0, ok: true, message: '' },
    });
    expect(await signalbox(['serve', '--port', '0'], failing(new LogError('locked', 'locked')))).toBe(1);
    expect(complained[0]).toContain(`Another Signalbox (process ${process.pid}, at http://127.0.0.1:9) uses the data folder`);
  });

  it('keeps the stack of a defect', async () => {
    withConfig();
    await expect(signalbox(['serve', '--port', '0'], failing(new TypeError('x is undefined')))).rejects.toThrow('x is undefined');
  });

  it.each([
    [['serve', '--host', '0.0.0.0'], 'does not listen on 0.0.0.0'],
    [['serve', '--port', 'http'], '`http` is not a port'],
    [['serve', '--port', '65536'], '`65536` is not a port'],
    [['serve', '--log-level', 'infos'], 'Did you mean info?'],
    [['serve', '--config', 'no.yaml'], 'there is no such file'],
    [['serve', '--prot', '1'], 'Did you mean --port?'],
    [['srve'], 'Did you mean serve?'],
  ])('with %j', async (argv, sentence) => {
    withConfig();
    expect(await signalbox(argv)).toBe(1);
    expect(complained.join('\n')).toContain(sentence);
    expect(started).toEqual([]);
  });

  it.skipIf(process.getuid?.() === 0)('in a folder that is not writable', async () => {
    withConfig();
    chmodSync(folder, 0o500);
    expect(await signalbox(['serve', '--port', '0'])).toBe(1);
    expect(complained[0]).toContain('is not writable by you');
    chmodSync(folder, 0o700);
  });
});

describe('config', () => {
  it('check tells what it read', async () => {
    withConfig();
    expect(await signalbox(['config', 'check'])).toBe(0);
    expect(said).toEqual([`${join(folder, 'signalbox.yaml')} is fine.`, '  hello: host → prod']);
    expect(await signalbox(['config', 'check', '--config', 'no.yaml'])).toBe(1);
  });
  it('check fails with the place', async () => {
    withConfig(CONFIG.replace('repo', 'rpo'));
    expect(await signalbox(['config', 'check', 'signalbox.yaml'])).toBe(1);
    expect(complained[0]).toContain('signalbox.yaml:3:5: there is no key `rpo` here');
  });
  it('schema prints a JSON Schema', async () => {
    expect(await signalbox(['config', 'schema'])).toBe(0);
    expect(JSON.parse(said.join('\n'))).toMatchObject({ title: 'signalbox.yaml' });
  });
});

describe('init', () => {
  it('writes a config that is fine, for any folder', async () => {
    for (const [name, files] of [
      ['My Project (2)', { 'package.json': '{"scripts":{"test":"x","build":"y"}}' }],
      ['42', {}],
      ['-x-', { 'package.json': 'not json' }],
    ] as const) {
      const repo = join(folder, name);
      mkdirSync(repo);
      for (const [file, text] of Object.entries(files)) writeFileSync(join(repo, file), text);
      expect(await signalbox(['init', '--', name])).toBe(0);
      expect(await signalbox(['config', 'check', '--', join(repo, 'signalbox.yaml')]), complained.join('\n')).toBe(0);
    }
    expect(readFileSync(join(folder, 'My Project (2)/signalbox.yaml'), 'utf8')).toContain('npm ci && npm run build');
  });
  it('takes the branch of the repository', async () => {
    execFileSync('git', ['init', '-q', '-b', 'trunk', folder]);
    expect(await signalbox(['init'])).toBe(0);
    expect(readFileSync(join(folder, 'signalbox.yaml'), 'utf8')).toContain('branch: trunk');
  });
  it('never writes over a file', async () => {
    withConfig('mine');
    expect(await signalbox(['init'])).toBe(1);
    expect(readFileSync(join(folder, 'signalbox.yaml'), 'utf8')).toBe('mine');
    expect(complained[0]).toContain('exists already');
  });
  it('refuses a folder that is not there', async () => {
    expect(await signalbox(['init', 'nowhere'])).toBe(1);
    expect(existsSync(join(folder, 'nowhere'))).toBe(false);
  });
});

describe('reload', () => {
  it('finds no server', async () => {
    withConfig();
    expect(await signalbox(['reload'])).toBe(1);
    expect(complained[0]).toContain(`No server runs on ${join(folder, '.signalbox')}`);
  });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from './load.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'signalbox-config-'));
  file = join(folder, 'signalbox.yaml');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const load = (text: string, env: NodeJS.ProcessEnv = {}) => {
  writeFileSync(file, text);
  return loadConfig(file, env);
};
/** The error's text without the folder, e.g. `3:5: …`. */
const problem = (text: string, env: NodeJS.ProcessEnv = {}): string => {
  try {
    load(text, env);
  } catch (error) {
    expect(error).toMatchObject({ name: 'ConfigError' });
    return String(error instanceof Error ? error.message : error).replaceAll(`${file}:`, '');
  }
  throw new Error('the config was accepted');
};

const HEAD = `projects:
  - id: hello
    repo: ./hello.git
    build: { run: npm run build, artifacts: [dist] }
`;
const withTiers = (tiers: string): string => `${HEAD}    tiers:\n${tiers}`;
const withGate = (gate: string): string =>
  withTiers(`      - id: host\n        nodes: [{ id: n1, root: ./n1 }]\n        gates:\n          - ${gate}\n`);
const MINIMAL = withTiers('      - id: host\n');

describe('a config that is accepted', () => {
  it('gets defaults, absolute paths and milliseconds', () => {
    const config = load(MINIMAL);
    expect(config).toMatchObject({ file, public_url: null, server: { host: null, port: null, data: null, log_level: null } });
    expect(config.logs).toEqual({ keep_ms: 90 * 86_400_000, keep_runs: null, keep_bytes: 20e9, compress: true });
    expect(config.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(config.projects).toEqual([
      {
        id: 'hello',
        repo: join(folder, 'hello.git'),
        branch: 'main',
        env: {},
        secrets: [],
        build: { run: 'npm run build', artifacts: ['dist'], timeout_ms: 1_200_000 },
        tiers: [{ id: 'host', auto_promote: true, canary: 'sequential', nodes: [], gates: [] }],
        keep_releases: 5,
      },
    ]);
  });

  it('may say everything', () => {
    const config = load(
      `public_url: https://box.example.org/
server: { host: 127.0.0.2, port: 8000, data: ./state, log_level: debug }
projects:
  - id: hello
    repo: git@example.org:hello.git
    branch: release/1.x
    env: { NODE_ENV: production, LEVEL: 3, FAST: true }
    secrets: [HELLO_TOKEN]
    keep_releases: 2
    build: { run: make, artifacts: [dist, package.json], timeout: 1h30m }
    tiers:
      - id: host
        gates:
          - { id: unit_tests, kind: command, run: npm test, junit: reports/*.xml, timeout: 10m }
          - { kind: boot_smoke, run: node dist/server.js, http: "http://127.0.0.1:$PORT/healthz", within: 10s }
      - id: staging
        auto_promote: true
        canary: one_then_rest
        nodes: [{ id: staging-1, root: ./nodes/staging-1, restart: ./restart.sh, health: { http: "http://127.0.0.1:4101/healthz", expect: "$VERSION" } }]
        gates:
          - { kind: http_check, http: "http://127.0.0.1:4101/", expect: ok, waivable: false }
          - { kind: burn_in, for: 30m }
          - { kind: manual_confirm }
`,
      { HELLO_TOKEN: 'x' },
    );
    expect(config).toMatchObject({
      public_url: 'https://box.example.org',
      server: { host: '127.0.0.2', port: 8000, data: join(folder, 'state'), log_level: 'debug' },
    });
    const [project] = config.projects;
    expect(project).toMatchObject({
      repo: 'git@example.org:hello.git',
      branch: 'release/1.x',
      env: { NODE_ENV: 'production', LEVEL: '3', FAST: 'true' },
      secrets: ['HELLO_TOKEN'],
      build: { timeout_ms: 5_400_000 },
    });
    expect(project?.tiers[0]?.gates).toEqual([
      { id: 'unit_tests', kind: 'command', run: 'npm test', junit: 'reports/*.xml', timeout_ms: 600_000 },
      {
        id: 'boot_smoke',
        kind: 'boot_smoke',
        run: 'node dist/server.js',
        http: 'http://127.0.0.1:$PORT/healthz',
        expect: null,
        within_ms: 10_000,
      },
    ]);
    expect(project?.tiers[1]).toEqual({
      id: 'staging',
      auto_promote: true,
      canary: 'one_then_rest',
      nodes: [
        {
          id: 'staging-1',
          root: join(folder, 'nodes/staging-1'),
          restart: './restart.sh',
          health: { http: 'http://127.0.0.1:4101/healthz', expect: '$VERSION', within_ms: 30_000 },
          timeout_ms: 600_000,
        },
      ],
      gates: [
        { id: 'http_check', kind: 'http_check', http: 'http://127.0.0.1:4101/', expect: 'ok', within_ms: 20_000 },
        { id: 'burn_in', kind: 'burn_in', for_ms: 1_800_000 },
        { id: 'manual_confirm', kind: 'manual_confirm', approvals: 1 },
      ],
    });
  });

  it('may say how long logs are kept, and that no bound holds', () => {
    expect(load(`logs: { keep_days: 30, keep_runs: 1000, keep_bytes: 500MB, compress: false }\n${MINIMAL}`).logs).toEqual({
      keep_ms: 30 * 86_400_000,
      keep_runs: 1000,
      keep_bytes: 500e6,
      compress: false,
    });
    expect(load(`logs: { keep_days: 0, keep_runs: 0, keep_bytes: 0B }\n${MINIMAL}`).logs).toMatchObject({
      keep_ms: null,
      keep_runs: null,
      keep_bytes: null,
    });
  });

  it('may use anchors', () => {
    const config = load(
      withTiers('      - id: host\n        gates: [&slow { id: a, kind: command, run: x }]\n      - id: b\n        gates: [*slow]\n'),
    );
    expect(config.projects[0]?.tiers[1]?.gates[0]).toMatchObject({ id: 'a' });
  });
});

describe('a file that cannot be read', () => {
  it('is missing', () =>
    expect(() => loadConfig(join(folder, 'no.yaml'), {})).toThrow(/no\.yaml: there is no such file.*npm run signalbox -- init/));
  it('is a folder', () => expect(() => loadConfig(folder, {})).toThrow('this is a folder'));
  it.each(['', '\n\n', '# only a comment\n', '---\n', 'null\n'])('is empty: %j', (text) =>
    expect(problem(text)).toMatch(/^1:1: the file is empty/),
  );
  it('is not YAML', () =>
    expect(problem('projects:\n  - id: "hello\n')).toMatch(/^\d:\d+: this is not proper YAML: Missing closing "quote/));
  it('holds a tab', () => expect(problem('projects:\n\t- id: a\n')).toMatch(/^2:1: this is not proper YAML: .*[Tt]ab/));
  it('has a key twice', () =>
    expect(problem(`${MINIMAL}projects: []\n`)).toMatch(/^7:1: this is not proper YAML: Map keys must be unique/));
  it('holds two documents', () => expect(problem(`${MINIMAL}---\n${MINIMAL}`)).toContain('not proper YAML'));
  it('uses a tag that means nothing here', () =>
    expect(problem('projects: !ours []\n')).toMatch(/^1:11: this is not proper YAML: Unresolved tag/));
  it('is a list', () => expect(problem('- a\n')).toBe('1:1: this must be a block of keys'));
});

describe('a problem names its place and the way out', () => {
  it.each([
    ['a size without a unit', `logs: { keep_bytes: 20 }\n${MINIMAL}`, '1:21: `keep_bytes` must be text (put it in quotes)'],
    ['a size in no unit', `logs: { keep_bytes: 20gb }\n${MINIMAL}`, '1:21: `keep_bytes`: a size is written like 500MB, 20GB or 512MiB'],
    ['days as a duration', `logs:\n  keep_days: 30d\n${MINIMAL}`, '2:14: `keep_days` must be a number'],
    ['a mistyped bound', `logs: { keep_day: 30 }\n${MINIMAL}`, '1:9: there is no key `keep_day` here; did you mean `keep_days`?'],
    [
      'more releases than are known',
      MINIMAL.replace('    tiers', '    keep_releases: 11\n    tiers'),
      '5:20: `keep_releases`: at most 10: so many releases of a tier are known, and may be rolled back to',
    ],
    ['an unknown key', MINIMAL.replace('repo:', 'rpo:'), '3:5: there is no key `rpo` here; did you mean `repo`?'],
    ['a missing key', MINIMAL.replace('    repo: ./hello.git\n', ''), '2:5: `repo` is missing'],
    ['an unknown key in a gate', withGate('{ kind: command, runn: x }'), '9:30: there is no key `runn` here; did you mean `run`?'],
    [
      'an unknown key near nothing',
      withGate('{ kind: burn_in, for: 1m, zzzzzz: x }'),
      '9:39: there is no key `zzzzzz` here; the keys are kind, id, waivable, for',
    ],
    [
      'an unknown gate kind',
      withGate('{ kind: comand, run: x }'),
      '9:21: `kind` cannot be `comand`; did you mean `command`? it is one of command, http_check, boot_smoke, burn_in, manual_confirm',
    ],
    [
      'a missing gate kind',
      withGate('{ run: x }'),
      '9:13: `kind` is missing; it is one of command, http_check, boot_smoke, burn_in, manual_confirm',
    ],
    ['burn_in without for', withGate('{ kind: burn_in }'), '9:13: `for` is missing'],
    ['a bad duration', withGate('{ kind: burn_in, for: 30min }'), '9:35: `for`: a duration is written like 30m, 20s or 1h30m'],
    ['a duration of nothing', withGate('{ kind: burn_in, for: 0s }'), '9:35: `for`: a duration is more than zero and at most 366d'],
    ['a duration without a unit', withGate('{ kind: burn_in, for: 30 }'), '9:35: `for` must be text (put it in quotes)'],
    [
      'a bad word',
      withTiers('      - id: host\n        canary: paralel\n'),
      '7:17: `canary` cannot be `paralel`; did you mean `parallel`? it is one of sequential, parallel, one_then_rest',
    ],
    [
      'a bad id',
      MINIMAL.replace('id: hello', 'id: -hello'),
      '2:9: `id`: an id is letters, digits, - and _, at most 63, and begins with a letter or digit',
    ],
    ['an id that is a number', MINIMAL.replace('id: hello', 'id: 12'), '2:9: `id` must be text (put it in quotes)'],
    ['an empty list of tiers', `${HEAD}    tiers: []\n`, '5:12: `tiers`: a project needs at least one tier'],
    [
      'a bad variable',
      MINIMAL.replace('    tiers', '    env: { A-B: x }\n    tiers'),
      '5:12: `A-B`: an environment variable is letters, digits and _',
    ],
    [
      'a bad value of a variable',
      MINIMAL.replace('    tiers', '    env: { A: 1.50 }\n    tiers'),
      '5:15: `A` must be text, a whole number, true or false',
    ],
    ['an artifact outside', MINIMAL.replace('[dist]', '[../dist]'), '4:46: a path here is relative to the workspace and stays inside it'],
    [
      'an address without http',
      withGate('{ kind: http_check, http: "127.0.0.1:80" }'),
      '9:39: `http`: an address begins with http:// or https://',
    ],
    [
      'a branch that is an option',
      MINIMAL.replace('    tiers', '    branch: --upload-pack=x\n    tiers'),
      '5:13: `branch`: a branch is letters, digits, . _ / and - as git takes them, and begins with a letter or digit',
    ],
    ['a project twice', MINIMAL + MINIMAL.replace('projects:\n', ''), '7:9: project `hello` exists already; give it another `id`'],
    ['a tier twice', withTiers('      - id: host\n      - id: host\n'), '7:13: tier `host` exists already; give it another `id`'],
    [
      'a node twice',
      withTiers('      - id: host\n        nodes: [{ id: a, root: a }, { id: a, root: b }]\n'),
      '7:43: node `a` exists already; give it another `id`',
    ],
    [
      'a gate twice',
      withGate('{ kind: burn_in, for: 1m }\n          - { kind: burn_in, for: 2m }'),
      '10:13: gate `burn_in` exists already; give it another `id`',
    ],
    [
      'a folder twice',
      withTiers('      - id: host\n        nodes: [{ id: a, root: x }, { id: b, root: ./x/ }]\n'),
      '7:52: `root` is already the folder of hello/host/a',
    ],
    [
      'two approvals',
      withGate('{ kind: manual_confirm, approvals: 2 }'),
      '9:48: 2 approvals need people who have signed in, and this version has no sign-in; use `approvals: 1`',
    ],
    [
      'http_check without nodes',
      withTiers('      - id: host\n        gates: [{ kind: http_check, http: "http://a/" }]\n'),
      '7:17: http_check asks every node of its tier, and host has none',
    ],
    [
      'a first tier that waits',
      withTiers('      - id: host\n        auto_promote: false\n'),
      '7:9: the first tier takes every build by itself; remove `auto_promote: false`',
    ],
    [
      'a backup',
      MINIMAL.replace('    tiers', '    backup: { run: x }\n    tiers'),
      '5:5: `backup`: Fetching backups is not supported by this version yet; remove the key',
    ],
    [
      'a waivable gate',
      withGate('{ kind: command, run: x, waivable: true }'),
      '9:38: `waivable`: Waiving a gate is not supported by this version yet; remove the key',
    ],
    [
      'a node over ssh',
      withTiers('      - id: host\n        nodes: [{ id: a, root: /a, host: "ssh://u@h" }]\n'),
      '7:36: `host`: Deploying to another machine over ssh is not supported by this version yet; remove the key',
    ],
    [
      'a node on a bare host',
      withTiers('      - id: host\n        nodes: [{ id: a, root: /a, host: h }]\n'),
      '7:42: `host` is ssh://user@machine; leave it out for this machine',
    ],
    [
      'a secret that is not set',
      MINIMAL.replace('    tiers', '    secrets: [A, TOKEN_B]\n    tiers'),
      '5:18: the secret `TOKEN_B` is not set; set TOKEN_B, or TOKEN_B_FILE to a file that holds it',
    ],
    [
      'a secret in env',
      MINIMAL.replace('    tiers', '    env: { A: x }\n    secrets: [A]\n    tiers'),
      '6:15: `A` is also under env; a secret does not belong in the file',
    ],
    [
      'a secret in the address of a gate',
      withGate('{ kind: http_check, http: "http://n1/?token=$A" }').replace('    tiers', '    secrets: [A]\n    tiers'),
      '10:39: `http`: `A` is a secret, and what is asked is shown to everybody; ask with it in the script of a command gate',
    ],
    [
      'a secret in what a gate expects',
      withGate('{ kind: boot_smoke, run: x, http: "http://n1/", expect: "${A}" }').replace('    tiers', '    secrets: [A]\n    tiers'),
      '10:69: `expect`: `A` is a secret, and what is asked is shown to everybody; ask with it in the script of a command gate',
    ],
    [
      'a secret in the address of a node',
      withTiers('      - id: host\n        nodes: [{ id: a, root: a, health: { http: "http://a/$A" } }]\n').replace(
        '    tiers',
        '    secrets: [A]\n    tiers',
      ),
      '8:51: `http`: `A` is a secret, and what is asked is shown to everybody; ask with it in the script of a command gate',
    ],
    [
      'a port that nobody gives to a node',
      withTiers('      - id: host\n        nodes: [{ id: a, root: a, health: { http: "http://a:$PORT/" } }]\n'),
      '7:51: `http`: only boot_smoke is given a `PORT`; write the port itself, or set it under `env`',
    ],
    [
      'a port that nobody gives to an http_check',
      withGate('{ kind: http_check, http: "http://127.0.0.1:${PORT}/" }'),
      '9:39: `http`: only boot_smoke is given a `PORT`; write the port itself, or set it under `env`',
    ],
    [
      'a variable that would be lost',
      MINIMAL.replace('    tiers', '    env: { A: x, __proto__: x }\n    tiers'),
      '5:18: `__proto__` cannot be a key',
    ],
    ['an alias of nothing', MINIMAL.replace('./hello.git', '*nope'), '3:11: there is no anchor `&nope` before this'],
    [
      'an alias in what it stands for',
      withTiers('      - &host { id: host, gates: [*host] }\n'),
      '6:35: `*host` stands in what it stands for',
    ],
    [
      'aliases without end',
      `a: &a [x]\n${['a', 'as', 'ass'].map((of) => `${of}s: &${of}s [${`*${of}, `.repeat(20)}]\n`).join('')}${MINIMAL}`,
      '4:128: the aliases of this file cannot be filled in: Excessive alias count indicates a resource exhaustion attack',
    ],
    [
      'a variable of ours',
      MINIMAL.replace('    tiers', '    env: { SHA: x }\n    tiers'),
      '5:12: `SHA` is set by Signalbox itself for every script; choose another name',
    ],
    [
      'a secret named like a variable of ours',
      MINIMAL.replace('    tiers', '    secrets: [NODE]\n    tiers'),
      '5:15: `NODE` is set by Signalbox itself for every script; choose another name',
    ],
    [
      'an address with a small variable',
      withGate('{ kind: http_check, http: "http://127.0.0.1:$port/" }'),
      '9:39: `http`: an address begins with http:// or https://',
    ],
    [
      'a bad public_url',
      `public_url: box.example.org\n${MINIMAL}`,
      '1:13: `public_url`: public_url is a full address, e.g. https://signalbox.example.org',
    ],
  ])('%s', (_, text, expected) => {
    expect(problem(text, { A: 'a', NODE: 'n' })).toBe(expected);
  });

  it('shows every problem, in the order of the file', () => {
    expect(problem(MINIMAL.replace('repo:', 'rpo:').replace('- id: host', '- di: host')).split('\n')).toEqual([
      '3:5: there is no key `rpo` here; did you mean `repo`?',
      '6:9: there is no key `di` here; did you mean `id`?',
    ]);
  });

  it('does not bury the first one', () => {
    const lines = problem(`${MINIMAL}${Array.from({ length: 14 }, (_, i) => `x${i}: 1`).join('\n')}\n`).split('\n');
    expect(lines).toHaveLength(11);
    expect(lines.at(-1)).toBe('and 4 more');
  });
});

describe('a branch', () => {
  it.each(['main', 'release/1.x', '_a/b-c', 'v1.lockstep'])('%s is accepted', (branch) => {
    expect(load(MINIMAL.replace('    tiers', `    branch: ${branch}\n    tiers`)).projects[0]?.branch).toBe(branch);
  });

  it.each(['a..b', 'a//b', 'a/', '/a', 'a.', 'a/.b', 'a.lock', 'a.lock/b', '-a', 'a b', 'a~1', 'a@{1}'])(
    '%s, which git would not take, is refused',
    (branch) => {
      expect(problem(MINIMAL.replace('    tiers', `    branch: "${branch}"\n    tiers`))).toMatch(/^5:13: `branch`: a branch is /);
    },
  );
});

it('a port may be named under env', () => {
  const text = withTiers('      - id: host\n        nodes: [{ id: a, root: a, health: { http: "http://a:$PORT/" } }]\n');
  expect(load(text.replace('    tiers', '    env: { PORT: 4101 }\n    tiers')).projects[0]?.tiers[0]?.nodes[0]?.health?.http).toBe(
    'http://a:$PORT/',
  );
});

describe('retry_interrupted', () => {
  it('is left out for none, and goes with builds and gates that run something', () => {
    const config = load(`projects:
  - id: hello
    repo: ./hello.git
    build: { run: make, artifacts: [dist], retry_interrupted: 2 }
    tiers:
      - id: host
        nodes: [{ id: n1, root: ./n1 }]
        gates:
          - { id: unit_tests, kind: command, run: npm test, retry_interrupted: 1 }
          - { kind: boot_smoke, run: node dist/server.js, http: "http://127.0.0.1:$PORT/", retry_interrupted: 2 }
          - { kind: http_check, http: "http://127.0.0.1:4101/", retry_interrupted: 0 }
`);
    const [project] = config.projects;
    expect(project?.build).toMatchObject({ retry_interrupted: 2 });
    const gates = project?.tiers[0]?.gates ?? [];
    expect(gates.map((gate) => ('retry_interrupted' in gate ? gate.retry_interrupted : undefined))).toEqual([1, 2, undefined]);
  });

  it.each([
    [
      '{ kind: command, run: npm test, retry_interrupted: 3 }',
      '`retry_interrupted`: at most 2: what a restart interrupts three times needs a look',
    ],
    ['{ kind: command, run: npm test, retry_interrupted: -1 }', '`retry_interrupted`:'],
    ['{ kind: command, run: npm test, retry_interrupted: yes }', '`retry_interrupted` must be'],
    ['{ kind: command, run: npm test, retry_interupted: 1 }', 'did you mean `retry_interrupted`?'],
    ['{ kind: burn_in, for: 1h, retry_interrupted: 1 }', 'there is no key `retry_interrupted` here'],
    ['{ kind: manual_confirm, retry_interrupted: 1 }', 'there is no key `retry_interrupted` here'],
  ])('%s is refused', (gate, message) => {
    expect(problem(withGate(gate))).toContain(message);
  });

  it('is no key of a node: a deploy is never repeated by itself', () => {
    expect(problem(withTiers('      - id: host\n        nodes: [{ id: n1, root: ./n1, retry_interrupted: 1 }]\n'))).toContain(
      'there is no key `retry_interrupted` here',
    );
  });
});

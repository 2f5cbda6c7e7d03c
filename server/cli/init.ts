/** `signalbox init`: a commented config for the repository at hand. Never writes over a file. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { Sorry } from './port.ts';
import type { Shell } from './port.ts';
import { CONFIG_NAME } from '../config/find.ts';

/** @param folder of the repository, relative to the shell's. @throws Sorry when there is a config already, or no folder. */
export function init(folder: string, shell: Shell): void {
  const root = resolve(shell.cwd, folder);
  if (!existsSync(root)) throw new Sorry(`There is no folder ${root}.`);
  const file = join(root, CONFIG_NAME);
  const text = template(root);
  try {
    writeFileSync(file, text, { flag: 'wx' });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') {
      throw new Sorry(`${file} exists already and is left as it is. \`npm run signalbox -- config check\` reads it.`, { cause: error });
    }
    throw new Sorry(`${file} cannot be written: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  shell.out(`Wrote ${file}`);
  shell.out('Next: look through it, keep .signalbox/ out of git, then');
  shell.out(`  npm start -- --config ${file}`);
}

function template(root: string): string {
  const scripts = npmScripts(root);
  const build = scripts.includes('build') ? 'npm ci && npm run build' : scripts.length > 0 ? 'npm ci' : 'make';
  const test = scripts.includes('test') ? 'npm test' : 'make test';
  return `# What Signalbox builds, checks and deploys. Paths are relative to this file; durations are written like 20s, 30m, 1h30m.
#   npm run signalbox -- config check     tells of mistakes, with their lines
#   npm run signalbox -- config schema    prints a JSON Schema for your editor
projects:
  - id: ${idFrom(basename(root))}
    repo: ${quoted(gitRoot(root) ?? '.')}  # a folder or a URL git understands
    branch: ${branchOf(root)}  # a push to it starts a build
    # env: { NODE_ENV: production }    # environment of every script
    # secrets: [API_TOKEN]             # from the server's environment or API_TOKEN_FILE; masked in every log
    build:
      run: ${build}
      artifacts: [${scripts.length > 0 ? 'package.json' : 'build'}]  # files and folders that make the release
      timeout: 20m
    tiers:
      # The first tier takes every build. Its gates run one after another, in this order.
      - id: host
        gates:
          - { id: unit_tests, kind: command, run: ${test}, timeout: 10m }
          # - { kind: boot_smoke, run: node server.js, http: "http://127.0.0.1:$PORT/healthz", within: 10s }

      # Further tiers have nodes: folders that get the release, a link \`current\` and a restart.
      # - id: staging
      #   auto_promote: true           # enters by itself as soon as the tier before is satisfied
      #   nodes:
      #     - id: staging-1
      #       root: ./nodes/staging-1
      #       restart: ./restart.sh
      #       health: { http: "http://127.0.0.1:4101/healthz", expect: "$VERSION" }
      #   gates:
      #     - { kind: burn_in, for: 30m }
      #     - { kind: manual_confirm }
`;
}

/** Ids are letters, digits, - and _. */
function idFrom(name: string): string {
  const id = name
    .replaceAll(/[^A-Za-z0-9_-]+/g, '-')
    .replaceAll(/^[^A-Za-z0-9]+|-+$/g, '')
    .slice(0, 63);
  return /^\d*$/.test(id) ? `project${id}` : id;
}

function quoted(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : JSON.stringify(text);
}

function git(root: string, ...argv: string[]): string | null {
  try {
    return execFileSync('git', ['-C', root, ...argv], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return null; // not a repository, or no commit yet: the defaults do
  }
}

/** Null when the folder is the root itself, or in no repository. */
function gitRoot(root: string): string | null {
  const up = git(root, 'rev-parse', '--show-cdup');
  return up === null || up === '' ? null : up;
}

function branchOf(root: string): string {
  return git(root, 'symbolic-ref', '--short', 'HEAD') ?? 'main';
}

function npmScripts(root: string): string[] {
  try {
    const parsed: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    if (typeof parsed !== 'object' || parsed === null || !('scripts' in parsed)) return [];
    return typeof parsed.scripts === 'object' && parsed.scripts !== null ? Object.keys(parsed.scripts) : [];
  } catch {
    return []; // no package.json, or a broken one: then it is not an npm project to us
  }
}

/** Small vocabulary for the runner's tests: real processes in a temp folder, waited for by facts (a line of output, a state in /proc). */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { systemClock } from '../clock.ts';
import type { RunSpec, Runner } from './port.ts';
import { parseStat } from './process_table.ts';
import { createRunner } from './runner.ts';
import type { RunnerOptions } from './runner.ts';

export interface Fixture {
  folder: string;
  reports: string[];
  runner: (over?: Partial<RunnerOptions>) => Runner;
  /** Kills what a test left behind on purpose, closes the runners, removes the folder. */
  cleanUp: () => Promise<void>;
  /** To be killed by `cleanUp`. */
  survivors: number[];
}

export async function openFixture(): Promise<Fixture> {
  const folder = await mkdtemp(join(tmpdir(), 'runner-'));
  const runners: Runner[] = [];
  const reports: string[] = [];
  const survivors: number[] = [];
  return {
    folder,
    reports,
    survivors,
    runner(over = {}) {
      const report = (message: string, detail?: unknown): void =>
        void reports.push(`${message} ${detail instanceof Error ? detail.message : ''}`.trim());
      const made = createRunner({ clock: systemClock, report, folder: join(folder, 'data'), env: process.env, grace_ms: 150, ...over });
      runners.push(made);
      return made;
    },
    async cleanUp() {
      await Promise.all(runners.map((made) => made.close()));
      for (const pid of survivors) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export interface Heard {
  text: () => string;
  /** Resolves with the first match. */
  line: (pattern: RegExp) => Promise<RegExpExecArray>;
}

/** A run spec that keeps what was written, and the ear to it. */
export function listen(cwd: string, script: string, over: Partial<RunSpec> = {}): { spec: RunSpec; heard: Heard } {
  let text = '';
  const output = (data: Buffer): void => void (text += data.toString('utf8'));
  const spec: RunSpec = {
    name: 'unit_tests',
    script,
    cwd,
    env: {},
    timeout_ms: 60_000,
    output,
    signal: new AbortController().signal,
    ...over,
  };
  return {
    spec,
    heard: {
      text: () => text,
      line: async (pattern) => {
        await expect.poll(() => pattern.exec(text), { timeout: 10_000, interval: 5 }).not.toBeNull();
        const found = pattern.exec(text);
        if (!found) throw new Error('unreachable: the poll saw it');
        return found;
      },
    },
  };
}

export async function pidIn(heard: Heard, label: string): Promise<number> {
  const found = await heard.line(new RegExp(`${label}=(\\d+)\\n`));
  return Number(found[1]);
}

/** A zombie is not alive. */
export function isAlive(pid: number): boolean {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1'))?.alive ?? false;
  } catch {
    return false;
  }
}

/**
 * A snapshot as text: one JSON value a line, the header first, the checksum of all before it last. In lines, so that printing a full state and
 * 20,000 runs is some hundred small steps with other work in between, and not one that holds the event loop.
 */
import { hash } from 'node:crypto';
import { z } from 'zod';
import type { ProjectState, Run, State } from '../../src/shared/fold/state.ts';
import { Header, type Snapshot } from './snapshot.ts';

/** About 90 kB and half a millisecond a line. */
const ROWS_A_LINE = 200;

type Rest = Omit<State, 'projects'>;
type ProjectRest = Omit<ProjectState, 'runs'>;
type Keys = Snapshot['keys'];
type Runs = Snapshot['runs'];

/** The checksum says that these are as they were printed, and the fold's version that they still mean the same: nothing is left to check. */
type Line =
  | { state: Rest }
  | { project: ProjectRest }
  /** Of the project before. */
  | { project_runs: readonly Run[] }
  | { keys: Keys }
  | { runs: Runs };

const End = z.object({ sha256: z.string() });

/** The lines without the last; each ends in a line break. Reads nothing that may change meanwhile: all of it is immutable. */
export function* linesOf(header: Header, { state, keys, runs }: Snapshot): Generator<string> {
  yield `${JSON.stringify(header)}\n`;
  for (const line of partsOf(state, keys, runs)) yield `${JSON.stringify(line)}\n`;
}

/** The last line. @param sha256 of all the lines before. */
export function endOf(sha256: string): string {
  return `${JSON.stringify({ sha256 })}\n`;
}

function* partsOf({ projects, ...rest }: State, keys: Keys, runs: Runs): Generator<Line> {
  yield { state: rest };
  for (const { runs: of_project, ...project } of projects) {
    yield { project };
    for (const project_runs of grouped(of_project)) yield { project_runs };
  }
  for (const group of grouped(keys)) yield { keys: group };
  for (const group of grouped(runs)) yield { runs: group };
}

function* grouped<T>(rows: readonly T[]): Generator<T[]> {
  for (let at = 0; at < rows.length; at += ROWS_A_LINE) yield rows.slice(at, at + ROWS_A_LINE);
}

/** @throws Error for what is no header of this format. */
export function readHeader(file: Buffer): Header {
  return Header.parse(JSON.parse(file.toString('utf8', 0, Math.max(0, file.indexOf('\n')))));
}

/** Whether it is, byte for byte, what was printed. */
export function isWhole(file: Buffer): boolean {
  const end = file.lastIndexOf('\n', -2) + 1;
  const said = End.safeParse(jsonOrNull(file.toString('utf8', end)));
  return said.success && said.data.sha256 === hash('sha256', file.subarray(0, end));
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // it broke off here
  }
}

/** @throws Error for a file that is not whole. */
export function readSnapshot(file: Buffer): Snapshot {
  const { seq_no, at_ms } = readHeader(file);
  let rest: Rest | null = null;
  let runs_of: Run[] = [];
  const projects: ProjectState[] = [];
  const keys: Keys[number][] = [];
  const runs: Runs[number][] = [];
  for (const line of bodyOf(file)) {
    if ('state' in line) rest = line.state;
    else if ('project' in line) projects.push({ ...line.project, runs: (runs_of = []) });
    else if ('project_runs' in line) runs_of.push(...line.project_runs);
    else if ('keys' in line) keys.push(...line.keys);
    else runs.push(...line.runs);
  }
  if (rest === null) throw new Error('it holds no state');
  return { seq_no, at_ms, state: { ...rest, projects }, keys, runs };
}

/** The lines between the header and the checksum. */
function* bodyOf(file: Buffer): Generator<Line> {
  const end = file.lastIndexOf('\n', -2);
  for (let at = file.indexOf('\n'); at < end;) {
    const next = file.indexOf('\n', at + 1);
    yield JSON.parse(file.toString('utf8', at + 1, next)) as Line;
    at = next;
  }
}

/**
 * Reads a JUnit report as a stream. The file comes from the code under test, so it is bounded in bytes and depth, and a document type is
 * refused: nothing but entity tricks needs one here. Counts are taken from the test cases, not from the sums, which tools get wrong.
 */
import { SaxesParser } from 'saxes';
import type { SaxesTagPlain } from 'saxes';
import { ControlCharacters, shownText } from './control_characters.ts';
import { NAME_MAX_CHARS, NAMES_MAX } from './summary.ts';

export const JUNIT_MAX_BYTES = 33_554_432;
const JUNIT_MAX_DEPTH = 64;
const MESSAGE_MAX_CHARS = 500;

/** Takes secrets out of a text. */
type Masked = (text: string) => string;

export interface JUnitSummary {
  passed: number;
  failed: number;
  skipped: number;
  /** The first failed tests, at most `NAMES_MAX`. */
  failures: readonly { name: string; message: string | null }[];
}

/** The report cannot be read. `message` is a sentence without the file's name. */
export class JUnitError extends Error {
  override readonly name = 'JUnitError';
}

/** @param masked what the names and messages go through, before they are cut. @throws JUnitError when it is not JUnit XML, has a document type or an unknown entity, or is beyond the bounds. */
export async function readJunit(stream: AsyncIterable<Uint8Array | string>, masked: Masked = (text) => text): Promise<JUnitSummary> {
  const reader = new Reader(masked);
  const decoder = new TextDecoder('utf-8');
  let bytes = 0;
  for await (const data of stream) {
    bytes += data.length;
    if (bytes > JUNIT_MAX_BYTES) throw new JUnitError(`The report is larger than ${JUNIT_MAX_BYTES / 1_048_576} MiB.`);
    reader.write(typeof data === 'string' ? data : decoder.decode(data, { stream: true }));
  }
  reader.write(decoder.decode());
  return reader.end();
}

/** One run may write several reports. */
export function mergeJunit(reports: readonly JUnitSummary[]): JUnitSummary {
  const sum = (of: (report: JUnitSummary) => number): number => reports.reduce((all, report) => all + of(report), 0);
  return {
    passed: sum((report) => report.passed),
    failed: sum((report) => report.failed),
    skipped: sum((report) => report.skipped),
    failures: reports.flatMap((report) => report.failures).slice(0, NAMES_MAX),
  };
}

interface Case {
  name: string;
  status: 'passed' | 'failed' | 'skipped';
  message: string | null;
}

class Reader {
  readonly #parser = new SaxesParser<{ position: false; xmlns: false }>({ position: false, xmlns: false });
  readonly #counts = { passed: 0, failed: 0, skipped: 0 };
  readonly #failures: { name: string; message: string | null }[] = [];
  readonly #masked: Masked;
  readonly #controls = new ControlCharacters();
  #depth = 0;
  #case: Case | null = null;
  /** Inside a failure without a message of its own: its text is taken. */
  #wants_text = false;

  constructor(masked: Masked) {
    this.#masked = masked;
    this.#parser.on('error', (error) => refuse(`The report is not well-formed XML: ${error.message.trim()}`));
    this.#parser.on('doctype', () => refuse('The report has a document type, which is not accepted.'));
    this.#parser.on('opentag', (tag) => this.#open(tag));
    this.#parser.on('text', (text) => this.#text(text));
    this.#parser.on('cdata', (text) => this.#text(text));
    this.#parser.on('closetag', (tag) => this.#close(tag));
  }

  write(text: string): void {
    this.#parser.write(this.#controls.carried(text));
  }

  end(): JUnitSummary {
    this.#parser.write(this.#controls.end());
    this.#parser.close();
    return { ...this.#counts, failures: this.#failures };
  }

  #open({ name, attributes }: SaxesTagPlain): void {
    if (this.#depth === 0 && name !== 'testsuites' && name !== 'testsuite') refuse(`The report is not JUnit: it begins with <${name}>.`);
    if (++this.#depth > JUNIT_MAX_DEPTH) refuse(`The report is nested deeper than ${JUNIT_MAX_DEPTH} levels.`);
    if (name === 'testcase') this.#case = { name: caseName(attributes), status: 'passed', message: null };
    if (!this.#case) return;
    if (name === 'skipped' && this.#case.status === 'passed') this.#case.status = 'skipped';
    if (name !== 'failure' && name !== 'error') return;
    this.#case.status = 'failed';
    this.#case.message ??= firstLine(attributes.message ?? '');
    this.#wants_text = this.#case.message === null;
  }

  #text(text: string): void {
    if (this.#wants_text && this.#case) this.#case.message ??= firstLine(text);
  }

  #close({ name }: SaxesTagPlain): void {
    this.#depth--;
    this.#wants_text = false;
    if (name !== 'testcase' || !this.#case) return;
    const { status } = this.#case;
    this.#counts[status]++;
    if (status === 'failed' && this.#failures.length < NAMES_MAX) this.#failures.push(this.#told(this.#case));
    this.#case = null;
  }

  #told({ name, message }: Case): { name: string; message: string | null } {
    return {
      name: this.#masked(shownText(name)).slice(0, NAME_MAX_CHARS),
      message: message === null ? null : this.#masked(shownText(message)).slice(0, MESSAGE_MAX_CHARS),
    };
  }
}

function refuse(message: string): never {
  throw new JUnitError(message);
}

/** What Node's runner writes for every test. */
const NO_CLASS = 'test';

function caseName({ classname = '', name = '' }: Record<string, string>): string {
  return classname === '' || classname === NO_CLASS || name.startsWith(classname) ? name : `${classname} > ${name}`;
}

function firstLine(text: string): string | null {
  const line = text.split('\n').find((part) => part.trim() !== '');
  return line === undefined ? null : line.trim();
}

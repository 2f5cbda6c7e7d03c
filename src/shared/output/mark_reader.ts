/**
 * The marks of a log, read line by line: lines that look like reasons of a failure, and sections. Lines without any trigger word may be left out
 * while it is not `attentive`; the answer is the same. It can be left and taken up again between any two lines.
 *
 * A failure counts once where that can be told from neighbouring lines, else once for each line that gives a reason: `count` is of places in
 * the log, not of failures.
 */
import { ERROR_MARKS_MOST } from '../protocol/log_bounds.ts';
import { diagnosisOf, LINE_LOOKED_AT_CHARS, withoutPrefix } from './diagnosis.ts';
import type { DiagnosisForm, DiagnosisKind } from './diagnosis_forms.ts';
import { NO_SECTIONS, SectionReader, type Section, type SectionState } from './sections.ts';
import { plainLine } from './standing.ts';

export interface ErrorMark {
  n: number;
  /** Byte offset of the line. */
  offset: number;
  kind: DiagnosisKind;
}

const TRACEBACK = 'Traceback (most recent call last):';
/** Frames of a traceback that are waited through for its last line. */
const FRAME_LINES_MOST = 1_000;

/** Plain data: where reading stands between two lines. */
export interface MarkState {
  count: number;
  /** The last line that was a reason. */
  last: { n: number; kind: DiagnosisKind; heading: boolean; run: boolean } | null;
  /** Inside of a traceback: how far it is indented, and lines still waited for. */
  traceback: { indent: number; left: number } | null;
  sections: SectionState;
}

export const NO_MARKS: MarkState = { count: 0, last: null, traceback: null, sections: NO_SECTIONS };

export class MarkReader {
  /** Those this reader found, as long as they are of the first `ERROR_MARKS_MOST`. */
  readonly errors: ErrorMark[] = [];
  readonly #sections: SectionReader;
  #count: number;
  #last: MarkState['last'];
  #traceback: MarkState['traceback'];

  constructor({ count, last, traceback, sections }: MarkState = NO_MARKS) {
    this.#count = count;
    this.#last = last;
    this.#traceback = traceback;
    this.#sections = new SectionReader(sections);
  }

  get state(): MarkState {
    return { count: this.#count, last: this.#last, traceback: this.#traceback, sections: this.#sections.state };
  }
  /** As `SectionReader.changed`. */
  get sections(): ReadonlyMap<number, Section> {
    return this.#sections.changed;
  }
  /** The next line matters whatever is in it. */
  get attentive(): boolean {
    return this.#traceback !== null;
  }

  /** @param n of the line, ascending. @param raw without its line feed. */
  read(n: number, offset: number, raw: string): void {
    const text = plainLine(raw);
    this.#sections.read(n, raw, text);
    this.#look(n, offset, text.slice(0, LINE_LOOKED_AT_CHARS));
  }

  /** @param last the number of the log's last line. */
  finish(last: number): void {
    this.#sections.finish(last);
  }

  #look(n: number, offset: number, text: string): void {
    if (this.#traceback !== null && this.#endsTraceback(text, this.#traceback)) return this.#mark(n, offset, 'exception');
    if (text.endsWith(TRACEBACK) && withoutPrefix(text).trimStart() === TRACEBACK)
      this.#traceback = { indent: indentOf(withoutPrefix(text)), left: FRAME_LINES_MOST };
    else this.#diagnose(n, offset, text);
  }

  /** Its first line that is no frame is the sentence. */
  #endsTraceback(text: string, { indent, left }: { indent: number; left: number }): boolean {
    const line = withoutPrefix(text);
    const frame = indentOf(line) > indent;
    this.#traceback = frame && left > 1 ? { indent, left: left - 1 } : null;
    return !frame && line.trim() !== '';
  }

  #diagnose(n: number, offset: number, text: string): void {
    const form = diagnosisOf(text);
    if (form === null) return;
    const last = this.#last;
    this.#last = { n, kind: form.kind, heading: form.heading === true, run: form.run === true };
    if (last?.n !== n - 1 || !goesOn(last, form)) this.#mark(n, offset, form.kind);
  }

  #mark(n: number, offset: number, kind: DiagnosisKind): void {
    if (this.#count++ < ERROR_MARKS_MOST) this.errors.push({ n, offset, kind });
  }
}

/** On the line right below a heading stands its reason; lines of a run are one account. */
function goesOn(last: NonNullable<MarkState['last']>, form: DiagnosisForm): boolean {
  return last.heading ? form.heading !== true : last.run && form.run === true && form.kind === last.kind;
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

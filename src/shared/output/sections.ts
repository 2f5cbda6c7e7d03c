/**
 * Foldable sections of a log, read line by line: `::group::` and `##[group]` with their ends, GitLab's `section_start` and `section_end`, and
 * Buildkite's headings, which last to the next one. Groups nest; a heading ends with the group it is in. Total: an end without a begin is passed over.
 */
import { plainLine } from './standing.ts';

export interface Section {
  from: number;
  /** Its last line; null while it is open. */
  to: number | null;
  title: string;
  /** Sections around it. */
  depth: number;
}

export const SECTIONS_MOST = 5_000;
/** One that is opened further in is none: whoever forgets the ends does not want the rest of the log in ever deeper ones. */
export const SECTION_DEPTH_MOST = 16;
const TITLE_MOST_CHARS = 200;

const GROUP = /^(?:::group::|##\[group\])(.*)$/;
const GROUP_END = /^(?:::endgroup::|##\[endgroup\])/;
const GITLAB = /section_(start|end):\d{1,15}:([\w.-]{1,200})(?:\[[^\]\r]{0,200}\])?(?=\r|$)/g;
const HEADING = /^(?:---|~~~) (\S.*)$/;
/** A patch, a test of go, a line in dashes. */
const NO_HEADING = /^--- (?:a\/|\/dev\/null|-|(?:FAIL|PASS|SKIP|BENCH): )|---$/;
const UNFOLDED_HEADING = /^\+\+\+ (\S.*)$/;

interface Open {
  /** Its number among the sections. */
  k: number;
  section: Section;
  type: 'group' | 'gitlab' | 'heading';
  name: string;
}

/** Plain data: where reading stands between two lines. */
export interface SectionState {
  count: number;
  open: readonly Open[];
  /** The heading that came last, and the one it ended: the next line may show that it was the head of a patch. */
  heading: { k: number; from: number; ended: Open | null } | null;
  /** The line that came last with three dashes. */
  dashes: number;
}

export const NO_SECTIONS: SectionState = { count: 0, open: [], heading: null, dashes: 0 };

export class SectionReader {
  #count: number;
  #open: Open[];
  #heading: SectionState['heading'];
  #dashes: number;
  #changed = new Map<number, Section>();

  constructor({ count, open, heading, dashes }: SectionState = NO_SECTIONS) {
    this.#count = count;
    this.#open = [...open];
    this.#heading = heading;
    this.#dashes = dashes;
  }

  get state(): SectionState {
    return { count: this.#count, open: this.#open, heading: this.#heading, dashes: this.#dashes };
  }

  /** What this reader began or ended, by number; a number from `state.count` on is one that was taken back. */
  get changed(): ReadonlyMap<number, Section> {
    return this.#changed;
  }

  /** Lines that say nothing of sections may be left out. @param raw without its line feed. @param text as it is shown. */
  read(n: number, raw: string, text = plainLine(raw)): void {
    if (raw.includes('section_')) this.#gitlab(n, raw);
    const group = GROUP.exec(text);
    if (group !== null) this.#begin(n, 'group', '', group[1] ?? '');
    else if (GROUP_END.test(text)) this.#end(n, ({ type }) => type === 'group');
    else if (text.startsWith('--- ') || text.startsWith('~~~ ') || text.startsWith('+++ ')) this.#headingAt(n, text);
  }

  /** Ends what is open with the last line of the log. */
  finish(last: number): void {
    this.#close(0, last);
  }

  #headingAt(n: number, text: string): void {
    const unfolded = UNFOLDED_HEADING.exec(text);
    if (unfolded !== null && this.#dashes === n - 1) return this.#takeBack(n - 1);
    if (text.startsWith('---')) this.#dashes = n;
    // Without any other heading it is what a shell prints of its commands.
    const heading = unfolded !== null && this.#heading !== null ? unfolded : NO_HEADING.test(text) ? null : HEADING.exec(text);
    const title = heading?.[1];
    if (title === undefined) return;
    const last = this.#open.at(-1);
    const ended = last?.type === 'heading' ? last : null;
    if (ended !== null) this.#close(this.#open.length - 1, n - 1);
    const k = this.#begin(n, 'heading', '', title);
    if (k !== null) this.#heading = { k, from: n, ended };
  }

  /** It was the head of a patch. */
  #takeBack(from: number): void {
    const heading = this.#heading;
    if (heading?.from !== from || this.#open.at(-1)?.k !== heading.k) return;
    this.#open.pop();
    this.#count--;
    const { ended } = heading;
    this.#heading = ended && { k: ended.k, from: ended.section.from, ended: null };
    if (ended !== null) this.#open.push(this.#put({ ...ended, section: { ...ended.section, to: null } }));
  }

  #gitlab(n: number, raw: string): void {
    for (const match of raw.matchAll(GITLAB)) {
      const [all, what, name = ''] = match;
      const shown = plainLine(raw.slice(match.index + all.length)).trim();
      // What is shown on the line of the end stands behind it.
      if (what === 'end') this.#end(shown === '' ? n : n - 1, (open) => open.type === 'gitlab' && open.name === name);
      else this.#begin(n, 'gitlab', name, shown || name);
    }
  }

  /** @returns its number; null where there are too many. */
  #begin(from: number, type: Open['type'], name: string, title: string): number | null {
    if (this.#open.length >= SECTION_DEPTH_MOST || this.#count >= SECTIONS_MOST) return null;
    const section: Section = { from, to: null, title: title.trim().slice(0, TITLE_MOST_CHARS), depth: this.#open.length };
    const k = this.#count++;
    this.#open.push(this.#put({ k, section, type, name }));
    return k;
  }

  /** Ends the innermost that fits, and what is open within it. */
  #end(last: number, fits: (open: Open) => boolean): void {
    const at = this.#open.findLastIndex(fits);
    if (at !== -1) this.#close(at, last);
  }

  #close(at: number, last: number): void {
    for (const open of this.#open.splice(at)) this.#put({ ...open, section: { ...open.section, to: Math.max(open.section.from, last) } });
  }

  #put(open: Open): Open {
    this.#changed.set(open.k, open.section);
    return open;
  }
}

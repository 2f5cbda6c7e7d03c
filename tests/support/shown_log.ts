/**
 * A log as its pane shows it, as text that can be read and compared: stored by the real store, sent as the server sends its lines, parsed as the page does.
 * Each line with its number; in brackets how what follows looks, `⟦⟧` as plain; `¶` ends a line whose last characters cannot be seen.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../server/clock.ts';
import { openLogStore } from '../../server/logstore/log_store.ts';
import { LineLooks } from '../../src/logview/line_looks.ts';
import { LogPage } from '../../src/logview/log_page.ts';
import { PLAIN, RGB, type Color, type Span, type Style } from '../../src/shared/output/ansi.ts';
import { RunId } from '../../src/shared/protocol/ids.ts';
import { LINES_SENT_MOST } from '../../src/shared/protocol/log_bounds.ts';

const RUN = RunId.parse(1);
const NAMES = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'];
const ATTRIBUTES = ['bold', 'dim', 'italic', 'underline', 'inverse', 'strike'] as const satisfies (keyof Style)[];

export interface ShownLine {
  spans: readonly Span[];
  /** Bytes of the whole line when not all of it is shown. */
  cut: number | null;
}

/** @param log whole, of no more lines than a page has. */
export async function shownLines(log: Buffer): Promise<ShownLine[]> {
  const folder = await mkdtemp(join(tmpdir(), 'shown-'));
  const store = await openLogStore({
    folder,
    clock: systemClock,
    report: (what, detail) => {
      throw new Error(what, { cause: detail });
    },
  });
  try {
    const open = await store.create({ run_id: RUN, project: 'hello', type: 'gate' }, []);
    open.write(log);
    await open.close();
    const answer = await store.lines(RUN, 1, LINES_SENT_MOST);
    if (answer === null) throw new Error('nothing was stored');
    const page = new LogPage(0);
    page.add({ run_id: RUN, ...answer });
    const looks = new LineLooks(null, false);
    return Array.from({ length: answer.lines }, (_, i) => {
      const line = page.line(i + 1);
      if (line === null) throw new Error(`line ${i + 1} is not shown`);
      return { spans: looks.of(i + 1, line).spans, cut: line.cut };
    });
  } finally {
    await store.close();
    await rm(folder, { recursive: true });
  }
}

export function inWords(lines: readonly ShownLine[]): string {
  const width = String(lines.length).length;
  const words = ({ spans, cut }: ShownLine, i: number): string => {
    const rest = cut === null ? '' : ` … of ${cut} bytes`;
    return `${String(i + 1).padStart(width)} ${lineInWords(spans)}${rest}`.trimEnd();
  };
  return lines.map((line, i) => `${words(line, i)}\n`).join('');
}

function lineInWords(spans: readonly Span[]): string {
  let before = '';
  let text = '';
  for (const span of spans) {
    const look = lookOf(span);
    text += look === before ? span.text : `⟦${look}⟧${span.text}`;
    before = look;
  }
  return /\s$/.test(text) ? `${text}¶` : text;
}

function lookOf({ style, href }: Span): string {
  const { fg, bg } = style;
  return [
    ...ATTRIBUTES.filter((name) => style[name] !== PLAIN[name]),
    ...(fg === null ? [] : [nameOf(fg)]),
    ...(bg === null ? [] : [`on ${nameOf(bg)}`]),
    ...(href === undefined ? [] : [`to ${href}`]),
  ].join(' ');
}

function nameOf(color: Color): string {
  if (color >= RGB) return `#${(color - RGB).toString(16).padStart(6, '0')}`;
  if (color >= 16) return `colour ${color}`;
  return `${color >= 8 ? 'bright ' : ''}${NAMES[color % 8] ?? ''}`;
}

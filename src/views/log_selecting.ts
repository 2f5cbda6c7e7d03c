/** What selects in a log: the browser's own selection kept alive, dragging over numbers, keys. */
import type { Attachment } from 'svelte/attachments';
import { numberDrag } from '../logview/number_drag.ts';
import type { RowSource } from '../logview/row_source.ts';
import { selectKeys } from '../logview/select_keys.ts';
import { TextSelecting } from '../logview/text_selecting.ts';
import type { LogExcerpt } from '../state/log_excerpt.svelte.ts';

export interface LogSelectingDeps {
  excerpt: LogExcerpt;
  /** Null while there is none. */
  view: () => { step(lines: number): void; reveal(n: number): void; visibleRange(): { first: number; last: number } } | null;
  rows: () => RowSource;
  /** Of the whole log. */
  lines: () => number;
  /** Numbers select; elsewhere they are links to another page. */
  numbers: boolean;
}

export interface LogSelecting {
  attach: Attachment<HTMLElement>;
  /** Call when rows have come or gone, or what is selected was changed from elsewhere. */
  drawn: () => void;
}

export function logSelecting({ excerpt, view, rows, lines, numbers }: LogSelectingDeps): LogSelecting {
  let text: TextSelecting | null = null;
  const choose = (n: number, extend: boolean): void => excerpt.choose(n, extend);
  const attach = (viewport: HTMLElement): (() => void) => {
    text = new TextSelecting(viewport, { selection: () => excerpt.text, select: (selection) => excerpt.select(selection) });
    const undo = [
      text.listen(),
      selectKeys(viewport, {
        rows,
        lines,
        choose,
        visibleRange: () => view()?.visibleRange() ?? { first: 0, last: 0 },
        focus: () => excerpt.focus,
        select: (selection) => excerpt.select(selection),
        reveal: (n) => view()?.reveal(n),
      }),
    ];
    if (numbers) undo.push(numberDrag(viewport, { choose, scroll: (by) => view()?.step(by), frame: nextFrame }));
    return () => {
      text = null;
      for (const stop of undo) stop();
    };
  };
  return { attach, drawn: () => text?.drawn() };
}

function nextFrame(run: () => void): () => void {
  const frame = requestAnimationFrame(run);
  return () => cancelAnimationFrame(frame);
}

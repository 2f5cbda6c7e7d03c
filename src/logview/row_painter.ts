/**
 * The rows of a log in the page, put there by hand: at 50,000 lines a second each row is another one in every frame, and making elements anew costs more than all
 * else about them. A row that stays keeps its element, with the reader's selection, focus and pointer in it. The elements of rows that went are written over by rows
 * that came, but for one that is pressed or has the focus: whoever presses a line means that line.
 */
import { DrawnRow, type LineRow, type RowAct, type RowLook } from './drawn_row.ts';

export interface RowActions {
  number(event: MouseEvent, n: number): void;
  fold(n: number): void;
  load(n: number): void;
}

export class RowPainter {
  readonly #root: HTMLElement;
  readonly #rows = new Map<string, DrawnRow>();
  readonly #drawn = new WeakMap<Node, DrawnRow>();
  #pressed: DrawnRow | null = null;

  constructor(root: HTMLElement) {
    this.#root = root;
  }

  /** @returns its undo. */
  listen(actions: RowActions): () => void {
    const root = this.#root;
    const stop = new AbortController();
    const { signal } = stop;
    const act = (event: Event): RowAct | null => {
      const element = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-act]') : null;
      return (element?.dataset['act'] as RowAct | undefined) ?? null;
    };
    // The press leaves the focus in the log, whose rows come and go.
    root.addEventListener('mousedown', (event) => ['number', 'fold'].includes(act(event) ?? '') && event.preventDefault(), { signal });
    root.addEventListener('pointerdown', (event) => (this.#pressed = this.#rowOf(event.target)), { signal });
    for (const name of ['click', 'pointercancel']) root.ownerDocument.addEventListener(name, () => (this.#pressed = null), { signal });
    root.addEventListener(
      'click',
      (event) => {
        const n = this.#rowOf(event.target)?.row?.n;
        const what = act(event);
        if (n === undefined || what === null) return;
        if (what === 'number') actions.number(event, n);
        else actions[what](n);
      },
      { signal },
    );
    return () => stop.abort();
  }

  paint(rows: readonly LineRow[], lookOf: (row: LineRow) => RowLook): void {
    const coming = new Set(rows.map(({ key }) => key));
    const free = this.#free(coming);
    let at = this.#root.firstChild;
    for (const row of rows) {
      let drawn = this.#rows.get(row.key);
      // Those that stay stand in order: what is between them has gone.
      while (drawn !== undefined && at !== null && at !== drawn.element && !this.#stays(at)) at = taken(at);
      if (drawn === undefined) {
        drawn = this.#reused(free, at) ?? this.#made();
        this.#rows.set(row.key, drawn);
      }
      drawn.show(row, lookOf(row));
      if (at === drawn.element) at = at.nextSibling;
      else this.#root.insertBefore(drawn.element, at);
      free.delete(drawn);
    }
    while (at !== null) at = taken(at);
  }

  /** Those whose row is not among the coming ones, in order, for other rows to take. */
  #free(coming: ReadonlySet<string>): Set<DrawnRow> {
    const free = new Set<DrawnRow>();
    const focused = this.#rowOf(this.#root.ownerDocument.activeElement);
    for (const [key, drawn] of this.#rows) {
      if (coming.has(key)) continue;
      this.#rows.delete(key);
      if (drawn !== this.#pressed && drawn !== focused) free.add(drawn);
    }
    return free;
  }

  /** The one that stands where a row is wanted, or the one least wanted elsewhere. */
  #reused(free: ReadonlySet<DrawnRow>, at: ChildNode | null): DrawnRow | undefined {
    const here = at === null ? undefined : this.#drawn.get(at);
    return here !== undefined && free.has(here) ? here : [...free].at(-1);
  }

  #made(): DrawnRow {
    const drawn = new DrawnRow();
    this.#drawn.set(drawn.element, drawn);
    return drawn;
  }

  #stays(node: ChildNode): boolean {
    const key = this.#drawn.get(node)?.row?.key;
    return key !== undefined && this.#rows.get(key)?.element === node;
  }

  #rowOf(target: EventTarget | null): DrawnRow | null {
    let node = target instanceof Node ? target : null;
    while (node !== null && node.parentNode !== this.#root) node = node.parentNode;
    return node === null ? null : (this.#drawn.get(node) ?? null);
  }
}

/** Takes a node out. @returns the next one. */
function taken(node: ChildNode): ChildNode | null {
  const next = node.nextSibling;
  node.remove();
  return next;
}

/** A pane taken by its head and put in another's place. By mouse and pen; a finger on the head scrolls the page, and the head has buttons for it. */

const PANE = '[data-pane]';
/** A press that moves less is a click. */
const SLACK_PX = 6;

export class PaneDrag {
  /** The run that is dragged, and the index it would get. */
  #run_id: number | null = $state(null);
  #to: number | null = $state(null);
  #from = { x: 0, y: 0 };
  #pressed: number | null = null;
  readonly #drop: (run_id: number, to: number) => void;

  constructor(drop: (run_id: number, to: number) => void) {
    this.#drop = drop;
  }

  get run_id(): number | null {
    return this.#run_id;
  }
  get to(): number | null {
    return this.#to;
  }

  down(event: PointerEvent, run_id: number): void {
    const { target } = event;
    if (event.pointerType === 'touch' || event.button !== 0 || !(target instanceof Element)) return;
    if (target.closest('header') === null || target.closest('a, button') !== null) return;
    this.#pressed = run_id;
    this.#from = { x: event.clientX, y: event.clientY };
  }

  move(event: PointerEvent): void {
    if (this.#pressed === null) return;
    if (this.#run_id === null && Math.hypot(event.clientX - this.#from.x, event.clientY - this.#from.y) < SLACK_PX) return;
    this.#run_id = this.#pressed;
    const over = document.elementFromPoint(event.clientX, event.clientY)?.closest<HTMLElement>(PANE);
    this.#to = over == null ? null : Number(over.dataset['pane']);
  }

  up(): void {
    const [run_id, to] = [this.#run_id, this.#to];
    this.cancel();
    if (run_id !== null && to !== null) this.#drop(run_id, to);
  }

  cancel(): void {
    this.#pressed = null;
    this.#run_id = null;
    this.#to = null;
  }
}

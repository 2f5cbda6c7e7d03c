/**
 * Trains glide from stop to stop: where each was before the drawing changed, and a transform from there to where it is now. Only the last
 * position counts: a move that comes while one is under way starts from where the eye sees the train. Stale and reduced motion: no move.
 */
const GLIDE_MS = 240;

export type Places = ReadonlyMap<string, DOMRect>;

const trainsIn = (root: Element): HTMLElement[] => [...root.querySelectorAll<HTMLElement>('[data-train]')];

export function placesOf(root: Element | undefined): Places {
  const places = new Map<string, DOMRect>();
  if (root === undefined) return places;
  for (const train of trainsIn(root)) places.set(train.dataset['train'] ?? '', train.getBoundingClientRect());
  return places;
}

export function glide(root: Element | undefined, from: Places): void {
  if (root === undefined || from.size === 0 || document.documentElement.hasAttribute('data-stale')) return;
  if (matchMedia('(prefers-reduced-motion: reduce)').matches) return;
  for (const train of trainsIn(root)) {
    const was = from.get(train.dataset['train'] ?? '');
    if (was === undefined) continue;
    const is = train.getBoundingClientRect();
    if (was.left === is.left && was.top === is.top) continue;
    train.animate([{ transform: `translate(${was.left - is.left}px, ${was.top - is.top}px)` }, { transform: 'none' }], {
      duration: GLIDE_MS,
      easing: 'ease-out',
    });
  }
}

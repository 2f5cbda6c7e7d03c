/** What lists in a popover share: where they open, and the arrow keys in them. */

const GAP_PX = 4;

/** Under the button, inside the window. CSS anchors would do this, but not in every browser of today. */
export function placeUnder(list: HTMLElement, opener: HTMLElement): void {
  const at = opener.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = list;
  const below = at.bottom + GAP_PX;
  list.style.left = `${Math.max(GAP_PX, Math.min(at.right - width, innerWidth - width - GAP_PX))}px`;
  list.style.top = `${below + height <= innerHeight ? below : Math.max(GAP_PX, at.top - height - GAP_PX)}px`;
}

/** Arrow down and up go through the buttons, round and round. */
export function stepFocus(list: HTMLElement, event: KeyboardEvent): void {
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
  if (step === 0) return;
  event.preventDefault();
  event.stopPropagation();
  const all = [...list.querySelectorAll('button')];
  const at = all.findIndex((button) => button === document.activeElement);
  all[(at + step + all.length) % all.length]?.focus();
}

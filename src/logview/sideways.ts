/** Left and right edge, px. */
export interface Stretch {
  left: number;
  right: number;
}

/** How far to scroll sideways so that a mark is seen: not at all where it is, else to the middle; of a mark that is wider than the room, its beginning. */
export function sideways(mark: Stretch, room: Stretch): number {
  const [width, all] = [mark.right - mark.left, room.right - room.left];
  const isSeen = mark.left >= room.left && (mark.right <= room.right || (width > all && mark.left < room.right));
  return isSeen ? 0 : mark.left - room.left - Math.max(0, (all - width) / 2);
}

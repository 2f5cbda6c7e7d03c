/** What a `history_gap` tells, for the activity and for the notice above every page. */

interface Gap {
  from: number;
  /** Inclusive; one less than `from` when nobody knows whether anything was lost. */
  to: number;
  why: string;
}

const n = (seq_no: number): string => seq_no.toLocaleString('en-GB');

/** `events 1,204 to 1,310 were lost on the server: the event log ended early` */
export function gapWords({ from, to, why }: Gap): string {
  const reason = why === '' ? '' : `: ${why}`;
  if (to < from) return `${from > 1 ? `events after ${n(from - 1)}` : 'events'} may be lost on the server${reason}`;
  return `${from === to ? `event ${n(from)} was` : `events ${n(from)} to ${n(to)} were`} lost on the server${reason}`;
}

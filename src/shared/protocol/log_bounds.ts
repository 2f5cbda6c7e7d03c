/** The bounds of what is said of a run's log. Apart from its schemas: a thread that searches a log is there in two thirds of the time without them. */

/** Bytes of one line that are sent; a longer one is cut. */
export const LINE_SENT_BYTES = 16_384;
export const LINES_SENT_MOST = 1_000;
/** Asked for when a log is opened at its end: more than a screen, wherever its last page ends. */
export const LAST_LINES = 512;
export const ERROR_MARKS_MOST = 10_000;
/** Numbers of matching lines, without the lines. */
export const HIT_LINES_SENT_MOST = 20_000;
/** Parts of a log by which matching lines are counted. */
export const SEARCH_BUCKETS = 256;
/** Lines shown around each matching one. */
export const CONTEXT_MOST = 20;

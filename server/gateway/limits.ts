/** Every bound between the producers and a viewer's socket. */

/** Facts are pulled while the socket's buffer and the next frame stay below this. */
export const OUTBOX_HIGH_BYTES = 1024 * 1024;
/** Log chunks are pulled while they stay below this: the rest is kept free for facts. */
export const OUTBOX_LOW_BYTES = 256 * 1024;
/** UTF-8 bytes of text in one part of a snapshot. */
export const SNAPSHOT_PART_BYTES = 64 * 1024;
/** Envelopes in one frame. */
export const BATCH_EVENTS = 256;
/** Characters of the envelopes in one frame; one longer than this goes alone. */
export const BATCH_CHARS = 128 * 1024;
/** While events keep coming, the time between the beginnings of two batches, at least. */
export const WINDOW_MS = 1;
/** So many times what the last batch took, where events come faster than they can be shown one by one: the rest of the event loop is for others. */
export const WINDOW_FLUSHES = 2;
/** And at most: a frame of a screen. */
export const WINDOW_MOST_MS = 16;
/** Events that do not wait for the end of the window. */
export const FLUSH_AT_EVENTS = 256;
/** Envelopes in one read of the event log for a viewer who was away: about 5 ms of the event loop. */
export const PAGE_EVENTS = 500;
/** Characters one such read should give: of longer envelopes it asks for fewer. */
export const PAGE_CHARS = 512 * 1024;
/** Pages kept for others who come back at the same time, as after a restart. */
export const PAGES_KEPT = 16;
export const PAGES_KEPT_CHARS = 8 * 1024 * 1024;
/** A measured size of the snapshot is believed until so many events have come. */
export const SNAPSHOT_SIZE_KEPT_EVENTS = 50;
/** Whatever a snapshot costs, events up to this are given instead: they tell what happened, it only tells what is. */
export const REPLAY_ALWAYS_CHARS = 256 * 1024;
/** Log bytes asked of the store at a time. */
export const CHUNK_PULL_BYTES = 64 * 1024;
/**
 * Log bytes one lane sends in one window: more than anybody reads, and what it costs to print it stays a small part of what it costs to take it. A lane
 * that is behind for it goes on in the next window; before the end of its run it sends what it can at once.
 */
export const LANE_WINDOW_BYTES = 256 * 1024;
export const LANE_WINDOW_MS = 25;
/** Runs one viewer may watch. */
export const MAX_WATCHED = 16;
/** How long a fact waits for the log of its run to be read out before it goes first. */
export const DRAIN_WITHIN_MS = 1_000;
/** Node's own timeouts do not cover an upgraded socket. */
export const RESUME_WITHIN_MS = 10_000;
export const PING_INTERVAL_MS = 5_000;
/** No word from the client for this long, and nothing of what waits for it got on its way: it is gone. */
export const SILENT_AFTER_MS = 35_000;
/** Frames are waiting and none got on its way for this long: nobody reads. */
export const STALLED_AFTER_MS = 30_000;
/** Frames that cannot be read, between two pings: with more the connection is ended. */
export const BAD_FRAMES_PER_PING = 16;
/** Times a client may begin anew on its connection between two pings. */
export const RESUMES_PER_PING = 4;
/** Messages a client may send between two pings. */
export const MESSAGES_PER_PING = 200;
export const MAX_CONNECTIONS = 512;
export const MAX_MESSAGE_BYTES = 64 * 1024;
export const MAX_MESSAGE_FRAGMENTS = 64;
/** Pieces, as the network delivers them, of one message that is not complete yet. */
export const MAX_BUFFERED_PIECES = 1_024;
/** How long a closing handshake may take before the socket is destroyed. */
export const CLOSE_WITHIN_MS = 5_000;

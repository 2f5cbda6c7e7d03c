/** WebSocket close codes. 44xx means stop; any other means come back. */
export const CLOSE = {
  /** The server shuts down. */
  going_away: 1001,
  /** The client did not answer for 35 s. */
  silent: 4000,
  /** The client made no progress reading for 30 s. */
  stalled: 4001,
  /** The client did not say `resume` in time. */
  no_resume: 4002,
  /** The server could not read its log for this viewer. */
  internal: 4003,
  /** Sign in first. */
  unauthenticated: 4401,
  /** The page speaks a protocol the server no longer does: reload. */
  protocol: 4406,
} as const;

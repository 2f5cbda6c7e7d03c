/** What the gateway counts for the metrics page. */
export interface Counters {
  frames_sent: number;
  bytes_sent: number;
  lags: number;
  events_skipped: number;
  snapshots: number;
  log_gaps: number;
  gaps: number;
  bad_frames: number;
  upgrades_refused: number;
  closed_silent: number;
  closed_stalled: number;
}

export function newCounters(): Counters {
  return {
    frames_sent: 0,
    bytes_sent: 0,
    lags: 0,
    events_skipped: 0,
    snapshots: 0,
    log_gaps: 0,
    gaps: 0,
    bad_frames: 0,
    upgrades_refused: 0,
    closed_silent: 0,
    closed_stalled: 0,
  };
}

/** The gateway's numbers for the metrics page. */
import type { Counters } from './counters.ts';

export interface GatewayMetric {
  name: string;
  help: string;
  type: 'gauge' | 'counter';
  read: () => number;
}

const HELP: Readonly<Record<keyof Counters, string>> = {
  frames_sent: 'Frames handed to viewers.',
  bytes_sent: 'Bytes of these frames.',
  lags: 'Times a viewer fell out of the ring.',
  events_skipped: 'Events viewers missed in the ring; most were healed from the log.',
  snapshots: 'Snapshots sent.',
  log_gaps: 'Pieces of logs left out because a viewer was slow.',
  gaps: 'Times a viewer found a hole in what it was sent, and began anew.',
  bad_frames: 'Messages of clients that could not be read.',
  upgrades_refused: 'Connections refused before the upgrade.',
  closed_silent: 'Connections ended because the client did not answer.',
  closed_stalled: 'Connections ended because nobody read.',
};

export function gatewayMetrics(counters: Counters, viewers: () => number): GatewayMetric[] {
  const names = Object.keys(HELP) as (keyof Counters)[];
  return [
    { name: 'signalbox_viewers', help: 'Open WebSocket connections.', type: 'gauge', read: viewers },
    ...names.map((name): GatewayMetric => ({
      name: `signalbox_viewer_${name}_total`,
      help: HELP[name],
      type: 'counter',
      read: () => counters[name],
    })),
  ];
}

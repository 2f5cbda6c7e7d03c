/** The metrics page in Prometheus' text format: the process, the event loop, the log, and whatever the composition root adds. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Metric } from './deps.ts';

export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';
const NS_PER_S = 1e9;
const LAG_RESOLUTION_MS = 20;

export interface ProcessMetrics {
  metrics: readonly Metric[];
  /** Stops measuring the event loop. Idempotent. */
  close(): void;
}

export function processMetrics(): ProcessMetrics {
  const lag = monitorEventLoopDelay({ resolution: LAG_RESOLUTION_MS });
  lag.enable();
  // The histogram counts the sampling interval itself as delay; without this an idle process would report 20 ms.
  const seconds = (ns: number): number => (Number.isFinite(ns) ? Math.max(0, ns / NS_PER_S - LAG_RESOLUTION_MS / 1000) : 0);
  const gauge = (name: string, help: string, read: () => number): Metric => ({ name, help, type: 'gauge', read });
  return {
    metrics: [
      gauge('process_resident_memory_bytes', 'Resident memory of the server.', () => process.memoryUsage.rss()),
      gauge('process_heap_used_bytes', 'JavaScript heap in use.', () => process.memoryUsage().heapUsed),
      gauge('process_uptime_seconds', 'Seconds since the process started.', () => process.uptime()),
      gauge('event_loop_lag_p50_seconds', 'Median delay of the event loop since the start.', () => seconds(lag.percentile(50))),
      gauge('event_loop_lag_p99_seconds', '99th percentile of the delay of the event loop since the start.', () =>
        seconds(lag.percentile(99)),
      ),
    ],
    close: () => lag.disable(),
  };
}

export function exposition(metrics: readonly Metric[]): string {
  return metrics.map(({ name, help, type, read }) => `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${name} ${read()}\n`).join('');
}

/** How long the steps of a line usually take. */
import type { ProjectState, Run } from './state.ts';

export const stepKey = {
  build: 'build',
  gate: (tier: string, gate: string): string => `gate:${tier}/${gate}`,
  deploy: (tier: string): string => `deploy:${tier}`,
} as const;

export function stepKeyOf(run: Pick<Run, 'type' | 'tier' | 'gate'>): string {
  if (run.type === 'build') return stepKey.build;
  return run.type === 'gate' ? stepKey.gate(run.tier ?? '', run.gate ?? '') : stepKey.deploy(run.tier ?? '');
}

/** Seconds this step usually takes, from its last passed runs; null without history. */
export function usual(project: ProjectState, key: string): { p50: number; p90: number; runs: number } | null {
  const seconds = [...(project.durations[key] ?? [])].sort((a, b) => a - b);
  if (seconds.length === 0) return null;
  const at = (q: number): number => seconds[Math.min(seconds.length - 1, Math.floor(q * seconds.length))] ?? 0;
  return { p50: at(0.5), p90: at(0.9), runs: seconds.length };
}

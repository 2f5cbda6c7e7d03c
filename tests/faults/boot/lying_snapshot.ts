/** Snapshots that must not be believed. Each holds the same lie, a run number that was never given out, and differs in why it must be refused. */
import { hash } from 'node:crypto';

export const LIES = ['another fold', 'another protocol', 'another epoch', 'another history', 'a damaged body'] as const;
export type Lie = (typeof LIES)[number];

const CHECKSUM = /\{"sha256":"(?<sha256>\w+)"\}\n$/;

/** @param text of a snapshot that may be believed. */
export function lying(text: string, lie: Lie): string {
  const truth = text.replace(CHECKSUM, '');
  const lied = truth.replace(/(?<before>"last_run_id":)\d+/, (_, before: string) => `${before}987654321`);
  if (lied === truth) throw new Error('there was nothing to lie about');
  if (lie === 'a damaged body') return text.replace(truth, () => lied);
  const headed = withHeader(lied, lie);
  return `${headed}{"sha256":"${hash('sha256', headed)}"}\n`;
}

function withHeader(text: string, lie: Exclude<Lie, 'a damaged body'>): string {
  switch (lie) {
    case 'another fold':
      return text.replace(/(?<before>"fold_version":)\d+/, (_, before: string) => `${before}999`);
    case 'another protocol':
      return text.replace(/(?<before>"protocol":)\d+/, (_, before: string) => `${before}0`);
    case 'another epoch':
      return text.replace(/(?<before>"epoch":")/, (_, before: string) => `${before}9`);
    case 'another history':
      return text.replace(/(?<before>"id":")/, (_, before: string) => `${before}other-`);
    default:
      return lie satisfies never;
  }
}

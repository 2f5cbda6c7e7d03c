/** The marks of the panel: one shape for each state, so that no state is told by colour alone. */
export type MarkKind =
  | 'unlit'
  | 'queued'
  | 'running'
  | 'deploying'
  | 'passed'
  | 'failed'
  | 'time'
  | 'hand'
  | 'interrupted'
  | 'stopped'
  | 'mixed'
  | 'rolled_back'
  | 'held'
  | 'frozen'
  | 'skipped'
  | 'unknown'
  | 'other';

/** How loud a state is; of several the loudest is shown. */
const LOUDNESS: readonly MarkKind[] = [
  'failed',
  'interrupted',
  'mixed',
  'hand',
  'unknown',
  'other',
  'running',
  'deploying',
  'time',
  'queued',
  'stopped',
  'frozen',
  'held',
  'skipped',
  'rolled_back',
  'unlit',
  'passed',
];

export function loudest(kinds: readonly MarkKind[]): MarkKind {
  return LOUDNESS.find((kind) => kinds.includes(kind)) ?? 'unlit';
}

/** Colour of the words that go with a mark. */
export type Tone = 'quiet' | 'run' | 'hand' | 'failed' | 'stop';

export function toneOf(kind: MarkKind): Tone {
  switch (kind) {
    case 'running':
    case 'deploying':
      return 'run';
    case 'hand':
      return 'hand';
    case 'failed':
    case 'interrupted':
    case 'mixed':
      return 'failed';
    case 'held':
    case 'frozen':
    case 'skipped':
      return 'stop';
    case 'unlit':
    case 'queued':
    case 'passed':
    case 'time':
    case 'stopped':
    case 'rolled_back':
    case 'unknown':
    case 'other':
      return 'quiet';
    default:
      return kind satisfies never;
  }
}

/** How far a start has come: what the page, the probes and the terminal are told before the server can answer anything else. */
export interface StartProgress {
  step: 'reading' | 'settling';
  /** Events read, of those that must be read. */
  done: number;
  total: number;
}

export function startSentence({ step, done, total }: StartProgress): string {
  switch (step) {
    case 'reading':
      return total === 0 ? 'Reading history.' : `Reading history: ${spoken(done)} of ${spoken(total)} events.`;
    case 'settling':
      return 'Settling what was under way when the server stopped.';
    default:
      return step satisfies never;
  }
}

function spoken(n: number): string {
  return n.toLocaleString('en');
}

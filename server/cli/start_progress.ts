/** What the terminal shows of a start that takes long enough for somebody to wonder; a quick one is not talked about. */
import type { AppOptions, Shell } from './port.ts';
import { startSentence } from '../starting_port.ts';

const FIRST_AFTER_MS = 1_000;
const EVERY_MS = 2_000;

/** @param now_ms milliseconds that never go back. */
export function progressLines(shell: Pick<Shell, 'out'>, now_ms: () => number): AppOptions['onProgress'] {
  let next_ms = now_ms() + FIRST_AFTER_MS;
  let said = '';
  return (progress, url) => {
    const sentence = startSentence(progress);
    if (now_ms() < next_ms || sentence === said) return;
    shell.out(said === '' ? `${sentence} ${url} says how far it is.` : sentence);
    said = sentence;
    next_ms = now_ms() + EVERY_MS;
  };
}

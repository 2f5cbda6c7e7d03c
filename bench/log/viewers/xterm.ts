/// <reference lib="dom" />
/** xterm.js as logs are shown with it: nothing typed, line feeds alone end lines. Its own renderer; what it shows is read from the rows it has drawn. */
import { Terminal } from '@xterm/xterm';
import { numberOf, type Viewer } from './viewer.ts';

const SIZE = { cols: 160, rows: 48 };

/** @param kept lines it remembers. */
export function makeXterm(host: HTMLElement, kept: number): Viewer {
  const terminal = new Terminal({ ...SIZE, scrollback: kept, convertEol: true, disableStdin: true });
  terminal.open(host);
  const drawn = (): number[] =>
    [...host.querySelectorAll('.xterm-rows > div')].map((row) => numberOf(row.textContent)).filter((n) => n > 0);
  return {
    shown: { has: (n) => drawn().includes(n), newest: () => drawn().at(-1) ?? 0 },
    async open(log) {
      const reader = log.body!.getReader();
      for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read())
        await new Promise<void>((resolve) => terminal.write(value!, resolve));
    },
    append: (text) => terminal.write(text),
    toLine: (n) => terminal.scrollToLine(n - 1),
    toEnd: () => terminal.scrollToBottom(),
  };
}

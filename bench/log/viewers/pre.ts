/// <reference lib="dom" />
/** A plain `<pre>`: one text, laid out by the browser. */
import { feedsIn, type Viewer } from './viewer.ts';

const LINE_PX = 18;

export function makePre(host: HTMLElement): Viewer {
  const pre = document.createElement('pre');
  host.append(pre);
  let lines = 0;
  const last = (): number => Math.min(lines, Math.floor((pre.scrollTop + pre.clientHeight) / LINE_PX));
  const toEnd = (): void => void (pre.scrollTop = pre.scrollHeight);
  return {
    shown: { has: (n) => n <= last() && n >= pre.scrollTop / LINE_PX, newest: last },
    async open(log) {
      const text = await log.text();
      pre.textContent = text;
      lines = feedsIn(text);
    },
    append(text) {
      pre.append(text);
      lines += feedsIn(text);
      toEnd();
    },
    toLine: (n) => void (pre.scrollTop = (n - 1) * LINE_PX),
    toEnd,
  };
}

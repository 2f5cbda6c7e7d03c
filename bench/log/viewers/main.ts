/// <reference lib="dom" />
/** The page of one of the others: `?viewer=` says which, `?open` that it shows the log at `/log`; else it shows what comes over the socket. */
import { makeCodeMirror } from './codemirror.ts';
import { makePre } from './pre.ts';
import type { Viewer } from './viewer.ts';
import { makeXterm } from './xterm.ts';

declare global {
  interface Window {
    viewer: Viewer;
    /** When the whole log was there, of `performance.now()`. */
    whole: Promise<number>;
  }
}

const asked = new URLSearchParams(location.search);
const host = document.getElementById('log')!;

function make(name: string | null): Viewer {
  switch (name) {
    case 'pre':
      return makePre(host);
    case 'xterm':
      return makeXterm(host, Number(asked.get('kept')));
    case 'codemirror':
      return makeCodeMirror(host);
    default:
      throw new Error(`there is no viewer ${String(name)}`);
  }
}

async function open(): Promise<number> {
  await window.viewer.open(await fetch('/log'));
  return performance.now();
}

window.viewer = make(asked.get('viewer'));
window.probe.shown = window.viewer.shown;
if (asked.has('open')) window.whole = open();
else {
  const socket = new WebSocket(`ws://${location.host}/stream`);
  socket.onmessage = ({ data }) => window.viewer.append(String(data));
}

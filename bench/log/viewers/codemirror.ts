/// <reference lib="dom" />
/** CodeMirror 6 that only shows: its state and its view, nothing else. */
import { EditorState } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { numberOf, type Viewer } from './viewer.ts';

const THEME = EditorView.theme({ '&': { height: '100%' }, '.cm-scroller': { overflow: 'auto' } });

export function makeCodeMirror(host: HTMLElement): Viewer {
  const stateOf = (doc: string): EditorState =>
    EditorState.create({ doc, extensions: [EditorState.readOnly.of(true), EditorView.editable.of(false), THEME] });
  const view = new EditorView({ parent: host, state: stateOf('') });
  const drawn = (): number[] => {
    const { top, bottom } = view.scrollDOM.getBoundingClientRect();
    return [...view.contentDOM.querySelectorAll('.cm-line')]
      .filter((line) => {
        const at = line.getBoundingClientRect();
        return at.bottom > top && at.top < bottom;
      })
      .map((line) => numberOf(line.textContent))
      .filter((n) => n > 0);
  };
  const goTo = (position: number): void => view.dispatch({ effects: EditorView.scrollIntoView(position, { y: 'center' }) });
  return {
    shown: { has: (n) => drawn().includes(n), newest: () => drawn().at(-1) ?? 0 },
    open: async (log) => view.setState(stateOf(await log.text())),
    append(text) {
      const at = view.state.doc.length;
      view.dispatch({ changes: { from: at, insert: text }, effects: EditorView.scrollIntoView(at + text.length) });
    },
    toLine: (n) => goTo(view.state.doc.line(n).from),
    toEnd: () => goTo(view.state.doc.length),
  };
}

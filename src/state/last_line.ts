/** The last line a run has written, from its chunks: what a panel shows beneath a build. Colours and progress rewrites are left out. */

/** Kept of a line that has not ended. */
const KEPT_CHARACTERS = 400;
const ESCAPES = /\u001b(?:\[[0-9;:?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g;

export class LastLine {
  #open = '';
  #last = '';

  /** @returns the newest line that says something; '' before there is one. */
  add(text: string): string {
    const lines = (this.#open + text).split(/\r\n|[\r\n]/);
    this.#open = (lines.pop() ?? '').slice(-KEPT_CHARACTERS);
    const said = [...lines, this.#open].map((line) => line.replaceAll(ESCAPES, '').trim()).findLast((line) => line !== '');
    return (this.#last = said ?? this.#last);
  }
}

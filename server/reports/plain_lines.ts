/** Output as a person reads it: without colours and cursor moves, and of a line that was overwritten in place only what was left standing. */

/** CSI and OSC sequences, then the two-character escapes. */
const ESCAPES = /\x1b\[[0-9;:?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[ -/]*[0-~]/g;
/** As `\r`. */
const TO_FIRST_COLUMN = /\x1b\[[01]?G/g;
const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f]/g;

/** A longer line is no sentence, and patterns that look back take time with the square of it. */
const LINE_MAX_CHARS = 1000;

export function plainLines(text: string): string[] {
  return text
    .replace(TO_FIRST_COLUMN, '\r')
    .replace(ESCAPES, '')
    .split('\n')
    .map((line) => lastStanding(line).replace(CONTROLS, '').slice(0, LINE_MAX_CHARS).trimEnd());
}

function lastStanding(line: string): string {
  if (!line.includes('\r')) return line;
  return line.split('\r').findLast((part) => part.trim() !== '') ?? '';
}

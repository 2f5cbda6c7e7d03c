/**
 * The text of the config file with the position of every value in it, because "line 31, column 9" is found and "projects.0.tiers" is not.
 * Reads one YAML 1.2 document and nothing else; refuses what YAML merely warns of.
 */
import { readFileSync } from 'node:fs';
import { LineCounter, isMap, isNode, isScalar, isSeq, parseDocument } from 'yaml';
import { ConfigError } from './config.ts';

export type Path = readonly PropertyKey[];

export interface Problem {
  path: Path;
  /** Set when the key itself is wrong, not its value. */
  key?: string;
  message: string;
}

export interface Source {
  value: unknown;
  /** @returns the error that tells of all problems, each with its place, in the order of the file. */
  error(problems: readonly Problem[]): ConfigError;
}

/** So that a broken file does not scroll its first problem away. */
const PROBLEMS_SHOWN = 10;

/** @throws ConfigError when the file is missing, unreadable, empty or not YAML. */
export function readSource(file: string): Source {
  const text = readText(file);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number): { offset: number; place: string } => {
    const { line, col } = lines.linePos(offset);
    return { offset, place: `${file}:${line}:${col}` };
  };
  const broken = document.errors[0] ?? document.warnings[0];
  if (broken !== undefined) throw new ConfigError(`${at(broken.pos[0]).place}: this is not proper YAML: ${broken.message}`);
  if (document.contents === null || (isScalar(document.contents) && document.contents.value === null)) {
    throw new ConfigError(
      `${file}:1:1: the file is empty. \`npm run signalbox -- init\` in another folder writes an example to copy from.`,
    );
  }
  const offsetOf = ({ path, key }: Problem): number => {
    let node: unknown = document.contents;
    let offset = 0;
    for (const [index, step] of [...path, ...(key === undefined ? [] : [key])].entries()) {
      if (isNode(node)) offset = node.range?.[0] ?? offset;
      if (isMap(node)) {
        const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(step));
        if (pair === undefined) return offset;
        if (isNode(pair.key)) offset = pair.key.range?.[0] ?? offset;
        if (key !== undefined && index === path.length) return offset;
        node = pair.value;
      } else if (isSeq(node)) node = node.items[Number(step)];
      else return offset;
    }
    return isNode(node) ? (node.range?.[0] ?? offset) : offset;
  };
  return {
    value: document.toJS(),
    error: (problems) => {
      const told = problems.map((problem) => ({ ...at(offsetOf(problem)), message: problem.message })).sort((a, b) => a.offset - b.offset);
      const more = told.length - PROBLEMS_SHOWN;
      const shown = told.slice(0, PROBLEMS_SHOWN).map(({ place, message }) => `${place}: ${message}`);
      return new ConfigError([...shown, ...(more > 0 ? [`and ${more} more`] : [])].join('\n'));
    },
  };
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT')
      throw new ConfigError(`${file}: there is no such file. \`npm run signalbox -- init\` writes one to start from.`, { cause: error });
    if (code === 'EISDIR') throw new ConfigError(`${file}: this is a folder; name the file in it.`, { cause: error });
    throw new ConfigError(`${file}: cannot be read: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

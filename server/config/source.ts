/**
 * The text of the config file with the position of every value in it, because "line 31, column 9" is found and "projects.0.tiers" is not.
 * Reads one YAML 1.2 document and nothing else; refuses what YAML merely warns of.
 */
import { readFileSync } from 'node:fs';
import { LineCounter, isAlias, isMap, isNode, isScalar, isSeq, parseDocument, visit } from 'yaml';
import type { Document, Node } from 'yaml';
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
  const refused = refusedNode(document);
  if (refused !== null) throw new ConfigError(`${at(refused.node.range?.[0] ?? 0).place}: ${refused.message}`);
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
    value: valueOf(document, at),
    error: (problems) => {
      const told = problems.map((problem) => ({ ...at(offsetOf(problem)), message: problem.message })).sort((a, b) => a.offset - b.offset);
      const more = told.length - PROBLEMS_SHOWN;
      const shown = told.slice(0, PROBLEMS_SHOWN).map(({ place, message }) => `${place}: ${message}`);
      return new ConfigError([...shown, ...(more > 0 ? [`and ${more} more`] : [])].join('\n'));
    },
  };
}

/** What the parser lets pass and no value can be made of: an alias of nothing or of what it stands in, and a key that would be lost. */
function refusedNode(document: Document): { node: Node; message: string } | null {
  const anchors = new Map<string, Node>();
  let refused: { node: Node; message: string } | null = null;
  visit(document, (key, node, path) => {
    if (isAlias(node)) {
      const meant = anchors.get(node.source);
      if (meant === undefined) refused = { node, message: `there is no anchor \`&${node.source}\` before this` };
      else if (path.includes(meant)) refused = { node, message: `\`*${node.source}\` stands in what it stands for` };
    } else if (isNode(node)) {
      if (node.anchor !== undefined) anchors.set(node.anchor, node);
      if (key === 'key' && isScalar(node) && node.value === '__proto__') refused = { node, message: '`__proto__` cannot be a key' };
    }
    return refused === null ? undefined : visit.BREAK;
  });
  return refused;
}

/** Aliases of aliases may stand for more than fits into memory; then the parser stops. */
function valueOf(document: Document, at: (offset: number) => { place: string }): unknown {
  try {
    return document.toJS();
  } catch (error) {
    let last = 0;
    visit(document, { Alias: (_, { range }) => void (last = range?.[0] ?? last) });
    const why = error instanceof Error ? error.message : String(error);
    throw new ConfigError(`${at(last).place}: the aliases of this file cannot be filled in: ${why}`, { cause: error });
  }
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

/**
 * The page with what the view of an address is made of besides the first script: otherwise a browser would only learn of it by running that script. From
 * the manifest that the build leaves beside the page. Both are read when they are asked for: a build may replace them under a running server.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const PAGE = 'index.html';
const MANIFEST = '.vite/manifest.json';
const Manifest = z.record(
  z.string(),
  z.looseObject({ file: z.string(), imports: z.optional(z.array(z.string())), css: z.optional(z.array(z.string())) }),
);
type Manifest = z.infer<typeof Manifest>;

/** Views by the beginning of their addresses; all others come with the first script. */
const VIEWS: readonly [RegExp, string][] = [
  [/^\/runs\//, 'src/views/Run.svelte'],
  [/^\/panes(?:[/?]|$)/, 'src/views/Panes.svelte'],
  [/^\/projects\//, 'src/views/Project.svelte'],
];

/** @param address path and query. @returns null when the page is right as it is. @throws the file system's error, or of a manifest that is none. */
export async function viewPage(web_root: string, address: string): Promise<string | null> {
  const [, view] = VIEWS.find(([begin]) => begin.test(address)) ?? [];
  const path = join(web_root, MANIFEST);
  if (view === undefined || !existsSync(path)) return null;
  const manifest = Manifest.parse(JSON.parse(await readFile(path, 'utf8')));
  const there = filesOf(manifest, PAGE);
  const links = [...filesOf(manifest, view)].filter((file) => !there.has(file)).map(linkTo);
  // At the end: what all views need is fetched before.
  return (await readFile(join(web_root, PAGE), 'utf8')).replace('</head>', `${links.join('')}</head>`);
}

/** All that has to be there before a part of the page runs. */
function filesOf(manifest: Manifest, name: string, seen = new Set<string>()): Set<string> {
  const part = manifest[name];
  if (part === undefined || seen.has(part.file)) return seen;
  for (const file of [part.file, ...(part.css ?? [])]) seen.add(file);
  for (const other of part.imports ?? []) filesOf(manifest, other, seen);
  return seen;
}

function linkTo(file: string): string {
  return file.endsWith('.css')
    ? `<link rel="preload" as="style" crossorigin href="/${file}" />`
    : `<link rel="modulepreload" crossorigin href="/${file}" />`;
}

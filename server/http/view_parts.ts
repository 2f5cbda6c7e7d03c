/**
 * What the page of an address is made of besides the first script, told with the page itself: otherwise a browser would only learn of it by running that
 * script. From the manifest that the build leaves beside the pages.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const MANIFEST = '.vite/manifest.json';
const PAGE = 'index.html';
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

/** @returns of an address the value of the header `link`, or null. @throws of a manifest that is none. */
export function viewParts(web_root: string): (address: string) => string | null {
  const path = join(web_root, MANIFEST);
  const manifest: Manifest = existsSync(path) ? Manifest.parse(JSON.parse(readFileSync(path, 'utf8'))) : {};
  const there = filesOf(manifest, PAGE);
  const links = VIEWS.map(([, view]) =>
    [...filesOf(manifest, view)]
      .filter((file) => !there.has(file))
      .map(linkTo)
      .join(', '),
  );
  return (address) => {
    const view = VIEWS.findIndex(([begin]) => begin.test(address));
    return links[view] || null;
  };
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
  return file.endsWith('.css') ? `</${file}>; rel=preload; as=style; crossorigin` : `</${file}>; rel=modulepreload; crossorigin`;
}

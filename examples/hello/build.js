/** Builds the service into dist/: draws the pictures, writes the pages, puts the sources that run beside them. */
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GREETING } from './src/greeting.js';
import { LANGUAGES } from './src/languages.js';
import { languagePage, startPage } from './src/page.js';
import { drawPicture } from './src/picture.js';

const RUNS = ['server.js', 'service.js', 'settings.js', 'page.js', 'escape.js'];
const colour = process.env.FORCE_COLOR !== undefined || process.stdout.isTTY;
const paint = (code, text) => (colour ? `\x1b[${code}m${text}\x1b[0m` : text);
const bold = (text) => paint(1, text);
const dim = (text) => paint(2, text);
const green = (text) => paint(32, text);

const started = performance.now();
const { version: declared } = JSON.parse(await readFile('package.json', 'utf8'));
const version = process.env.VERSION ?? declared;
console.log(bold(`Building hello ${version}`));

await rm('dist', { recursive: true, force: true });
await mkdir('dist/site/hello', { recursive: true });
await mkdir('dist/site/pictures');

console.log(`Writing ${LANGUAGES.length} pages`);
let bytes = 0;
for (const [n, language] of LANGUAGES.entries()) {
  const { tag, name, hello } = language;
  const picture = drawPicture(hello + tag);
  const page = languagePage(language);
  await writeFile(`dist/site/pictures/${tag}.png`, picture);
  await writeFile(`dist/site/hello/${tag}.html`, page);
  bytes += picture.length + Buffer.byteLength(page);
  const count = `${String(n + 1).padStart(2)}/${LANGUAGES.length}`;
  console.log(
    `  ${dim(count)} ${green('✓')} ${tag.padEnd(3)} ${hello} ${dim(`(${name}, picture ${(picture.length / 1000).toFixed(1)} kB)`)}`,
  );
}
await writeFile('dist/site/index.html', startPage({ greeting: GREETING, languages: LANGUAGES }));

console.log('Copying the service');
for (const file of RUNS) await copyFile(join('src', file), join('dist', file));
await writeFile('dist/version.json', `${JSON.stringify({ version, sha: process.env.SHA ?? null, built_at: new Date().toISOString() })}\n`);

const seconds = ((performance.now() - started) / 1000).toFixed(1);
console.log(
  green(`Built ${LANGUAGES.length + 1} pages and ${LANGUAGES.length} pictures, ${(bytes / 1000).toFixed(0)} kB, in ${seconds} s`),
);

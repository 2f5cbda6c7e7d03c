/** What a push of the example changes: another greeting and version, and on request one real mistake. Without one it mends the last. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

export const BREAKS = ['tests', 'build', 'health'] as const;
export type Break = (typeof BREAKS)[number];

export interface Change {
  version: string;
  subject: string;
  /** Relative paths of what was written. */
  files: string[];
}

const GREETINGS = [
  'Hello from the signal box.',
  'All lines are clear.',
  'The next train is on time.',
  'Good morning from platform 2.',
  'Signals at green, kettle on.',
  'Mind the gap, enjoy the view.',
  'Every journey starts with a push.',
];
const GREETING = /'[^'\n]*'/;

interface Mistake {
  file: string;
  /** What it looks like when it is right. */
  right: string;
  wrong: (right: string) => string;
  subject: string;
}

const MISTAKES: Record<Break, Mistake> = {
  tests: { file: 'src/escape.js', right: "    .replaceAll('<', '&lt;')\n", wrong: () => '', subject: 'Escape less' },
  build: { file: 'src/greeting.js', right: "';\n", wrong: () => ';\n', subject: 'Reword the greeting in a hurry' },
  health: {
    file: 'src/settings.js',
    right: 'SETTINGS_FILE = null',
    wrong: () => "SETTINGS_FILE = 'settings.json'",
    subject: 'Read the settings of the machine',
  },
};

/** Writes into the clone; everything it does not name stays as its owner left it. @param sources of the example, without mistakes. */
export async function writeChange(work: string, sources: string, broken: Break | null): Promise<Change> {
  const version = await raiseVersion(join(work, 'package.json'));
  const greeting = GREETINGS[Number(version.split('.').at(-1)) % GREETINGS.length] ?? '';
  const texts = new Map<string, string>();
  let mends = false;
  for (const { file } of Object.values(MISTAKES)) {
    const right = await readFile(join(sources, file), 'utf8');
    const text = file === MISTAKES.build.file ? right.replace(GREETING, `'${greeting}'`) : right;
    const now = await readFile(join(work, file), 'utf8').catch(() => ''); // removed by its owner: mended like any other mistake
    mends ||= file === MISTAKES.build.file ? !GREETING.test(now) : now !== right;
    texts.set(file, text);
  }
  if (broken !== null) {
    const { file, right, wrong } = MISTAKES[broken];
    const text = texts.get(file) ?? '';
    if (!text.includes(right)) throw new Error(`${file} of the example has changed, so the mistake cannot be made in it.`);
    texts.set(file, text.replace(right, wrong));
  }
  for (const [file, text] of texts) await writeFile(join(work, file), text);
  const subject = broken !== null ? MISTAKES[broken].subject : `${mends ? 'Mend it, and say' : 'Say'} “${greeting}”`;
  return { version, subject, files: ['package.json', ...texts.keys()] };
}

async function raiseVersion(file: string): Promise<string> {
  const content = z.looseObject({ version: z.string().regex(/^\d+\.\d+\.\d+$/) }).parse(JSON.parse(await readFile(file, 'utf8')));
  const [major, minor, patch] = content.version.split('.');
  const version = `${major}.${minor}.${Number(patch) + 1}`;
  await writeFile(file, `${JSON.stringify({ ...content, version }, null, 2)}\n`);
  return version;
}

/** `npm run demo:push`: a real commit in the example's clone, pushed for real. */
import { userInfo } from 'node:os';
import { writeChange } from './demo_change.ts';
import type { Break } from './demo_change.ts';
import { demoPlaces, exampleSources } from './demo_places.ts';
import { commit, isRepository, push } from './demo_repository.ts';
import type { Author } from './demo_repository.ts';
import { Sorry } from './port.ts';
import { git } from '../git_process.ts';

export interface DemoPushOptions {
  /** Of the example. */
  folder: string;
  broken: Break | null;
  out: (line: string) => void;
  author?: Author;
}

const EXPECT: Record<Break, string> = {
  tests: 'unit_tests of host will fail: one character is no longer escaped.',
  build: 'The build will fail: a quote is missing in src/greeting.js.',
  health: 'It will pass on host and fail on staging-1, once staging is free: the service wants a settings.json that no node has.',
};

/** @throws Sorry when there is no example yet, or git does not push. */
export async function demoPush({ folder, broken, out, author }: DemoPushOptions): Promise<void> {
  const places = demoPlaces(folder);
  if (!isRepository(places.repository) || !isRepository(places.work))
    throw new Sorry(`There is no example in ${folder} yet. Make it with \`npm start\`.`);
  const who = author ?? (await you());
  try {
    const change = await writeChange(places.work, exampleSources(), broken);
    const sha = await commit(places, change.files, change.subject, who);
    out(`Committed ${sha.slice(0, 7)}, version ${change.version}: ${change.subject}`);
    const said = await push(places, who);
    out(`Pushed to ${places.repository}`);
    for (const line of said) out(`  ${line}`);
  } catch (error) {
    throw new Sorry(`${error instanceof Error ? error.message : String(error)} The clone is in ${places.work}.`, { cause: error });
  }
  if (broken !== null) out(EXPECT[broken]);
}

/** Who git says you are, else the system. */
async function you(): Promise<Author> {
  const ask = async (key: string): Promise<string> => (await git(['config', '--global', key])).stdout.trim();
  const user = userInfo().username;
  return { name: (await ask('user.name')) || user, email: (await ask('user.email')) || `${user}@localhost` };
}

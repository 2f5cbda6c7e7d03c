import { join } from 'node:path';
import { expect, test } from 'vitest';
import { logFixtures } from './support/log_fixtures.ts';
import { inWords, shownLines } from './support/shown_log.ts';

/** Each was looked through when it was made, and compared with what a terminal shows; `vitest -u` writes them anew, to be looked through again. */
test.each(logFixtures())('$name is shown as it was', async ({ name, data }) => {
  await expect(inWords(await shownLines(data))).toMatchFileSnapshot(join(import.meta.dirname, 'fixtures/logs', `${name}.shown.txt`));
});

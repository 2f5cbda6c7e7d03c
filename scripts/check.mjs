/** `npm run check`: the static checks and the architecture test, two at a time. */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ARCHITECTURE, CHECKS, runChecks } from './checks.mjs';

process.chdir(dirname(dirname(fileURLToPath(import.meta.url))));
const { passed, failed } = await runChecks(process.execPath, [...CHECKS, ARCHITECTURE], 2);
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;

/** One case in this process: `node tests/faults/run_case.ts <file> [runs] [seed]`. To see a violation again, give the seed it names. */
import { pathToFileURL } from 'node:url';
import type { FaultCase } from './kit/case.ts';
import { tell } from './kit/process.ts';

const [file = '', runs = '1', seed = '1'] = process.argv.slice(2);
const { faultCase } = (await import(pathToFileURL(file).href)) as { faultCase: FaultCase };
const found = await faultCase.run({ runs: Number(runs), seed: Number(seed) });
tell(found);
// A case that left something open has told all the same.
process.exit(found.violations.length === 0 ? 0 : 1);

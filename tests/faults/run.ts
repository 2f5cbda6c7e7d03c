/**
 * The long share of the fault tests, as a table: `npm run test:faults [-- --only <part of a name>] [--seed <n>] [--runs <n>] [--write]`. Each case
 * runs in full, then once more for each of its guards with that guard taken out. `--write` puts the table into docs/RELIABILITY.md.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { allCases, ROOT } from './kit/cases.ts';
import { judge, type Verdict } from './kit/judge.ts';

const DOCUMENT = join(ROOT, 'docs/RELIABILITY.md');
const [BEGIN, END] = ['<!-- table: begin -->', '<!-- table: end -->'];

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    seed: { type: 'string', default: '1' },
    runs: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});

function row({ name, found, red, blind, skipped }: Verdict): string {
  if (skipped !== null) return `| ${name} | – | not run: ${skipped} is missing | | |`;
  const controls = [...red.map((each) => `red without ${each}`), ...blind.map((each) => `**GREEN without ${each}**`)].join('; ');
  return `| ${name} | ${found.runs.toLocaleString('en')} | ${found.violations.length} | ${found.figure ?? ''} | ${controls} |`;
}

const verdicts: Verdict[] = [];
const chosen = (await allCases()).filter(({ file, faultCase }) => `${file} ${faultCase.name}`.includes(values.only));
for (const { file, faultCase } of chosen) {
  const started = performance.now();
  const asked = { runs: values.runs === undefined ? faultCase.long : Number(values.runs), seed: Number(values.seed) };
  const verdict = await judge(ROOT, file, faultCase, asked, faultCase.guards);
  verdicts.push(verdict);
  process.stdout.write(`${row(verdict)}  ${((performance.now() - started) / 1000).toFixed(0)} s\n`);
  for (const violation of verdict.found.violations.slice(0, 10)) process.stdout.write(`    ${violation}\n`);
}

const table = ['| case | runs | violations | figure | red control |', '| --- | --- | --- | --- | --- |', ...verdicts.map(row)].join('\n');
process.stdout.write(`\n${table}\n`);
if (values.write) {
  const text = readFileSync(DOCUMENT, 'utf8');
  const [before, rest] = text.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`${DOCUMENT} has no place for the table`);
  writeFileSync(DOCUMENT, `${before}${BEGIN}\n\n${table}\n\n${END}${after}`);
}
const bad = verdicts.filter(({ found, blind }) => found.violations.length > 0 || blind.length > 0);
process.stdout.write(`${verdicts.length - bad.length} cases hold, ${bad.length} do not\n`);
process.exitCode = bad.length === 0 ? 0 : 1;

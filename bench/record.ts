/**
 * What the recorder costs: append, fold and publish with everything on, against bare node:sqlite that stores the same texts, an event a row, in
 * groups of the same size with the same durability; and whether an event costs the same after a million others. Absolute numbers are this
 * machine's, the ratios travel. Run: `node bench/record.ts [compare|flat] [--quick]`. Ends by itself in less than two minutes.
 */
import { parseArgs } from 'node:util';
import { compare } from './record/compare.ts';
import { flat } from './record/flat.ts';

const ROUNDS = 41;
const ROUNDS_QUICK = 7;
/** For a line of the comparison, and for the measured part of the other table. */
const BUDGET_MS = 6_000;
const FLAT_BUDGET_MS = 25_000;

const { values, positionals } = parseArgs({ options: { quick: { type: 'boolean', default: false } }, allowPositionals: true });
const [part] = positionals;
if (part !== undefined && part !== 'compare' && part !== 'flat') throw new Error(`there is no part ${part}: compare or flat`);

const { quick } = values;
const rounds = quick ? ROUNDS_QUICK : ROUNDS;
if (part !== 'flat') await compare(rounds, BUDGET_MS);
if (part !== 'compare') await flat({ quick, rounds, budget_ms: FLAT_BUDGET_MS });

/**
 * What the recorder costs: append, fold and publish with everything on, against bare node:sqlite that stores the same texts, an event a row, in
 * groups of the same size with the same durability (WAL, FULL); and whether an event costs the same after a million others.
 *
 * There are two bare sides. One is given the finished texts, which no program is: it shows what SQLite alone costs. The other prints each event
 * itself before it inserts it, as whoever stores events must; neither checks, numbers, hashes, folds, publishes or answers anything. A third side stores
 * rows as the event log does, chained by hash, remembers keys and folds: the floor under any event log of ours, see `record/floor.ts`. A ratio is what a
 * bare side took to what the recorder took: 1.00 is as quick. Absolute numbers are this machine's, the ratios travel; where others use
 * the machine too, the ratio of CPU time says more than the one of time.
 *
 * Run: `node bench/record.ts [compare|flat] [--quick]`. Ends by itself in less than two minutes.
 */
import { parseArgs } from 'node:util';
import { compare } from './record/compare.ts';
import { flat } from './record/flat.ts';

const ROUNDS = 41;
const ROUNDS_QUICK = 7;
/** For a line of the comparison, and for the measured part of the other table. */
const BUDGET_MS = 4_000;
const FLAT_BUDGET_MS = 30_000;
/** Since the process began, when no round begins any more; what is left is reading the longest history once. */
const LAST_ROUND_MS = 85_000;

const { values, positionals } = parseArgs({ options: { quick: { type: 'boolean', default: false } }, allowPositionals: true });
const [part] = positionals;
if (part !== undefined && part !== 'compare' && part !== 'flat') throw new Error(`there is no part ${part}: compare or flat`);

const { quick } = values;
const rounds = quick ? ROUNDS_QUICK : ROUNDS;
if (part !== 'flat') await compare(rounds, BUDGET_MS);
if (part !== 'compare') await flat({ quick, rounds, budget_ms: FLAT_BUDGET_MS, end_ms: LAST_ROUND_MS });

/** The trace of one seed in a process of its own: `node tests/faults/simulation/trace_of.ts <seed>`. */
import { install } from './folders.ts';
import { World } from './world.ts';

install();
const { trace } = await new World(Number(process.argv[2])).run();
process.stdout.write(`${trace}\n`);
process.exit(0);

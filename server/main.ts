/**
 * The process: gives the command line its terminal, its signals and the parts it may start, and takes its exit code. The server and the
 * example are loaded only when they are asked for, so that `signalbox config check` answers at once.
 */
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { addDemoCommands } from './cli/demo_commands.ts';
import { run } from './cli/program.ts';
import type { Parts } from './cli/program.ts';

// Loading the modules is half of a start. Where this folder cannot be written Node goes on without.
enableCompileCache(join(import.meta.dirname, '../node_modules/.cache/signalbox/compiled'));

const parts: Parts = {
  startApp: async (options) => (await import('./app.ts')).startApp(options),
  prepareDemo: async (options) => (await import('./cli/demo.ts')).prepareDemo(options),
  signals: process,
  addDemoCommands,
  archive: async () => (await import('./archive.ts')).archiveParts,
};

// npm runs scripts in the package's folder and tells where the user stood.
const cwd = process.env['npm_lifecycle_event'] === 'signalbox' ? (process.env['INIT_CWD'] ?? process.cwd()) : process.cwd();

// A reader that went away (`signalbox config schema | head`) is no reason for a stack trace.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
  });
}

process.exitCode = await run(
  process.argv.slice(2),
  { cwd, env: process.env, out: (line) => process.stdout.write(`${line}\n`), err: (line) => process.stderr.write(`${line}\n`) },
  parts,
);
// What a run that overstayed its deadline left open must not keep the process.
process.exit();

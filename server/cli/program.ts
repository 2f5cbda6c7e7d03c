/** The commands and flags of `signalbox`, and nothing else: what they do is in a file of its own each. */
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import type { ArchiveParts } from '../archive/port.ts';
import { addArchiveCommands } from './archive_commands.ts';
import { init } from './init.ts';
import { demoFolder, packageVersion } from './places.ts';
import { Sorry } from './port.ts';
import type { Shell } from './port.ts';
import { reload } from './reload.ts';
import { serve } from './serve.ts';
import type { ServeParts } from './serve.ts';
import { namedDataDir, settingsOf } from './settings.ts';
import type { ServeFlags } from './settings.ts';
import { ConfigError } from '../config/config.ts';
import type { Config } from '../config/config.ts';
import { CONFIG_NAME, findConfig } from '../config/find.ts';
import { loadConfig } from '../config/load.ts';
import { configJsonSchema } from '../config/schema.ts';

export interface Parts extends ServeParts {
  /** Adds the commands of the example, e.g. `demo push`. */
  addDemoCommands: (program: Command, shell: Shell) => void;
  /** What verify, backup and restore work with. */
  archive: () => Promise<ArchiveParts>;
}

/** @param argv without node and file. @returns the exit code. */
export async function run(argv: readonly string[], shell: Shell, parts: Parts): Promise<number> {
  let code = 0;
  const program = new Command('signalbox')
    .description('The control room of release pipelines: from git push to production, live in a browser.')
    .version(packageVersion())
    .exitOverride()
    .configureOutput({ writeOut: (text) => shell.out(text.trimEnd()), writeErr: (text) => shell.err(text.trimEnd()) })
    .showHelpAfterError('(`npm run signalbox -- --help` lists the commands)');

  program
    .command('serve')
    .description('start the server; without a config it shows the example')
    .option('--config <file>', 'signalbox.yaml (else SIGNALBOX_CONFIG, else upward from here)')
    .option('--data <folder>', 'data folder (SIGNALBOX_DATA; default .signalbox beside the config)')
    .option('--host <address>', 'address to listen on (SIGNALBOX_HOST; default 127.0.0.1)')
    .option('--port <number>', 'port to listen on, 0 for any free one (SIGNALBOX_PORT; default 7766)')
    .option('--log-level <level>', 'fatal, error, warn, info, debug, trace or silent (SIGNALBOX_LOG_LEVEL; default info)')
    .action(async (flags: ServeFlags) => {
      code = await serve(flags, shell, parts);
    });
  program
    .command('reload')
    .description('make the running server read its config again')
    .option('--config <file>', 'config of the server')
    .option('--data <folder>', 'data folder of the server')
    .action(async (flags: ServeFlags) => {
      await reload(servedDataDir(flags, shell), shell);
    });
  program
    .command('init')
    .description('write a commented signalbox.yaml for a repository')
    .argument('[folder]', 'of the repository', '.')
    .action((folder: string) => init(folder, shell));
  const config = program.command('config').description('check the config, or print its JSON Schema');
  config
    .command('check')
    .description('tell of every mistake in the config')
    .argument('[file]', 'signalbox.yaml')
    .option('--config <file>', 'the same')
    .action((file: string | undefined, flags: Pick<ServeFlags, 'config'>) => {
      for (const line of summary(loadConfig(configFile(file ?? flags.config, shell), shell.env))) shell.out(line);
    });
  config
    .command('schema')
    .description('print the JSON Schema of signalbox.yaml, for editors')
    .action(() => shell.out(JSON.stringify(configJsonSchema(), null, 2)));
  addArchiveCommands(
    program,
    { shell, parts: parts.archive, dataDir: (flags) => servedDataDir(flags, shell), now: () => Date.now() },
    (found) => (code = found),
  );
  parts.addDemoCommands(program, shell);

  try {
    await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    if (!(error instanceof Sorry) && !(error instanceof ConfigError)) throw error;
    shell.err(error.message);
    return 1;
  }
}

/** The data folder the server uses that was started with the same flags from here. A config that is broken now still has one. */
function servedDataDir(flags: ServeFlags, shell: Shell): string {
  const sources = { flags, env: shell.env, cwd: shell.cwd };
  const found = findConfig({ flag: flags.config, env: shell.env, cwd: shell.cwd });
  if (found === null) return settingsOf({ file: join(demoFolder(namedDataDir(sources)), CONFIG_NAME) }, sources).dataDir;
  try {
    return settingsOf(loadConfig(found, shell.env), sources).dataDir;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return settingsOf({ file: found }, sources).dataDir;
  }
}

function configFile(named: string | undefined, { env, cwd }: Shell): string {
  const file = findConfig({ flag: named, env, cwd });
  if (file === null) throw new Sorry('There is no signalbox.yaml here or above. Name one, or write one with `npm run signalbox -- init`.');
  return file;
}

function summary(config: Config): string[] {
  const lines = config.projects.map((project) => `  ${project.id}: ${project.tiers.map((tier) => tier.id).join(' → ')}`);
  return [`${config.file} is fine.`, ...lines];
}

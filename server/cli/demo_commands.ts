/** `signalbox demo push` and `signalbox demo reset`. */
import { join } from 'node:path';
import { Option } from 'commander';
import type { Command } from 'commander';
import { BREAKS } from './demo_change.ts';
import type { Break } from './demo_change.ts';
import { demoPush } from './demo_push.ts';
import { demoReset } from './demo_reset.ts';
import { demoFolder } from './places.ts';
import type { Shell } from './port.ts';
import { namedDataDir, settingsOf } from './settings.ts';
import { CONFIG_NAME } from '../config/find.ts';

interface Flags {
  data?: string;
  break?: Break;
}

export function addDemoCommands(program: Command, shell: Shell): void {
  const { env, cwd } = shell;
  const out = (line: string): void => shell.out(line);
  const demo = program.command('demo').description('push to the example, or remove it');
  demo
    .command('push')
    .description('commit a change to the example and push it; a push without --break mends the last mistake')
    .addOption(new Option('--break <what>', 'make a real mistake').choices(BREAKS))
    .option('--data <folder>', 'data folder of the server, if you gave it one')
    .action(async (flags: Flags) => {
      const folder = demoFolder(namedDataDir({ flags: dataOnly(flags), env, cwd }));
      await demoPush({ folder, broken: flags.break ?? null, out });
    });
  demo
    .command('reset')
    .description('end the services of the example and remove its folder')
    .option('--data <folder>', 'data folder of the server, if you gave it one')
    .action(async (flags: Flags) => {
      const sources = { flags: dataOnly(flags), env, cwd };
      const folder = demoFolder(namedDataDir(sources));
      const { dataDir } = settingsOf({ file: join(folder, CONFIG_NAME) }, sources);
      await demoReset({ folder, dataDir, out });
    });
}

function dataOnly({ data }: Flags): { data?: string } {
  return data === undefined ? {} : { data };
}

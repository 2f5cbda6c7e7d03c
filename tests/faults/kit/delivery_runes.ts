/** Lets Node import the page's rune classes: modules named `.svelte.ts` are compiled as for a server, where a rune is a plain field. */
import { readFileSync } from 'node:fs';
import { registerHooks, stripTypeScriptTypes } from 'node:module';
import { fileURLToPath } from 'node:url';
import { compileModule } from 'svelte/compiler';

/** Call before the import. */
export function importRunes(): void {
  registerHooks({
    load(url, context, next) {
      if (!url.endsWith('.svelte.ts')) return next(url, context);
      const filename = fileURLToPath(url);
      const source = stripTypeScriptTypes(readFileSync(filename, 'utf8'));
      return { format: 'module', source: compileModule(source, { filename, generate: 'server' }).js.code, shortCircuit: true };
    },
  });
}

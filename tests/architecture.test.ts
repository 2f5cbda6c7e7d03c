import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { wrongEdges } from './support/import_rules.ts';

const ROOT = join(import.meta.dirname, '..');

it('every import points inward', () => {
  const files = globSync('{src,server,scripts}/**/*.{ts,mjs,svelte}', { cwd: ROOT }).map((path) => path.replaceAll('\\', '/'));
  expect(files.length).toBeGreaterThan(20);
  expect(files.flatMap((path) => wrongEdges(path, readFileSync(join(ROOT, path), 'utf8')))).toEqual([]);
});

it.each([
  ['src/shared/protocol/x.ts', "import '../fold/state.ts';", 'protocol may not import fold'],
  ['src/shared/fold/x.ts', "import { readFileSync } from 'node:fs';", 'fold may not use the package node:fs'],
  ['src/shared/fold/x.ts', "import '../../state/context.ts';", 'fold may not import context'],
  [
    'src/components/X.svelte',
    '<script lang="ts">\nimport type { A } from \'../state/context.ts\';\n</script>\n<p>x</p>',
    'components may not import context',
  ],
  [
    'src/components/X.svelte',
    "<script module>import '../transport/api.ts'</script><script>let a = 1</script>",
    'components may not import transport',
  ],
  ['src/components/X.svelte', "<script>import '../state/dashboard.svelte.ts'</script>", 'components may not import state'],
  ['src/transport/x.ts', "import '../state/dashboard.svelte.ts';", 'transport may not import state'],
  ['server/runner/x.ts', "import './runner_fixture.ts';", 'runner may not import test code'],
  ['src/views/X.svelte', "<script>import '../transport/api.ts'</script>", 'views may not import transport'],
  ['src/main.ts', "import '../server/clock.ts';", 'pages may not import base'],
  ['src/state/x.svelte.ts', "import 'node:path';", 'state may not use the package node:path'],
  ['server/bus/x.ts', "import '../clock.ts';", 'bus may not import base'],
  ['server/http/x.ts', "import '../gateway/session.ts';", 'http may not import gateway'],
  ['server/http/x.ts', "import '../eventlog/sqlite.ts';", 'http may not import eventlog'],
  ['server/runner/x.ts', "export * from '../logstore/log_store.ts';", 'runner may not import logstore'],
  ['server/deploy/x.ts', "const x = await import('../runner/spawn.ts');", 'deploy may not import runner'],
  ['server/pipeline/x.ts', "import '../recorder.ts';", 'pipeline may not import recorder'],
  ['server/cli/x.ts', "import '../app.ts';", 'cli may not import app'],
  ['server/http/x.ts', "import '../../src/state/context.ts';", 'http may not import context'],
  ['server/http/x.ts', "import 'svelte/store';", 'http may not use the package svelte/store'],
  ['server/http/x.ts', "import '../../tests/support/server.ts';", 'http may not import from there'],
  ['server/failure.ts', "import './http/http.ts';", 'base may not import http'],
  ['scripts/x.mjs', "import 'zod';", 'scripts may not use the package zod'],
  ['server/http/x.test.ts', "import '../../src/state/context.ts';", 'tests of one side may not import the other'],
])('the checker finds %s: %s', (path, text, why) => {
  expect(wrongEdges(path, text)).toMatchObject([{ from: path, why }]);
});

it.each([
  ['src/shared/fold/x.ts', "import '../protocol/ids.ts'; import { z } from 'zod';"],
  [
    'server/http/x.ts',
    "import type { EventLog } from '../eventlog/port.ts'; import '../../src/shared/fold/fold.ts'; import '../failure.ts';",
  ],
  ['server/http/x.test.ts', "import '../eventlog/memory.ts';"],
  ['server/app.ts', "import './http/http.ts'; import './gateway/gateway.ts'; import 'node:fs';"],
  ['src/views/X.svelte', "<script>import '../state/context.ts'; import X from '../components/X.svelte'</script>"],
])('the checker accepts %s: %s', (path, text) => {
  expect(wrongEdges(path, text)).toEqual([]);
});

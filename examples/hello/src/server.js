/** Starts the service on PORT and says so. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createService } from './service.js';

const here = import.meta.dirname;
const { version } = JSON.parse(readFileSync(join(here, 'version.json'), 'utf8'));
// npm sets NODE, too, to the path of Node: only together with TIER it names a machine.
const node = process.env.TIER === undefined ? null : (process.env.NODE ?? null);
const port = Number(process.env.PORT ?? 4000);

const server = createService({ site: join(here, 'site'), version, node, folder: process.cwd() });
server.on('error', (error) => {
  console.error(`hello ${version} cannot listen on port ${port}: ${error.message}`);
  process.exit(1);
});
server.listen(port, '127.0.0.1', () => console.log(`hello ${version} listens on http://127.0.0.1:${server.address().port}/`));

for (const signal of ['SIGTERM', 'SIGINT']) {
  process.on(signal, () => {
    server.close(() => process.exit(0));
    server.closeIdleConnections();
  });
}

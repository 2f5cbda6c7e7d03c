/** Several projects whose builds print what a test writes, when it writes it: runs that are live side by side for as long as the test likes. */
import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Line } from './line.ts';
import { Signalbox } from './signalbox.ts';

/** Prints what is appended to its file, and ends well at a NUL, or badly at an SOH. */
const FEED = `import { mkdirSync, openSync, readSync, writeFileSync } from 'node:fs';
const file = openSync(process.argv[2], 'r');
const buffer = Buffer.alloc(65536);
const pull = () => {
  const bytes = buffer.subarray(0, readSync(file, buffer));
  const end = bytes.findIndex((byte) => byte < 2);
  process.stdout.write(end === -1 ? bytes : bytes.subarray(0, end));
  if (end === -1) return void setTimeout(pull, 10);
  if (bytes[end] === 1) return void (process.exitCode = 1);
  mkdirSync('dist', { recursive: true });
  writeFileSync('dist/built', '');
};
pull();
`;

export class Feeds {
  readonly line: Line;
  readonly server: Signalbox;

  private constructor(line: Line, server: Signalbox) {
    this.line = line;
    this.server = server;
  }

  static async start(count: number): Promise<Feeds> {
    const line = await Line.make();
    const names = Array.from({ length: count }, (_, i) => `p${i + 1}`);
    const folder = join(line.folder, 'feeds');
    await mkdir(folder);
    for (const name of names) await writeFile(join(folder, name), '');
    await writeFile(join(line.work, 'feed.mjs'), FEED);
    await line.push();
    const project = (name: string): string => `  - id: ${name}
    repo: ./app.git
    branch: main
    build: { run: node feed.mjs ${join(folder, name)}, artifacts: [dist], timeout: 5m }
    tiers: [{ id: host, gates: [] }]
`;
    await writeFile(line.config, `projects:\n${names.map(project).join('')}`);
    return new Feeds(line, await new Signalbox(line).start());
  }

  /** Begins a build of the project. @returns its run. */
  async build(name: string): Promise<number> {
    const before = await this.#built(name);
    const answer = await this.server.command(`/api/v1/projects/${name}/rebuild`);
    if (answer.status !== 202 && answer.status !== 200) throw new Error(`no build of ${name}: ${JSON.stringify(answer.body)}`);
    const deadline = Date.now() + 20_000;
    for (;;) {
      const run = (await this.#built(name)).find((run_id) => !before.includes(run_id));
      if (run !== undefined) return run;
      if (Date.now() > deadline) throw new Error(`the build of ${name} did not begin`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** The build prints this. */
  async print(name: string, text: string): Promise<void> {
    await appendFile(join(this.line.folder, 'feeds', name), text);
  }

  /** The build ends and has failed. */
  async fail(name: string): Promise<void> {
    await this.print(name, '\u0001');
  }

  async stop(): Promise<void> {
    await this.server.stop();
    await this.line.remove();
  }

  async #built(name: string): Promise<number[]> {
    const runs = (await this.server.get(`/api/v1/runs?project=${name}&type=build`)) as { items: { run_id: number }[] };
    return runs.items.map(({ run_id }) => run_id);
  }
}

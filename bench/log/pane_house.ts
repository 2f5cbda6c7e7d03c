/// <reference lib="dom" />
/**
 * A real server with a line and a real browser, for what is measured on the page of a log: runs whose output the benchmark decides, and pages of this
 * machine's Chromium with the probe in them. Nothing of the line moves while something is measured but the run in question: after its tests a release waits
 * for a person.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser } from 'playwright';
import { build } from 'vite';
import { BROWSER_ARGS, findBrowser } from '../../tests/support/browser.ts';
import { Line } from '../../tests/support/line.ts';
import { Signalbox } from '../../tests/support/signalbox.ts';
import { QuietPage } from './quiet_page.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const POLL_MS = 50;
/** A screen of the size of a laptop's: 45 lines or so. */
export const VIEWPORT = { width: 1440, height: 900 };
/** Memory is that of one page: no process that waits for the next one. */
const ARGS = [...BROWSER_ARGS, '--enable-precise-memory-info', '--disable-features=SpareRendererForSitePerProcess'];

interface ListedRun {
  run_id: number;
  gate: string;
  status: string;
  version: string;
}

export interface LogFacts {
  bytes: number;
  lines: number;
  closed: boolean;
  sha256?: string;
}

export class PaneHouse {
  readonly line: Line;
  readonly server: Signalbox;
  readonly browser: Browser;
  #pushes = 0;

  private constructor(line: Line, server: Signalbox, browser: Browser) {
    this.line = line;
    this.server = server;
    this.browser = browser;
  }

  /** The page is built anew: the figures are those of the sources as they stand. */
  static async open(): Promise<PaneHouse> {
    await build({ root: ROOT, logLevel: 'warn' });
    const line = await Line.make();
    const server = await new Signalbox(line).start();
    const executablePath = await findBrowser(process.env);
    const browser = await chromium.launch({ args: ARGS, ...(executablePath === null ? {} : { executablePath }) });
    return new PaneHouse(line, server, browser);
  }

  runUrl(run_id: number): string {
    return `${this.server.url}/runs/${run_id}`;
  }

  /** Pushes a commit whose tests are this shell script. @returns the run of it, which has begun. */
  async run(script: string): Promise<number> {
    const version = `1.${++this.#pushes}.0`;
    await this.line.commit({ version });
    await writeFile(join(this.line.work, 'test.sh'), script);
    await this.line.git(['commit', '--quiet', '--amend', '--all', '--no-edit'], this.line.work);
    await this.line.git(['push', '--quiet', 'origin', 'main'], this.line.work);
    return (await this.#until(() => this.#tests(version))).run_id;
  }

  /** Resolves when the run has passed and nothing runs any more. @throws when it did not pass. */
  async passed(run_id: number): Promise<LogFacts> {
    const run = await this.#until(async () => {
      const answer = (await this.server.get(`/api/v1/runs/${run_id}`)) as ListedRun;
      return answer.status === 'running' ? null : answer;
    });
    if (run.status !== 'passed') throw new Error(`run ${run_id} is ${run.status}`);
    // The first release waits for a person, those after it for the first: nothing runs.
    await this.#until(async () => {
      const { items } = (await this.server.get('/api/v1/runs?status=running')) as { items: ListedRun[] };
      const waits = (await this.server.state()).projects[0]?.tiers[1]?.current?.gates['manual_confirm']?.status === 'awaiting_confirm';
      return waits && items.length === 0 ? run : null;
    });
    return (await this.server.get(`/api/v1/runs/${run_id}/log/stat`)) as LogFacts;
  }

  /** A page of somebody who was never here before, with the probe in it; it is for the caller to close. */
  async page(): Promise<QuietPage> {
    return QuietPage.open(this.browser, VIEWPORT);
  }

  /** The page of a run that is written, live and with its log drawn. */
  async following(run_id: number): Promise<QuietPage> {
    const page = await this.page();
    await this.follow(page, run_id);
    return page;
  }

  async follow(page: QuietPage, run_id: number): Promise<void> {
    await page.goto(this.runUrl(run_id));
    await page.until(
      () =>
        document.querySelector('[role="status"][aria-label="Connection"]')?.textContent.includes('Live') === true &&
        document.querySelector('[role="log"]') !== null,
      [],
    );
    await page.run(() => document.querySelector<HTMLElement>('[role="log"]')?.focus());
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.server.stop();
    await this.line.remove();
  }

  async #tests(version: string): Promise<ListedRun | null> {
    const { items } = (await this.server.get('/api/v1/runs?type=gate')) as { items: ListedRun[] };
    return items.find((run) => run.gate === 'unit_tests' && run.version.startsWith(version)) ?? null;
  }

  async #until<T>(ask: () => Promise<T | null>): Promise<T> {
    for (;;) {
      const answer = await ask();
      if (answer !== null) return answer;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
}

/// <reference lib="dom" />
/**
 * How long until an operator sees it: from a push to the first event painted (beside git's own time), and from a state change to another
 * browser. Real server, real git, real browser, loopback. git's own time is measured in the same run, by pushes to a repository without a hook.
 * `node bench/latency.ts` prints medians and p95 in milliseconds.
 */
import { chromium, type Page } from 'playwright';
import { BROWSER_ARGS, findBrowser } from '../tests/support/browser.ts';
import { Line } from '../tests/support/line.ts';
import { Signalbox } from '../tests/support/signalbox.ts';

const PUSHES = 15;
const CHANGES = 60;

const line = await Line.make();
const server = await new Signalbox(line).start();
const executablePath = await findBrowser(process.env);
const browser = await chromium.launch({ args: BROWSER_ARGS, ...(executablePath === null ? {} : { executablePath }) });
try {
  const [one, other] = [await watch(), await watch()];
  const waits = async (): Promise<boolean> =>
    (await server.state()).projects[0]?.tiers[1]?.current?.gates['manual_confirm']?.status === 'awaiting_confirm';
  await line.push({ version: '0.9.0' });
  while (!(await waits())) await new Promise((resolve) => setTimeout(resolve, 50));
  const changes: number[] = [];
  for (let i = 0; i < CHANGES; i++) {
    const mark = `mark-${i}-`;
    const painted = paintOf(other, mark);
    const from = Date.now();
    await server.command('/api/v1/projects/app/confirm/staging', { decision: 'reject', comment: mark });
    changes.push((await painted) - from);
    await server.command('/api/v1/projects/app/gates/staging/manual_confirm/retry');
  }
  report('state change to another browser', changes, 'from the request of one to the paint of the other');

  // Builds are held, so that nothing but the push itself is on the machine's mind.
  await line.hold('build');
  const pushes: number[] = [];
  const recorded: number[] = [];
  const gits: number[] = [];
  for (let i = 0; i < PUSHES; i++) {
    const sha = await line.commit({ version: `1.0.${i}` });
    const from = Date.now();
    const painted = paintOf(one, sha.slice(0, 7));
    await line.git(['push', '--quiet', 'origin', 'main'], line.work);
    pushes.push((await painted) - from);
    const event = (await server.events('rebuild_requested')).find((one) => one['sha'] === sha);
    recorded.push(Date.parse(String(event?.['at'])) - from);
    gits.push(await bareGit(i));
  }
  const git = quantile(gits, 0.5);
  report('push to its event recorded, git included', recorded, 'pack, hook, request, asking git about the commit');
  report(
    'push to first event painted, beside git',
    pushes.map((ms) => ms - git),
    `git itself ${git.toFixed(0)} ms`,
  );
} finally {
  await browser.close();
  await line.release('build');
  await server.stop();
  await line.remove();
}

async function watch(): Promise<Page> {
  const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
  await page.goto(server.url);
  await page.getByRole('status', { name: 'Connection' }).getByText('Live').waitFor();
  return page;
}

/** Wall clock of the frame in which the text stood on the page. */
function paintOf(page: Page, text: string): Promise<number> {
  return page.evaluate(
    (wanted) =>
      new Promise<number>((resolve) => {
        const look = (): void => {
          if (!document.body.textContent.includes(wanted)) return;
          seen.disconnect();
          requestAnimationFrame(() => setTimeout(() => resolve(Date.now())));
        };
        const seen = new MutationObserver(look);
        seen.observe(document.body, { subtree: true, childList: true, characterData: true });
        look();
      }),
    text,
  );
}

/** A push of one commit to a repository that nobody is told of. */
async function bareGit(i: number): Promise<number> {
  const bare = `${line.folder}/plain.git`;
  if (i === 0) await line.git(['init', '--quiet', '--bare', '--initial-branch=main', bare], line.folder);
  const from = Date.now();
  await line.git(['push', '--quiet', bare, 'main'], line.work);
  return Date.now() - from;
}

function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

function report(what: string, values: readonly number[], note: string): void {
  process.stdout.write(
    `${what}: median ${quantile(values, 0.5).toFixed(0)} ms, p95 ${quantile(values, 0.95).toFixed(0)} ms, n ${values.length} (${note})\n`,
  );
}

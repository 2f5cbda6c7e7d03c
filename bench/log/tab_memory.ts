/** What a tab holds: the scripts' heap, and what its process has of the machine's memory. Linux only: `/proc` tells the latter. */
import { readFile } from 'node:fs/promises';
import type { Browser } from 'playwright';
import type { QuietPage } from './quiet_page.ts';

const MIB = 1_048_576;
const KIB_A_MIB = 1_024;

export interface TabMemory {
  /** JavaScript objects in use, garbage not yet collected included. */
  heap_mib: number;
  /** Of the tab's process: all of it, and with what it shares with other processes split among them. */
  rss_mib: number;
  pss_mib: number;
}

/** The processes that draw pages. */
export async function renderers(browser: Browser): Promise<Set<number>> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  return new Set(processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id));
}

/** @param others processes that drew pages before this one was opened; the page's own is the one that is none of them. */
export async function tabMemory(page: QuietPage, browser: Browser, others: ReadonlySet<number>): Promise<TabMemory> {
  const metric = await page.metrics();
  const own = [...(await renderers(browser))].filter((id) => !others.has(id));
  if (own.length === 0) throw new Error('the process of the page is not to be found');
  const held = await Promise.all(own.map(ofProcess));
  // A page that went elsewhere may have left its first process to the browser: the larger is the one that draws.
  const { rss_mib, pss_mib } = held.toSorted((a, b) => b.pss_mib - a.pss_mib)[0]!;
  return { heap_mib: metric('JSHeapUsedSize') / MIB, rss_mib, pss_mib };
}

async function ofProcess(id: number): Promise<{ rss_mib: number; pss_mib: number }> {
  const text = await readFile(`/proc/${id}/smaps_rollup`, 'utf8');
  const of = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1]) / KIB_A_MIB;
  return { rss_mib: of('Rss'), pss_mib: of('Pss') };
}

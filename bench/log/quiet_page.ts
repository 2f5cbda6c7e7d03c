/// <reference lib="dom" />
/**
 * A page nobody listens to. Playwright's own pages tell it of all that comes from the network, and for that the browser prints every frame of a WebSocket as JSON on the page's own
 * main thread: at 50,000 lines a second that alone took more than half of the frames. An operator's browser does no such thing. It is driven over the browser's own
 * connection, and what is asked of it runs inside of it.
 */
import type { Browser, CDPSession } from 'playwright';
import { installProbe } from './page_probe.ts';

interface Answer {
  id?: number;
  result?: unknown;
  error?: { message: string };
}
interface Evaluated {
  result: { value?: unknown };
  exceptionDetails?: { text: string; exception?: { description?: string } };
}
export type Metric = 'TaskDuration' | 'Timestamp' | 'JSHeapUsedSize';

/** What a key is called, and its number where the browser acts on it. */
const KEYS = { PageUp: 33, End: 35, Home: 36 } as const;

/** It was closed, or its tab died. */
export class PageGone extends Error {}

export class QuietPage {
  readonly #browser: CDPSession;
  readonly #sessionId: string;
  readonly #targetId: string;
  readonly #waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  #asked = 0;
  #closed = false;
  #gone: PageGone | null = null;

  private constructor(browser: CDPSession, sessionId: string, targetId: string) {
    this.#browser = browser;
    this.#sessionId = sessionId;
    this.#targetId = targetId;
    browser.on('Target.receivedMessageFromTarget', ({ sessionId: from, message }) => {
      if (from === sessionId) this.#answered(JSON.parse(message) as Answer);
    });
    browser.on('Target.detachedFromTarget', ({ sessionId: gone }) => {
      if (gone === sessionId) this.#lost('The page is gone.');
    });
    browser.on('Target.targetCrashed', ({ targetId: dead }) => {
      if (dead === targetId) this.#lost('The tab died.');
    });
  }

  /** A page of somebody who was never here before, with the probe in it. */
  static async open(from: Browser, { width, height }: { width: number; height: number }): Promise<QuietPage> {
    const browser = await from.newBrowserCDPSession();
    const { browserContextId } = await browser.send('Target.createBrowserContext', { disposeOnDetach: true });
    await browser.send('Target.setDiscoverTargets', { discover: true });
    const { targetId } = await browser.send('Target.createTarget', { url: 'about:blank', browserContextId });
    const { sessionId } = await browser.send('Target.attachToTarget', { targetId, flatten: false });
    const page = new QuietPage(browser, sessionId, targetId);
    await page.#send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false });
    await page.#send('Page.enable');
    await page.#send('Page.addScriptToEvaluateOnNewDocument', { source: `(${installProbe.toString()})()` });
    await page.#send('Performance.enable');
    return page;
  }

  /** Resolves when the new page has begun. @param url absolute. */
  async goto(url: string): Promise<void> {
    const { errorText } = (await this.#send('Page.navigate', { url })) as { errorText?: string };
    if (errorText !== undefined) throw new Error(`${url}: ${errorText}`);
    await this.until((wanted) => document.URL === wanted, [url], { every_ms: 0 });
  }

  /** Runs a function in the page, which must not refer to anything outside of itself. @throws what it threw, as a sentence, or that the page is gone. */
  async run<T, A extends readonly unknown[]>(body: (...args: A) => T | Promise<T>, ...args: A): Promise<T> {
    const expression = `(${body.toString()})(...${JSON.stringify(args)})`;
    const answer = (await this.#send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true })) as Evaluated;
    const { exceptionDetails: wrong, result } = answer;
    if (wrong !== undefined) throw new Error(wrong.exception?.description ?? wrong.text);
    return result.value as T;
  }

  /** Resolves when a function gives true in the page; it is asked in every `every_ms`. @throws when that takes longer than `within_ms`. */
  async until<A extends readonly unknown[]>(
    body: (...args: A) => boolean,
    args: A,
    { every_ms = 50, within_ms = 30_000 }: { every_ms?: number; within_ms?: number } = {},
  ): Promise<void> {
    const end = performance.now() + within_ms;
    while (!(await this.run(body, ...args))) {
      if (performance.now() > end) throw new Error(`not within ${within_ms} ms: ${body.toString()}`);
      await new Promise((resolve) => setTimeout(resolve, every_ms));
    }
  }

  async press(key: keyof typeof KEYS): Promise<void> {
    for (const type of ['keyDown', 'keyUp'])
      await this.#send('Input.dispatchKeyEvent', { type, key, code: key, windowsVirtualKeyCode: KEYS[key] });
  }

  /** In the middle of the first element that a selector finds. @throws when there is none. */
  async click(selector: string): Promise<void> {
    const place = await this.run((wanted) => {
      const at = document.querySelector(wanted)?.getBoundingClientRect();
      return at === undefined ? null : { x: at.x + at.width / 2, y: at.y + at.height / 2 };
    }, selector);
    if (place === null) throw new Error(`nothing on the page is ${selector}`);
    for (const type of ['mousePressed', 'mouseReleased'])
      await this.#send('Input.dispatchMouseEvent', { type, ...place, button: 'left', clickCount: 1 });
  }

  /** Seconds and bytes, as the browser counts them. */
  async metrics(): Promise<(name: Metric) => number> {
    const { metrics } = (await this.#send('Performance.getMetrics')) as { metrics: { name: string; value: number }[] };
    return (wanted) => metrics.find(({ name }) => name === wanted)?.value ?? Number.NaN;
  }

  /** Idempotent. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#gone === null) await this.#browser.send('Target.closeTarget', { targetId: this.#targetId });
    await this.#browser.detach();
  }

  #send(method: string, params: object = {}): Promise<unknown> {
    const id = ++this.#asked;
    if (this.#gone !== null) return Promise.reject(this.#gone);
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#waiting.set(id, { resolve, reject });
    this.#browser
      .send('Target.sendMessageToTarget', { sessionId: this.#sessionId, message: JSON.stringify({ id, method, params }) })
      .catch((cause: unknown) => reject(this.#gone ?? new PageGone('The page is gone.', { cause })));
    return promise;
  }

  #answered({ id = 0, result, error }: Answer): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve(result);
    else waiting?.reject(new Error(error.message));
  }

  #lost(why: string): void {
    this.#gone ??= new PageGone(why);
    for (const { reject } of this.#waiting.values()) reject(this.#gone);
    this.#waiting.clear();
  }
}

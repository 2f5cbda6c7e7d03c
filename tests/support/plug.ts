/** The fixture of the tests that pull the plug: as `house`, with a proxy between browser and server that breaks what passes through it. */
import { readFile, writeFile } from 'node:fs/promises';
import { test as base, type BrowserContext } from 'playwright/test';
import { Proxy } from '../faults/kit/proxy.ts';
import { Operator, type House } from './house.ts';
import { Line, type LineOptions } from './line.ts';
import { Signalbox } from './signalbox.ts';

export interface Plug extends House {
  /** `server.url` goes past it. */
  proxy: Proxy;
}

export const test = base.extend<{ lineOptions: LineOptions; plug: Plug }>({
  lineOptions: [{}, { option: true }],
  plug: async ({ browser, lineOptions }, use) => {
    const line = await Line.make(lineOptions);
    const proxy = await Proxy.open();
    // The browser names the proxy in Host and Origin.
    await writeFile(line.config, `public_url: ${proxy.url}\n${await readFile(line.config, 'utf8')}`);
    const server = await new Signalbox(line).start();
    proxy.leadTo(Number(new URL(server.url).port));
    const contexts: BrowserContext[] = [];
    const operator = async (name = 'Ana'): Promise<Operator> => {
      const context = await browser.newContext();
      contexts.push(context);
      await context.addInitScript((given) => localStorage.setItem('signalbox.name', JSON.stringify(given)), name);
      return new Operator(await context.newPage(), name).opens(proxy.url);
    };
    await use({ line, server, operator, proxy });
    for (const context of contexts) await context.close();
    await proxy.close();
    await server.stop();
    await line.remove();
  },
});

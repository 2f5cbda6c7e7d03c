/** The fixture of the end-to-end tests: a line, a real server over it, and operators in real browsers. */
import { test as base, expect, type BrowserContext, type Locator, type Page } from 'playwright/test';
import { Line, type LineOptions } from './line.ts';
import { Signalbox } from './signalbox.ts';

export class Operator {
  readonly page: Page;
  readonly name: string;

  constructor(page: Page, name: string) {
    this.page = page;
    this.name = name;
  }

  async opens(url: string): Promise<this> {
    await this.page.goto(url);
    await expect(this.connection).toContainText('Live');
    return this;
  }

  get connection(): Locator {
    return this.page.getByRole('status', { name: 'Connection' });
  }
  get needsYou(): Locator {
    return this.page.getByRole('region', { name: 'Needs you' });
  }
  tier(name: string): Locator {
    return this.page.getByRole('group', { name: new RegExp(`^${name}, `) });
  }
  get dialog(): Locator {
    return this.page.getByRole('dialog');
  }

  /** Waits for the card of a release on a tier and opens its dialog. */
  async reviews(version: string, tier: string): Promise<void> {
    await this.needsYou.getByRole('button', { name: `Confirm ${short(version)} on ${tier}` }).click();
    await expect(this.dialog).toBeVisible();
  }

  async confirms(version: string, tier: string): Promise<void> {
    await this.reviews(version, tier);
    await this.dialog.getByRole('button', { name: `Confirm ${version}` }).click();
    await expect(this.dialog).toBeHidden();
  }

  async rejects(version: string, tier: string, why: string): Promise<void> {
    await this.reviews(version, tier);
    await this.dialog.getByRole('button', { name: /^Reject/ }).click();
    await this.dialog.getByRole('textbox').fill(why);
    await this.dialog.getByRole('button', { name: /^Reject/ }).click();
    await expect(this.dialog).toBeHidden();
  }
}

/** As the panel shows it, where no other release has the same number. */
export function short(version: string): string {
  return version.replace(/\+.*/, '');
}

export interface House {
  line: Line;
  server: Signalbox;
  /** A new browser context with its own name: another person; without a name, one who has not given it yet. */
  operator(name?: string): Promise<Operator>;
}

export const test = base.extend<{ lineOptions: LineOptions; house: House }>({
  lineOptions: [{}, { option: true }],
  house: async ({ browser, lineOptions }, use) => {
    const line = await Line.make(lineOptions);
    const server = await new Signalbox(line).start();
    const contexts: BrowserContext[] = [];
    const operator = async (name = 'Ana'): Promise<Operator> => {
      const context = await browser.newContext();
      contexts.push(context);
      if (name !== '') await context.addInitScript((given) => localStorage.setItem('signalbox.name', JSON.stringify(given)), name);
      return new Operator(await context.newPage(), name).opens(server.url);
    };
    await use({ line, server, operator });
    for (const context of contexts) await context.close();
    await server.stop();
    await line.remove();
  },
});

export { expect };

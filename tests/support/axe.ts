/** What axe finds on a page as it stands, a line each. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright/test';

export async function axeFinds(page: Page): Promise<string[]> {
  // Without a second page for each look, which takes longer than the look. What it leaves out are frames of other sites: there are none.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
  return violations.map(({ id, nodes }) => `${page.url()} ${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
}

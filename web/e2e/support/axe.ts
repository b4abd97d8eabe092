// What axe-core finds serious or critical on a page.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults, ContextSpec } from 'axe-core';
import type { Page } from 'playwright-core';

const script = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** `rule: elements`, for WCAG 2.0 to 2.2, A and AA, and for good practice. */
export async function findings(page: Page, { exclude = [] }: { exclude?: string[] } = {}): Promise<string[]> {
  // By the DevTools protocol, which the page's policy does not bind; the policy itself stays in force.
  const session = await page.context().newCDPSession(page);
  await session.send('Runtime.evaluate', { expression: script });
  const results = await page.evaluate(
    (context) => (globalThis as unknown as { axe: { run: (context: unknown) => Promise<AxeResults> } }).axe.run(context),
    { include: [['html']], exclude: exclude.map((selector) => [selector]) } satisfies ContextSpec,
  );
  return results.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes.map(({ target, failureSummary }) => `${target.join(' ')} (${failureSummary})`).join(', ')}`);
}

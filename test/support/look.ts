import assert from 'node:assert/strict';
import axe from 'axe-core';
import type { Page } from 'playwright-core';

/** What is wider than the element it stands in. */
const STICKING_OUT = `[...document.querySelectorAll('main *')]
  .filter((each) => each.getBoundingClientRect().right > each.parentElement.getBoundingClientRect().right + 1)
  .map((each) => each.outerHTML)`;

/** No fault that axe finds, and nothing wider than the window or than what it stands in. */
export async function checkLook(page: Page): Promise<void> {
  await page.evaluate(axe.source);
  const faults: unknown = await page.evaluate(
    'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)]))',
  );
  assert.deepEqual(faults, [], page.url());
  assert.deepEqual(await page.evaluate(STICKING_OUT), [], `something sticks out on ${page.url()}`);
  assert.equal(
    await page.evaluate('document.documentElement.scrollWidth > innerWidth'),
    false,
    `${page.url()} is too wide`,
  );
}

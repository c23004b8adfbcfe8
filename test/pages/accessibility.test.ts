import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import type { AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { pageHeaders } from '../../src/pages/headers.ts';
import { launchBrowser } from '../support/browser.ts';
import { everyPage } from './every-page.ts';

// Long and without a break: what makes a narrow page scroll sideways.
const LONG = `Bestätigung-${'ö'.repeat(60)} 7f3c1b9e-4a52-4d0e-9a63-0b6d1c2f8e11`;
const PAGES = new Map(everyPage(LONG, 'de').map((page) => [`/${page.name}`, page]));
const FRAMES = [...PAGES.keys()].map((path) => `<iframe src="${path}"></iframe>`).join('');

let browser: Browser;
let server: Server;
let origin: string;
let axe: string;
let posted: IncomingMessage | null = null;

before(async () => {
  axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  server = createServer((request, response) => {
    const page = PAGES.get(request.url ?? '');
    if (request.method === 'POST') posted = request;
    if (page !== undefined) response.writeHead(200, pageHeaders(page.kind)).end(page.html);
    else if (request.url === '/frames') response.writeHead(200, { 'content-type': 'text/html' }).end(FRAMES);
    else response.writeHead(404, { 'content-type': 'text/plain' }).end('nothing');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  browser = await launchBrowser();
});

after(async () => {
  await browser.close();
  server.closeAllConnections();
  server.close();
});

/** Runs axe-core in the page. A string, since it runs in the browser and not here. */
const inspect = async (page: Page): Promise<AxeResults> => {
  await page.evaluate(axe);
  return page.evaluate<AxeResults>('axe.run(document, { resultTypes: ["violations"] })');
};

const scrollsSideways = 'document.documentElement.scrollWidth > document.documentElement.clientWidth';

for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of [1280, 320]) {
    describe(`${colorScheme}, ${width} pixels wide`, () => {
      let page: Page;
      let complaints: string[] = [];
      before(async () => {
        const context = await browser.newContext({ colorScheme, viewport: { width, height: 700 } });
        page = await context.newPage();
        page.on('console', (message) => complaints.push(message.text()));
        page.on('pageerror', (error) => complaints.push(error.message));
      });
      after(() => page.context().close());

      for (const [path, { name }] of PAGES) {
        test(`${name}: axe finds nothing, it does not scroll sideways, the policy is not violated`, async () => {
          complaints = [];
          await page.goto(`${origin}${path}`);
          const { violations, passes } = await inspect(page);
          assert.deepEqual(
            violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`),
            [],
          );
          assert.ok(passes.some(({ id }) => id === 'color-contrast'));
          assert.equal(await page.evaluate(scrollsSideways), false);
          assert.deepEqual(complaints, []);
          // The stylesheet was let in: an unstyled page has no violations either.
          assert.equal(await page.evaluate('getComputedStyle(document.body).display'), 'flex');
        });
      }
    });
  }
}

/** The headings that can be read inside the frames of a page. */
async function framed(from: string): Promise<readonly string[]> {
  const page = await browser.newPage();
  await page.goto(from, { waitUntil: 'load' });
  const headings = await Promise.all(page.frames().map((frame) => frame.locator('main > h1').allTextContents()));
  await page.close();
  return headings.flat();
}

test('T166 in a frame of the same origin the frame page alone is shown', async () => {
  assert.deepEqual(await framed(`${origin}/frames`), ['A sign-in step is needed']);
});

test('T166 in a frame of another origin no page is shown', async () => {
  const other = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end(FRAMES.replaceAll('src="', `src="${origin}`));
  }).listen(0, '127.0.0.1');
  await once(other, 'listening');
  try {
    assert.deepEqual(await framed(`http://127.0.0.1:${(other.address() as AddressInfo).port}/`), []);
  } finally {
    other.closeAllConnections();
    other.close();
  }
});

test('the link of the frame page takes the whole window', async () => {
  const page = await browser.newPage();
  await page.goto(`${origin}/frames`, { waitUntil: 'load' });
  const frame = page.frames().find((candidate) => candidate.url() === `${origin}/frame`);
  assert.ok(frame);
  await Promise.all([page.waitForURL('**/.stepgate/step-up?t=abc'), frame.locator('a').click()]);
  await page.close();
});

test('the sign-out form is posted under its own origin, which can be checked', async () => {
  const page = await browser.newPage();
  await page.goto(`${origin}/sign-out`);
  await Promise.all([page.waitForURL('**/.stepgate/sign-out'), page.getByRole('button', { name: 'Sign out' }).click()]);
  assert.equal(posted?.headers.origin, origin);
  assert.equal(posted?.headers['sec-fetch-dest'], 'document');
  await page.close();
});

test('every page can be used by keyboard: the first stop is the main action, and it is seen', async () => {
  const page = await browser.newPage();
  for (const [path, { name }] of PAGES) {
    await page.goto(`${origin}${path}`);
    await page.keyboard.press('Tab');
    const seen = await page.evaluate<readonly [string, string]>(
      '[document.activeElement.className, getComputedStyle(document.activeElement).outlineStyle]',
    );
    assert.deepEqual(seen, ['button', 'solid'], name);
  }
  await page.close();
});

test('in forced colours and on paper the pages stay readable', async () => {
  const page = await browser.newPage();
  await page.goto(`${origin}/level_not_met`);
  await page.emulateMedia({ forcedColors: 'active' });
  assert.notEqual(await page.evaluate('getComputedStyle(document.querySelector(".button")).borderTopStyle'), 'none');
  await page.emulateMedia({ media: 'print', forcedColors: 'none' });
  assert.equal(await page.locator('.actions').isVisible(), false);
  assert.equal(await page.locator('h1').isVisible(), true);
  await page.close();
});

import { after, afterEach, before, beforeEach, mock } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { DemoProtocol } from '../../src/cli/demo-files.ts';
import { launchBrowser } from '../support/browser.ts';
import { type DemoStage, startDemoStage } from '../support/demo-stage.ts';
import { arrive, type Person } from './person.ts';

/** The demo, a browser, and for each test somebody new in front of it. Time stands still but for `mock.timers.tick`. */
export interface Scene {
  readonly stage: DemoStage;
  readonly person: Person;
  readonly page: Page;
  readonly context: BrowserContext;
  /** An address of the application. */
  at(path: string): string;
  /** Waits for the page with this heading. */
  heading(name: string): Promise<void>;
  /** What the gateway says of the session. */
  session(): Promise<{ readonly subject?: string; readonly level?: string }>;
}

/** Sets the scene for the tests of the `describe` in which it is called. */
export function setScene(protocol: DemoProtocol): Scene {
  let browser: Browser;
  let stage: DemoStage;
  let person: Person;
  before(async () => {
    mock.timers.enable({ apis: ['Date'], now: Date.UTC(2026, 10, 23, 9) });
    stage = await startDemoStage(protocol);
    browser = await launchBrowser();
  });
  after(async () => {
    await browser.close();
    await stage.stop();
    mock.timers.reset();
  });
  beforeEach(async () => {
    person = await arrive(browser, stage.issuer);
  });
  afterEach(() => person.leave());
  return {
    get stage() {
      return stage;
    },
    get person() {
      return person;
    },
    get page() {
      return person.page;
    },
    get context() {
      return person.context;
    },
    at: (path) => `${stage.origin}${path}`,
    heading: (name) => person.page.getByRole('heading', { name, level: 1 }).waitFor(),
    async session() {
      await person.page.goto(`${stage.origin}/`);
      return person.page.evaluate(() => fetch('/.stepgate/session').then((reply) => reply.json() as Promise<object>));
    },
  };
}

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import { type Stage, startStage } from '../support/stage.ts';
import type { Visitor } from '../support/visitor.ts';
import { type Fence, PAGES, page } from './markdown.ts';

const PYTHON = 'python3 is needed to run the examples: apt-get install python3, or https://www.python.org/downloads/';

function run({ language, text }: Fence): string {
  const options = { input: text, encoding: 'utf8' } as const;
  const done =
    language === 'js'
      ? spawnSync(process.execPath, ['--input-type=module', '-'], options)
      : spawnSync('python3', ['-'], options);
  assert.ok(done.error === undefined, language === 'python' ? PYTHON : 'node did not run');
  assert.equal(done.status, 0, done.stderr);
  return done.stdout;
}

describe('an example in code', () => {
  for (const { fences } of PAGES) {
    for (const [index, fence] of fences.entries()) {
      if (!fence.words.includes('run')) continue;
      it(`${fence.place} prints what stands below it`, () => {
        const below = fences[index + 1];
        assert.ok(below?.words.includes('output') === true, 'no output below');
        assert.equal(run(fence), below?.text);
      });
    }
  }

  it('is of a kind that is run', () => {
    const kinds = { js: ['run', 'browser', 'verifier'], python: ['run', 'verifier'] } as const;
    const code = PAGES.flatMap(({ fences }) => fences).filter(({ language }) => language in kinds);
    for (const { place, language, words } of code) {
      assert.ok((kinds[language as keyof typeof kinds] as readonly string[]).includes(words[0] ?? ''), place);
    }
  });
});

type FetchOrStepUp = (input: string) => Promise<Response>;

describe('the script for pages in docs/app-owners.md', () => {
  let stage: Stage;
  let visitor: Visitor;
  before(async () => {
    stage = await startStage();
    visitor = stage.visitor();
    await stage.signIn(visitor);
  });
  after(() => stage.stop());

  /** The script's function, in a window of a page of the stage's origin. */
  function inWindow(assign: (url: string) => void): FetchOrStepUp {
    const text = page('docs/app-owners.md').fences.find(({ words }) => words[0] === 'browser')?.text ?? '';
    const fetch = async (target: string): Promise<Response> => {
      const {
        status,
        headers,
        text: body,
      } = await visitor.fetch(target, {
        headers: { referer: `${stage.origin}/app?x=1` },
      });
      return new Response(body, { status, headers: { 'content-type': headers['content-type'] ?? '' } });
    };
    return new Function('fetch', 'location', `${text}; return fetchOrStepUp;`)(fetch, { assign });
  }

  it('hands on an answer that needs no step-up, and a 401 of the application itself', async () => {
    const away: string[] = [];
    const call = inWindow((url) => away.push(url));
    assert.equal((await call('/home')).status, 200);
    stage.upstream.answer.status = 401;
    const own = await call('/home');
    stage.upstream.answer.status = 200;
    assert.equal(own.status, 401);
    assert.deepEqual(away, []);
  });

  it('leaves for the step-up where one is needed, and that comes back to its page', async () => {
    const url = await new Promise<string>((resolve, reject) => {
      inWindow(resolve)('/admin/x').then(() => reject(new Error('it did not leave')), reject);
    });
    assert.ok(url.startsWith(`${stage.origin}/.stepgate/step-up?t=`));
    const back = await stage.passProvider(visitor, await visitor.open(url.slice(stage.origin.length)));
    assert.equal(back.location, `${stage.origin}/app?x=1`);
  });
});

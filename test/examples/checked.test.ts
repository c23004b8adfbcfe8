import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { check } from '../../src/cli/check.ts';
import { acsUrl, callbackUrl } from '../../src/http/own-routes.ts';
import { EXAMPLES } from './served.ts';

const ROOT = join(EXAMPLES, '..');
const FOLDERS = globSync('*/gateway.yaml', { cwd: EXAMPLES }).map(dirname).sort();

async function run(...args: readonly string[]): Promise<{ readonly code: number; readonly said: string }> {
  let said = '';
  const say = (text: string): void => {
    said += text;
  };
  const io = { out: say, err: say, env: () => undefined, cwd: ROOT };
  return { code: await check(args, { ...io, readFile: (path) => readFileSync(path) }), said };
}

describe('the examples', () => {
  it('are these', () => assert.deepEqual(FOLDERS, ['minimal', 'saml', 'two-apps']));

  for (const folder of FOLDERS) {
    const page = readFileSync(join(EXAMPLES, folder, 'README.md'), 'utf8');

    it(`${folder} loads without a problem or a notice, as its page says to check it`, async () => {
      const { code, said } = await run('--config', `examples/${folder}/gateway.yaml`, '--without-secrets', '--strict');
      assert.equal(code, 0, said);
      assert.match(page, /npm run stepgate -- check --config \S+gateway\.yaml --without-secrets/);
    });

    it(`${folder} has a page whose links lead somewhere`, () => {
      for (const [, target = ''] of page.matchAll(/\]\((?!https?:)([^)#]+)/g))
        assert.ok(existsSync(join(EXAMPLES, folder, target)), target);
    });

    it(`${folder} names where people come back to, on every origin, on its page or in its comments`, () => {
      const gateway = readFileSync(join(EXAMPLES, folder, 'gateway.yaml'), 'utf8');
      const backUrl = gateway.includes('type: saml') ? acsUrl : callbackUrl;
      for (const [, origin = ''] of gateway.matchAll(/origins: \["([^"]+)"\]/g))
        assert.ok((gateway + page).includes(backUrl(origin, 'corp')), origin);
    });
  }

  it('minimal can be changed for the container by the line that its page gives', () => {
    const gateway = readFileSync(join(EXAMPLES, 'minimal/gateway.yaml'), 'utf8');
    const page = readFileSync(join(EXAMPLES, 'minimal/README.md'), 'utf8');
    const [, what = '', instead = ''] = /sed -i 's#([^#]+)#([^#]+)#' my-gateway\/gateway\.yaml/.exec(page) ?? [];
    assert.match(gateway.replace(what, instead), /^ledger: sqlite:\/data\/ledger\.db$/m);
    assert.match(readFileSync(join(ROOT, 'Dockerfile'), 'utf8'), /^VOLUME \/data$/m);
  });
});

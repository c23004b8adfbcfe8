import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ASSERTION_LIFE, ASSERTION_TYPE } from '../../src/proxy/assertion.ts';
import { newestAssertion, newKey, startAssertedStage, unverified } from '../support/assertions.ts';
import type { Stage } from '../support/stage.ts';
import { exampleFor, VERIFIERS, verdicts } from '../support/verifiers.ts';
import { code, page, rows } from './markdown.ts';

const PAGE = page('docs/upstreams.md');
/** Of the languages, each with how its example says that it accepts this algorithm alone. */
const LANGUAGES = {
  js: /algorithms: \['ES256'\]/,
  python: /algorithms=\["ES256"\]/,
  go: /WithValidMethods\(\[\]string\{"ES256"\}\)/,
  java: /JWSVerificationKeySelector<>\(JWSAlgorithm\.ES256, keys\)/,
  php: /'ES256'/,
} as const;

describe('docs/upstreams.md', () => {
  let stage: Stage;
  let real = '';
  before(async () => {
    stage = await startAssertedStage(newKey());
    stage.op.script.claims = (claims) => ({ ...claims, groups: ['hr'], amr: ['pwd', 'otp'] });
    const alice = stage.visitor();
    await stage.signIn(alice, '/admin/x');
    await alice.open('/admin/x');
    real = newestAssertion(stage);
  });
  after(() => stage.stop());

  const fetched = (): number => stage.lines.filter(({ path }) => path === '/.stepgate/jwks.json').length;

  it('has every part of an assertion, in its order, and no other', () => {
    const { header, claims } = unverified(real);
    const written = rows(PAGE, 'part', 'value').map(([part]) => code(part));
    assert.deepEqual(written, [...Object.keys(header), ...Object.keys(claims)]);
    assert.ok(PAGE.text.includes(`\`${ASSERTION_TYPE}\``));
    assert.equal(ASSERTION_LIFE, 60);
  });

  for (const [language, onlyEs256] of Object.entries(LANGUAGES)) {
    it(`has an example in ${language} that checks all that it asks for`, () => {
      const example = exampleFor(language, 'https://here.example', 'wiki');
      assert.match(example, onlyEs256);
      for (const part of [
        ASSERTION_TYPE,
        'https://here.example',
        'wiki',
        'sub',
        'iat',
        'exp',
        '/.stepgate/jwks.json',
      ]) {
        assert.ok(example.includes(part) || (language === 'go' && /iat|exp|sub/.test(part)), `${language}: no ${part}`);
      }
      const leeways = example.match(/(?:tolerance|leeway|skew)\D{0,12}(\d+)/i);
      assert.equal(leeways?.[1], '30', 'the leeway is not the one that is stated');
    });
  }

  for (const language of VERIFIERS) {
    it(`asks for the keys once for many assertions, with its example in ${language}`, async () => {
      const before = fetched();
      const found = await verdicts(
        language,
        stage.origin,
        'payroll',
        Array.from({ length: 20 }, () => real),
      );
      assert.ok(found.every(({ sub }) => sub === 'alice'));
      assert.equal(fetched() - before, 1);
    });
  }
});

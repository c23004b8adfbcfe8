import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { es256, newestAssertion, newKey, startAssertedStage, tokenOf, unverified } from '../support/assertions.ts';
import { forgedFrom } from '../support/forged-assertions.ts';
import type { Stage } from '../support/stage.ts';
import { VERIFIERS, verdicts } from '../support/verifiers.ts';

const KEY = newKey();

for (const language of VERIFIERS) {
  describe(`an upstream that verifies as documented, in ${language}`, () => {
    let stage: Stage;
    let real = '';
    let ofWiki = '';
    before(async () => {
      stage = await startAssertedStage(KEY);
      stage.op.script.claims = (claims) => ({ ...claims, name: 'Zoë, 100%' });
      const alice = stage.visitor();
      await stage.signIn(alice, '/admin/x');
      await alice.open('/admin/x');
      real = newestAssertion(stage);
      await alice.open('/wiki/page');
      ofWiki = newestAssertion(stage);
    });
    after(() => stage.stop());

    const ask = (app: string, assertions: readonly string[]) => verdicts(language, stage.origin, app, assertions);

    it('T174 takes what the gateway sent it, also within the leeway after its end', async () => {
      const { header, claims } = unverified(real);
      const justOver = { ...claims, iat: Number(claims.iat) - 65, exp: Number(claims.exp) - 65 };
      const found = await ask('payroll', [real, tokenOf(header, justOver, es256(KEY))]);
      assert.deepEqual(found, [claims, justOver]);
      assert.equal(claims.name, 'Zoë, 100%');
    });

    it('T174 refuses an assertion that was made for another app, though the gateway signed it', async () => {
      const [wiki, payroll, both] = await ask('wiki', [ofWiki, real, real]);
      assert.equal(wiki?.aud, 'wiki');
      assert.ok('refused' in (payroll ?? {}) && 'refused' in (both ?? {}));
    });

    it('T174 refuses everything that is forged, over, for another or of another kind', async () => {
      const forged = forgedFrom(real, KEY);
      const found = await ask('payroll', [real, ...forged.map(({ assertion }) => assertion)]);
      assert.equal(found.length, forged.length + 1);
      assert.equal(found[0]?.sub, 'alice');
      const taken = forged.filter((_, index) => !('refused' in (found[index + 1] ?? {})));
      assert.deepEqual(
        taken.map(({ name }) => name),
        [],
      );
    });
  });
}

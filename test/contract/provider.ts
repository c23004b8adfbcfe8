import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import fc from 'fast-check';
import type { ChallengeWhy, Demand } from '../../src/core/demand.ts';
import { type EvidenceMap, provenLevels } from '../../src/core/evidence.ts';
import { standsAtOrAbove } from '../../src/core/ladder.ts';
import type { Proof } from '../../src/core/session.ts';
import type { Ask, Begun, Clock, OidcProvider, Verified } from '../../src/ports.ts';

/** An adapter of the `OidcProvider` port beside a real provider, and people who use it. */
export interface ProviderStage {
  readonly provider: OidcProvider;
  readonly clock: Clock;
  /** What the provider is known by: issuer or entityID. */
  readonly identity: string;
  readonly redirectUri: string;
  readonly evidence: EvidenceMap;
  /** A demand that the provider can meet, with a `max_age`. */
  readonly demand: Demand;
  /** Why a session with this proof alone does not meet the demand, or null. */
  unmetBy(proof: Proof): ChallengeWhy | null;
  /** `subject` goes to the provider and does whatever is asked of them there; the URL they are sent back to. */
  signIn(url: string, subject: string): Promise<URL>;
  /** Goes to the provider and cancels. */
  cancel(url: string): Promise<URL>;
  /** The provider goes away for good. */
  vanish(): Promise<void>;
}

/** Starts a stage; `t.after` ends it. */
export type StartStage = (t: TestContext) => Promise<ProviderStage>;

/** What every adapter of the `OidcProvider` port promises. */
export function providerContract(name: string, start: StartStage): void {
  describe(`a provider: ${name}`, () => {
    test('sends the person to the provider, who comes back with the state of the ask', async (t) => {
      const stage = await start(t);
      const begun = await begin(stage, { state: 'opaque-state' });
      assert.ok(URL.canParse(begun.url));
      assert.ok((await stage.signIn(begun.url, 'alice')).href.includes('opaque-state'));
    });

    test('keeps what nobody can guess, new for every trip, and does not send the verifier along', async (t) => {
      const stage = await start(t);
      const [one, two] = [await begin(stage), await begin(stage)];
      for (const key of ['nonce', 'verifier'] as const) {
        assert.ok(Buffer.from(one.kept[key], 'base64url').length >= 16);
        assert.notEqual(one.kept[key], two.kept[key]);
      }
      assert.ok(!one.url.includes(one.kept.verifier));
    });

    test('says who came back, and proves the level that was asked for, freshly', async (t) => {
      const stage = await start(t);
      const { identity, proof } = await signedIn(stage, 'alice');
      assert.equal(identity.subject, 'alice');
      assert.equal(identity.issuer, stage.identity);
      const levels = provenLevels(stage.evidence, proof);
      assert.ok(levels.some((level) => standsAtOrAbove(level, stage.demand.level)));
      assert.ok(proof.at <= stage.clock.now());
      assert.equal(stage.unmetBy(proof), null);
    });

    test('says who came back, whoever was expected', async (t) => {
      const stage = await start(t);
      await signedIn(stage, 'alice');
      assert.equal((await signedIn(stage, 'bob', { force: true })).identity.subject, 'bob');
    });

    test('has a fresh proof after a forced authentication', async (t) => {
      const stage = await start(t);
      await signedIn(stage, 'alice');
      assert.equal(stage.unmetBy((await signedIn(stage, 'alice', { force: true })).proof), null);
    });

    test('takes an answer for no other trip', async (t) => {
      const stage = await start(t);
      const [mine, other] = [await begin(stage), await begin(stage, { state: 'other' })];
      const callback = await stage.signIn(mine.url, 'alice');
      await refuses(stage, callback, mine.kept, 'other');
      const unknown = (await begin(stage)).kept;
      await refuses(stage, await stage.signIn(other.url, 'alice'), unknown, 'other');
    });

    test('takes an answer once', async (t) => {
      const stage = await start(t);
      const { url, kept } = await begin(stage);
      const callback = await stage.signIn(url, 'alice');
      assert.equal((await stage.provider.finish(callback, kept, 'state')).ok, true);
      await refuses(stage, callback, kept, 'state');
    });

    test('knows when the person cancelled', async (t) => {
      const stage = await start(t);
      const { url, kept } = await begin(stage);
      const verdict = await stage.provider.finish(await stage.cancel(url), kept, 'state');
      assert.ok(!verdict.ok && verdict.failure === 'access_denied');
    });

    test('refuses whatever else comes back, and never throws', async (t) => {
      const stage = await start(t);
      const { kept } = await begin(stage);
      const names = fc.constantFrom('code', 'state', 'iss', 'error', 'id_token', 'response', 'SAMLResponse', 'x');
      const values = fc.oneof(fc.string(), fc.constantFrom('state', stage.identity, ''));
      await fc.assert(
        fc.asyncProperty(fc.array(fc.tuple(names, values), { maxLength: 6 }), async (parameters) => {
          const callback = new URL(`${stage.redirectUri}?${new URLSearchParams(parameters)}`);
          const verdict = await stage.provider.finish(callback, kept, 'state');
          assert.equal(verdict.ok, false);
        }),
        { numRuns: 50 },
      );
    });

    test('says that the provider is away when it went away during the trip', async (t) => {
      const stage = await start(t);
      const { url, kept } = await begin(stage);
      const callback = await stage.signIn(url, 'alice');
      await stage.vanish();
      const verdict = await stage.provider.finish(callback, kept, 'state');
      assert.ok(!verdict.ok && verdict.failure === 'provider_unavailable', JSON.stringify(verdict));
    });

    test('begins nothing after it was closed', async (t) => {
      const stage = await start(t);
      stage.provider.close();
      const begun = await stage.provider.begin(askOf(stage));
      assert.ok(!begun.ok && begun.failure === 'provider_unavailable');
    });
  });
}

const askOf = (stage: ProviderStage, ask: Partial<Ask> = {}): Ask => ({
  redirectUri: stage.redirectUri,
  state: 'state',
  demand: stage.demand,
  force: false,
  person: null,
  ...ask,
});

async function begin(stage: ProviderStage, ask: Partial<Ask> = {}): Promise<Begun> {
  const begun = await stage.provider.begin(askOf(stage, ask));
  if (!begun.ok) assert.fail(begun.detail);
  return begun;
}

async function signedIn(stage: ProviderStage, subject: string, ask: Partial<Ask> = {}): Promise<Verified> {
  const { url, kept } = await begin(stage, ask);
  const verdict = await stage.provider.finish(await stage.signIn(url, subject), kept, 'state');
  if (!verdict.ok) assert.fail(`${verdict.failure}: ${verdict.detail}`);
  return verdict;
}

async function refuses(stage: ProviderStage, callback: URL, kept: Begun['kept'], state: string): Promise<void> {
  const verdict = await stage.provider.finish(callback, kept, state);
  assert.ok(!verdict.ok && verdict.failure === 'invalid_response', JSON.stringify(verdict));
}

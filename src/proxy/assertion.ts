import { sign } from 'node:crypto';
import { type AssertionKey, makeAssertionKey, parseAssertionKey } from '../config/assertion-key.ts';
import { isWrong } from '../config/problems.ts';
import type { AssertionKeys } from '../config/world.ts';
import type { IdentityFacts } from '../core/identity-facts.ts';
import type { Seconds } from '../core/time.ts';
import type { Assertions } from '../live/live.ts';
import type { Ledger } from '../ports.ts';

/** Of these JWTs and no others, so that none passes for one of another kind (RFC 8725 3.11). */
export const ASSERTION_TYPE = 'stepgate-assertion+jwt';

/** From `iat` to `exp`. */
export const ASSERTION_LIFE: Seconds = 60;

/** How long one is sent along before the next is signed: what an upstream gets lives at least as long again. */
export const ASSERTION_REUSE: Seconds = ASSERTION_LIFE / 2;

/** Under which the ledger keeps the key, where no file is named for it. */
const KEPT_AS = 'assertion key';

/** The assertions of one world. */
export function createAssertions({ current, next }: AssertionKeys, ledger: Pick<Ledger, 'keep'>): Assertions {
  let key = current;
  let signer = key === null ? null : signerOf(key);
  const kept = key === null ? ledger.keep(KEPT_AS, makeAssertionKey).then(use) : Promise.resolve();
  // Whoever asks whether there is a key is told; nobody may have asked yet.
  kept.catch(() => {});

  function use(text: string): void {
    const parsed = parseAssertionKey(text);
    if (isWrong(parsed)) throw new Error(`the ledger keeps an assertion key that is none: ${parsed.message}`);
    key = parsed;
    signer = signerOf(parsed);
  }

  return {
    ready: () => kept,
    sign(facts, to, now) {
      if (signer === null) throw new Error('an assertion was asked for before there was a key');
      return signer(facts, to, now);
    },
    publicKeys: () => [key, next].flatMap((one) => (one === null ? [] : [one.publicJwk])),
  };
}

/**
 * Signs with ES256 (RFC 7518 3.4), in compact form. By node:crypto, which is synchronous and costs 35 µs; by WebCrypto,
 * which jose uses, it is 55 µs and an await in the middle of a request.
 */
function signerOf({ kid, privateKey }: AssertionKey): Assertions['sign'] {
  const head = encode({ alg: 'ES256', typ: ASSERTION_TYPE, kid });
  const key = { key: privateKey, dsaEncoding: 'ieee-p1363' } as const;
  return (facts, { app, origin }, now) => {
    const iat = Math.floor(now);
    const claims = { iss: origin, aud: app, ...claimsOf(facts), iat, exp: iat + ASSERTION_LIFE };
    const signed = `${head}.${encode(claims)}`;
    return `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`;
  };
}

/**
 * `acr` and `amr` are the provider's words, `level` and `levels` ours. An absent fact is an absent claim. There is no
 * `jti`: one assertion goes with every request of half a minute, so none is ever used up.
 */
function claimsOf(facts: IdentityFacts): Readonly<Record<string, unknown>> {
  const { subject, provider, issuer, name, email, groups, groupsOmitted, level, levels, at, acr, amr } = facts;
  return {
    sub: subject,
    provider,
    provider_issuer: issuer,
    name: name || undefined,
    email: email || undefined,
    groups: listed(groups),
    groups_omitted: groupsOmitted || undefined,
    level: level ?? undefined,
    levels: listed(levels),
    auth_time: at ?? undefined,
    acr: acr || undefined,
    amr: listed(amr),
  };
}

const listed = (values: readonly string[]): readonly string[] | undefined => (values.length === 0 ? undefined : values);

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

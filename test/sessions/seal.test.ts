import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { createSealer, TAG_CHARACTERS } from '../../src/sessions/seal.ts';
import { flipBit, newSealer, newSecret } from './fixtures.ts';

const text = fc.string({ unit: 'binary' });
const sealer = newSealer();

test('what is sealed opens again for the same purpose and host, whatever the text', () => {
  fc.assert(
    fc.property(text, text, text, (purpose, host, plaintext) => {
      assert.equal(sealer.open(purpose, host, sealer.seal(purpose, host, plaintext)), plaintext);
    }),
  );
});

test('a sealed text has the characters of a cookie value and says nothing of its content', () => {
  const sealed = sealer.seal('session', 'https://a.example', 'alice');
  assert.match(sealed, /^[A-Za-z0-9_-]+$/);
  assert.ok(!Buffer.from(sealed, 'base64url').includes('alice'));
  assert.notEqual(sealed, sealer.seal('session', 'https://a.example', 'alice'));
  assert.equal(sealer.seal('session', 'https://a.example', 'x'.repeat(300)).length, Math.ceil((333 * 4) / 3));
});

test('T164 any one bit flipped and it does not open', () => {
  const sealed = sealer.seal('session', 'https://a.example', 'alice');
  const bits = Buffer.from(sealed, 'base64url').length * 8;
  for (let bit = 0; bit < bits; bit++) {
    assert.equal(sealer.open('session', 'https://a.example', flipBit(sealed, bit)), null, `bit ${bit}`);
  }
});

test('it does not open for another purpose or host, however the two are divided', () => {
  fc.assert(
    fc.property(text, text, text, text, (purpose, host, otherPurpose, otherHost) => {
      fc.pre(purpose !== otherPurpose || host !== otherHost);
      assert.equal(sealer.open(otherPurpose, otherHost, sealer.seal(purpose, host, 'alice')), null);
    }),
  );
  const sealed = sealer.seal('ab', 'c', 'alice');
  for (const [purpose, host] of [
    ['a', 'bc'],
    ['abc', ''],
    ['c', 'ab'],
    ['ab","c', ''],
  ] as const)
    assert.equal(sealer.open(purpose, host, sealed), null);
});

test('it opens in one spelling only', () => {
  const sealed = sealer.seal('session', 'host', 'alice1');
  assert.equal(Buffer.from(sealed, 'base64url').length % 3, 0);
  const spare = sealer.seal('session', 'host', 'alice');
  const last = spare.slice(-1);
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const sameBytes = alphabet[alphabet.indexOf(last) + 1] ?? '';
  assert.ok(Buffer.from(spare.slice(0, -1) + sameBytes, 'base64url').equals(Buffer.from(spare, 'base64url')));
  for (const odd of [
    spare.slice(0, -1) + sameBytes,
    `${sealed}=`,
    ` ${sealed}`,
    `${sealed}\n`,
    `${sealed.slice(0, 5)}.${sealed.slice(5)}`,
    `"${sealed}"`,
    Buffer.from(spare, 'base64url').toString('base64'),
    Buffer.from(spare, 'base64url').toString('hex'),
  ])
    assert.equal(sealer.open('session', 'host', odd), null, odd);
});

test('nothing cut short, made longer or made up opens, and nothing throws', () => {
  const sealed = sealer.seal('session', 'host', 'alice');
  for (let length = 0; length < sealed.length; length++) {
    assert.equal(sealer.open('session', 'host', sealed.slice(0, length)), null);
  }
  assert.equal(sealer.open('session', 'host', `${sealed}AAAA`), null);
  fc.assert(fc.property(text, (made) => sealer.open('session', 'host', made) === null));
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      bytes[0] = 1;
      return sealer.open('session', 'host', Buffer.from(bytes).toString('base64url')) === null;
    }),
  );
});

test('a version that is not known does not open', () => {
  const bytes = Buffer.from(sealer.seal('session', 'host', 'alice'), 'base64url');
  assert.equal(bytes[0], 1);
  bytes[0] = 2;
  assert.equal(sealer.open('session', 'host', bytes.toString('base64url')), null);
});

test('the newest secret seals, all open, and one taken away opens nothing more', () => {
  const [old, fresh] = [newSecret(), newSecret()];
  const before = newSealer(old);
  const during = newSealer(fresh, old);
  const after = newSealer(fresh);
  const sealedBefore = before.seal('session', 'host', 'alice');
  const sealedDuring = during.seal('session', 'host', 'alice');
  assert.equal(during.open('session', 'host', sealedBefore), 'alice');
  assert.equal(after.open('session', 'host', sealedDuring), 'alice');
  assert.equal(before.open('session', 'host', sealedDuring), null);
  assert.equal(after.open('session', 'host', sealedBefore), null);
});

test('a key id that is known with a foreign body does not open', () => {
  const other = newSealer();
  const ours = Buffer.from(sealer.seal('session', 'host', 'alice'), 'base64url');
  const theirs = Buffer.from(other.seal('session', 'host', 'alice'), 'base64url');
  ours.copy(theirs, 0, 0, 5);
  assert.equal(sealer.open('session', 'host', theirs.toString('base64url')), null);
});

test('the key id shows nothing of the secret', () => {
  const secret = newSecret();
  const bytes = Buffer.from(newSealer(secret).seal('session', 'host', 'alice'), 'base64url');
  assert.ok(!secret.includes(bytes.subarray(1, 5)));
  const again = Buffer.from(newSealer(secret).seal('other', 'elsewhere', 'bob'), 'base64url');
  assert.ok(bytes.subarray(1, 5).equals(again.subarray(1, 5)));
});

test('the same secret given twice still opens what it sealed', () => {
  const secret = newSecret();
  const twice = newSealer(secret, secret);
  assert.equal(twice.open('session', 'host', twice.seal('session', 'host', 'alice')), 'alice');
});

test('the IV is what the random source gave', () => {
  const iv = Buffer.from('twelve bytes');
  const fixed = createSealer([newSecret()], (bytes) => iv.subarray(0, bytes));
  assert.ok(
    Buffer.from(fixed.seal('session', 'host', 'alice'), 'base64url')
      .subarray(5, 17)
      .equals(iv),
  );
});

test('without a secret there is no sealer', () => {
  assert.throws(() => createSealer([], randomBytes), RangeError);
});

test('the last characters of a sealed text hold its whole tag', () => {
  for (const plaintext of ['', 'a', 'ab', 'abc']) {
    const sealed = sealer.seal('session', 'host', plaintext);
    const bytes = Buffer.from(sealed, 'base64url');
    for (let bit = (bytes.length - 16) * 8; bit < bytes.length * 8; bit++) {
      assert.notEqual(flipBit(sealed, bit).slice(-TAG_CHARACTERS), sealed.slice(-TAG_CHARACTERS));
    }
  }
});

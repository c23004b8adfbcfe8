import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { isWrong } from '../../src/config/problems.ts';
import { decodeKeyMaterial, readSecret } from '../../src/config/secrets.ts';
import { GATEWAY, KEY, load, problemsOf } from './fixture.ts';

const ENV_KEY = '$' + '{env:KEY}';
const ENV_CLIENT = '$' + '{env:CLIENT}';

describe('key material', () => {
  const bytes = Buffer.from(KEY, 'base64');

  for (const encoding of ['base64', 'base64url', 'hex'] as const) {
    it(`is decoded from ${encoding}`, () => assert.deepEqual(decodeKeyMaterial(bytes.toString(encoding)), bytes));
  }

  it('may leave out the padding of base64', () => assert.deepEqual(decodeKeyMaterial(KEY.replace('=', '')), bytes));

  it('is accepted from a random generator, of 32 bytes and more', () => {
    for (let i = 0; i < 200; i++) {
      const random = randomBytes(32 + (i % 33));
      const decoded = decodeKeyMaterial(random.toString('hex'));
      assert.deepEqual(decoded, random);
    }
  });

  const weak: readonly (readonly [string, string])[] = [
    ['31 bytes', bytes.subarray(1).toString('base64')],
    ['31 bytes in hex', bytes.subarray(1).toString('hex')],
    ['a passphrase', 'correct horse battery staple correct horse battery staple'],
    ['a passphrase of base64url letters', 'correct-horse-battery-staple-correct-horse-battery-staple'],
    ['words in capitals and small letters', 'CorrectHorseBatteryStapleCorrectHorseBatteryStaple12'],
    ['a passphrase with digits for letters', 'th3-s3cr3t-k3y-0f-0ur-g4t3w4y-n0b0dy-kn0ws-1t-42'],
    ['one letter again and again', 'a'.repeat(64)],
    ['zeros', Buffer.alloc(32).toString('base64')],
    ['a short pattern', '0123456789abcdef'.repeat(4)],
    ['a count', Buffer.from(Array.from({ length: 32 }, (_, i) => i)).toString('base64')],
    ['the encoding of a passphrase', Buffer.from('My-very-long-Passphrase-2026/with:more').toString('base64')],
    ['two alphabets at once', `${KEY.slice(0, 20)}+_${KEY.slice(22)}`],
    ['padding that does not fit', `${KEY}=`],
    ['nothing', ''],
    ['white space inside', `${KEY.slice(0, 20)} ${KEY.slice(20)}`],
  ];
  for (const [name, text] of weak) {
    it(`is refused when it is ${name}`, () => {
      const result = decodeKeyMaterial(text);
      assert.ok(isWrong(result), 'it was taken');
      assert.equal(result.wrong, 'secret-weak');
      assert.match(result.hint ?? '', /openssl rand/);
    });
  }
});

describe('secrets', () => {
  it('are read from files beside gateway.yaml, without the white space around them', () => {
    const asked: string[] = [];
    const source = {
      env: () => undefined,
      readFile: (path: string) => {
        asked.push(path);
        return Buffer.from(`\n${KEY} \n`);
      },
      now: () => 0,
    };
    assert.deepEqual(readSecret('$' + '{file:keys/one}', source), { text: KEY, plain: false });
    assert.deepEqual(asked, ['keys/one']);
  });

  it('that are set to nothing are missing', () => {
    const found = problemsOf(GATEWAY, undefined, { KEY: ' \n', CLIENT: 'x' });
    assert.deepEqual(
      found.map(({ id, message }) => [id, message]),
      [['secret-missing', 'the environment variable KEY is empty']],
    );
  });

  it('are never quoted when they are wrong', () => {
    const found = problemsOf(GATEWAY, undefined, { KEY: 'my-own-passphrase', CLIENT: 'x' });
    assert.equal(found[0]?.id, 'secret-weak');
    assert.doesNotMatch(JSON.stringify(found), /passphrase"|my-own/);
  });

  it('in plain text are noticed, and blotted out in what is shown', () => {
    const result = load(GATEWAY.replace(ENV_KEY, KEY).replace(ENV_CLIENT, 'hunter2-hunter2'));
    assert.ok(result.ok);
    assert.deepEqual(
      result.notices.map((notice) => `${notice.line}:${notice.column} ${notice.id}`),
      ['4:11 plain-secret', '14:20 plain-secret'],
    );
    assert.doesNotMatch(JSON.stringify(result.notices), /hunter2|q0tJ3n8r/);
    assert.deepEqual(result.world.secrets, [Buffer.from(KEY, 'base64')]);
  });

  const broken: readonly (readonly [string, (text: string) => string])[] = [
    ['under a misspelt key', (text) => text.replace('client_secret:', 'client_secert:')],
    [
      'beside an unknown key',
      (text) => text.replace('client_secret:', 'x: 1, client_secret:').replace('x: 1, ', 'x: 1\n    '),
    ],
    ['of the wrong shape', (text) => text.replace('"hunter2-hunter2"', '{value: hunter2-hunter2}')],
    [
      'in a block',
      (text) => text.replace('"hunter2-hunter2"', '|\n      hunter2-hunter2\n      more').replace('client_id', 'id'),
    ],
    ['in a file that is no YAML', (text) => `${text}]`],
    ['on the broken line itself', (text) => text.replace('"hunter2-hunter2"', '"hunter2-hunter2')],
    ['that are a list in a file that is no YAML', (text) => text.replace(/secrets: .*\n/, `secrets:\n  - @${KEY}\n`)],
  ];
  for (const [name, breakIt] of broken) {
    it(`are not shown ${name}`, () => {
      const found = problemsOf(breakIt(GATEWAY.replace(ENV_CLIENT, 'hunter2-hunter2')));
      assert.ok(found.length > 0);
      assert.doesNotMatch(JSON.stringify(found), /hunter2|q0tJ3n8r/);
    });
  }
});

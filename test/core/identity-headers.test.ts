import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { countingLevels } from '../../src/core/demand.ts';
import type { Standing } from '../../src/core/evidence.ts';
import { identityFacts } from '../../src/core/identity-facts.ts';
import { encodeList, encodeValue, IDENTITY_HEADERS, identityHeaders } from '../../src/core/identity-headers.ts';
import type { Level } from '../../src/core/ladder.ts';
import { ANA, HOUR, LADDER, MFA, MINUTE, NOW, PASSKEY, PASSWORD, proofOf, standingWith } from './people.ts';

const headersOf = (
  standing: Standing,
  forwardsGroup: (group: string) => boolean = () => true,
  groupsByPattern = true,
  demanded: Level | null = null,
): Record<string, string> => {
  const told = { forwardsGroup, groupsByPattern };
  const counting = countingLevels(standing, LADDER.levels, NOW);
  return Object.fromEntries(identityHeaders(identityFacts(standing, LADDER.levels, counting, demanded, told, NOW), ''));
};

const withSession = (more: Partial<typeof ANA>): Standing => ({
  session: { ...ANA, ...more },
  proofs: [{ level: MFA, proof: proofOf('2', 60) }],
});

describe('the identity headers', () => {
  test('tell who, from where and how strongly', () => {
    const standing: Standing = {
      session: { ...ANA, groups: ['hr', 'sales'] },
      proofs: [{ level: MFA, proof: proofOf('2', 60, { amr: ['pwd', 'otp'] }) }],
    };
    assert.deepEqual(
      headersOf(standing, (group) => group === 'hr'),
      {
        'X-Auth-Subject': 'ana',
        'X-Auth-Email': 'ana@corp.example',
        'X-Auth-Name': 'Ana',
        'X-Auth-Groups': 'hr',
        'X-Auth-Provider': 'corp',
        'X-Auth-Level': 'mfa',
        'X-Auth-Levels': 'password,mfa',
        'X-Auth-Time': String(NOW - 60),
        'X-Auth-Acr': '2',
        'X-Auth-Amr': 'pwd,otp',
      },
    );
  });

  test('leave out what is not known, rather than send it empty', () => {
    const standing: Standing = {
      session: { ...ANA, name: null, email: '', groups: ['sales'] },
      proofs: [{ level: PASSWORD, proof: proofOf(null, 60) }],
    };
    assert.deepEqual(Object.keys(headersOf(standing, () => false)), [
      'X-Auth-Subject',
      'X-Auth-Provider',
      'X-Auth-Level',
      'X-Auth-Levels',
      'X-Auth-Time',
    ]);
  });

  test('tell no part of the groups where some did not fit, but that', () => {
    const standing = withSession({ groups: ['hr', 'sales'], namedGroupsOnly: true });
    const headers = headersOf(standing, (group) => group === 'hr');
    assert.equal(headers['X-Auth-Groups'], undefined);
    assert.equal(headers['X-Auth-Groups-Omitted'], 'true');
  });

  test('tell all groups to an app that names each one it takes, whatever did not fit', () => {
    const standing = withSession({ groups: ['hr', 'sales'], namedGroupsOnly: true });
    const headers = headersOf(standing, (group) => group === 'hr', false);
    assert.equal(headers['X-Auth-Groups'], 'hr');
    assert.equal(headers['X-Auth-Groups-Omitted'], undefined);
  });

  test('tell the strongest level that still counts, with the time of its newest proof', () => {
    const standing = standingWith({ passkey: 20 * MINUTE, password: 60, mfa: 30 * MINUTE });
    const headers = headersOf(standing);
    assert.equal(headers['X-Auth-Level'], 'mfa');
    assert.equal(headers['X-Auth-Time'], String(NOW - 20 * MINUTE));
    assert.equal(headers['X-Auth-Acr'], '3');
  });

  test('tell no level, time or acr where nothing counts any more', () => {
    const names = Object.keys(headersOf(standingWith({ passkey: 9 * HOUR })));
    assert.deepEqual(names, ['X-Auth-Subject', 'X-Auth-Email', 'X-Auth-Name', 'X-Auth-Provider']);
  });

  test('never tell the time or acr of a proof that does not count because it lies in the future', () => {
    const headers = headersOf(standingWith({ passkey: -HOUR, mfa: 60 }));
    assert.equal(headers['X-Auth-Level'], 'mfa');
    assert.equal(headers['X-Auth-Acr'], '2');
    assert.equal(headers['X-Auth-Time'], String(NOW - 60));
  });

  test('T145 a display name cannot start a header', () => {
    assert.equal(
      headersOf(withSession({ name: 'Zoë\r\nX-Auth-Level: hw' }))['X-Auth-Name'],
      'Zo%C3%AB%0D%0AX-Auth-Level: hw',
    );
  });

  test('T146 a comma inside a group is not the end of it', () => {
    assert.equal(headersOf(withSession({ groups: ['a,admin', 'b'] }))['X-Auth-Groups'], 'a%2Cadmin,b');
  });

  test('have the names the client may not use, and no other', () => {
    const text = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(text, text, fc.array(text), (name, subject, groups) => {
        for (const [header, value] of Object.entries(headersOf(withSession({ name, subject, groups })))) {
          assert.ok((IDENTITY_HEADERS as readonly string[]).includes(header));
          assert.match(value, /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/);
        }
      }),
    );
  });

  test('agree with the levels that count: the level named is always one of them', () => {
    const age = fc.integer({ min: -2 * HOUR, max: 9 * HOUR });
    fc.assert(
      fc.property(fc.record({ password: age, mfa: age, passkey: age }, { requiredKeys: [] }), (ages) => {
        const headers = headersOf(standingWith(ages));
        const levels = headers['X-Auth-Levels']?.split(',') ?? [];
        assert.equal(headers['X-Auth-Level'], levels.at(-1));
        assert.equal(headers['X-Auth-Time'] === undefined, levels.length === 0);
        const time = Number(headers['X-Auth-Time'] ?? NOW);
        assert.ok(NOW - time < 8 * HOUR && NOW - time >= -60);
        if (headers['X-Auth-Level'] === PASSKEY.name) assert.equal(headers['X-Auth-Acr'], '3');
      }),
    );
  });
});

describe('a header value', () => {
  for (const [text, encoded] of [
    ['Ana', 'Ana'],
    ['', ''],
    ['100%', '100%25'],
    ['%41', '%2541'],
    [' a b ', '%20a b%20'],
    ['  ', '%20%20'],
    ['\ta\u007f', '%09a%7F'],
    ['Zoë', 'Zo%C3%AB'],
    ['😀', '%F0%9F%98%80'],
    ['\ud800x', '%EF%BF%BDx'],
    ['\u0000', '%00'],
  ] as const) {
    test(`${JSON.stringify(text)} is sent as ${JSON.stringify(encoded)}`, () =>
      assert.equal(encodeValue(text), encoded));
  }

  test('decodes to what it was made of, always', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        assert.equal(decodeURIComponent(encodeValue(text)), text.toWellFormed());
      }),
    );
  });

  test('a list decodes to what it was made of', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', minLength: 1 }), { minLength: 1 }), (values) => {
        assert.deepEqual(
          encodeList(values).split(',').map(decodeURIComponent),
          values.map((value) => value.toWellFormed()),
        );
      }),
    );
  });
});

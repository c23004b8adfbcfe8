import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Session } from '../../src/core/session.ts';
import { LASTING_LIMIT } from '../../src/sessions/budget.ts';
import type { OwnCookies } from '../../src/sessions/cookies.ts';
import { createSessionCookies, SESSION_COOKIE_LIMIT } from '../../src/sessions/session-cookies.ts';
import type { SessionPart } from '../../src/sessions/session-size.ts';
import {
  alice,
  CookieJar,
  cookiesOf,
  EVIDENCE,
  fakeLedger,
  flipBit,
  LOCAL,
  MAIN,
  NOW,
  newSealer,
  PAYROLL,
  PREFIX,
  TRAVEL,
} from './fixtures.ts';

/** What browsers take of one cookie: its name, value and attributes (RFC 6265 6.1). */
const BROWSER_LIMIT = 4_096;
const FIRST = '__Host-stepgate-main';
const SECOND = '__Host-stepgate-main-1';
const SEEN = '__Host-stepgate-seen-main';

function setUp({ sealer = newSealer() } = {}) {
  const sessions = createSessionCookies({
    sealer,
    prefix: PREFIX,
    ledger: fakeLedger(),
    session: { lifetime: 12 * 3600, idle: 3600 },
    cacheSize: 1_000,
  });
  const jarOf = (session: Session) => new CookieJar().take(cookiesOf(sessions, PAYROLL, session, NOW));
  const open = (jar: CookieJar) => sessions.open(PAYROLL, MAIN, EVIDENCE, jar.own, NOW);
  /** Opened by somebody who has never seen it, and by somebody who has the real one in memory. */
  const openBoth = (jar: CookieJar) => [
    createFresh(sealer).open(PAYROLL, MAIN, EVIDENCE, jar.own, NOW),
    sessions.open(PAYROLL, MAIN, EVIDENCE, jar.own, NOW),
  ];
  return { sealer, sessions, jarOf, open, openBoth };
}

const createFresh = (sealer: ReturnType<typeof newSealer>) =>
  createSessionCookies({
    sealer,
    prefix: PREFIX,
    ledger: fakeLedger(),
    session: { lifetime: 12 * 3600, idle: 3600 },
    cacheSize: 1,
  });

/** As directories name them. */
const guid = (n: number): string => `${n.toString(16).padStart(8, '0')}-4a36-4d06-9d5b-0a8f0e1c2d3e`;
const guids = (count: number): string[] => Array.from({ length: count }, (_, n) => guid(n));
const inGroups = (count: number, more: Partial<Session> = {}): Session => ({ ...alice, groups: guids(count), ...more });
/** One that needs two cookies. */
const LARGE = inGroups(90);

const NOBODY: OwnCookies = new Map();
const nobody = () => false;
const everybody = () => true;

test('a session of any size that is written opens as it was, in cookies that browsers keep', () => {
  const { sessions, openBoth } = setUp();
  const jar = new CookieJar();
  const shapes = new Set<string>();
  const made = fc.record({
    groups: fc.integer({ min: 0, max: 130 }),
    name: fc.string({ unit: 'binary', maxLength: 400 }),
    email: fc.option(fc.string({ maxLength: 80 })),
  });
  fc.assert(
    fc.property(made, ({ groups, name, email }) => {
      const session = { ...alice, groups: guids(groups), name, email };
      const written = sessions.write(PAYROLL, session, { cookies: jar.own, namesGroup: everybody }, NOW);
      shapes.add(written.ok ? `${written.cookies.filter((line) => !/Max-Age=0/.test(line)).length}` : 'none');
      if (!written.ok) return;
      assert.equal(written.session, session);
      jar.take(written.cookies);
      for (const line of written.cookies) assert.ok(line.length <= BROWSER_LIMIT, `${line.length}`);
      assert.ok(jar.header.length <= LASTING_LIMIT, `${jar.header.length}`);
      for (const opened of openBoth(jar)) assert.deepEqual(opened?.standing.session, session);
    }),
    { numRuns: 300 },
  );
  assert.deepEqual([...shapes].toSorted(), ['2', '3', 'none']);
});

test('one cookie as long as it fits, two of a length beyond, and none beyond what two may take', () => {
  const { sessions } = setUp();
  const seen: string[] = [];
  for (let count = 0; count < 130; count++) {
    const written = sessions.write(PAYROLL, inGroups(count), { cookies: NOBODY, namesGroup: everybody }, NOW);
    if (!written.ok) {
      assert.equal(written.largest, 'groups');
      seen.push('none');
      continue;
    }
    const [first = '', second = ''] = written.cookies;
    const whole = /^__Host-stepgate-main-1=; .*Max-Age=0/.test(second);
    seen.push(whole ? 'one' : 'two');
    if (whole) assert.ok(first.length <= SESSION_COOKIE_LIMIT);
    else {
      const [head = 0, tail = 0] = [first, second].map(
        (line) => line.slice(line.indexOf('='), line.indexOf(';')).length,
      );
      assert.ok(head - tail === 0 || head - tail === 1, `${head} ${tail}`);
      assert.ok(first.length > SESSION_COOKIE_LIMIT / 2 && second.length < BROWSER_LIMIT);
    }
  }
  // Never back and forth.
  const changes = seen.filter((kind, at) => kind !== seen[at - 1]);
  assert.deepEqual(changes, ['one', 'two', 'none']);
  assert.ok(seen.indexOf('two') > 55 && seen.indexOf('none') >= 100, `${seen.indexOf('two')} ${seen.indexOf('none')}`);
});

test('a large session works without Secure and __Host- on a plain http loopback origin', () => {
  const { sessions } = setUp();
  const jar = new CookieJar().take(cookiesOf(sessions, LOCAL, LARGE, NOW));
  assert.deepEqual([...jar.kept.keys()], ['stepgate-main', 'stepgate-main-1', 'stepgate-seen-main']);
  assert.deepEqual(sessions.open(LOCAL, MAIN, EVIDENCE, jar.own, NOW)?.standing.session, LARGE);
});

test('the standing of a large session is one object for as long as its cookies are the same', () => {
  const { jarOf, open } = setUp();
  const jar = jarOf(LARGE);
  const first = open(jar)?.standing;
  assert.notEqual(first, undefined);
  assert.equal(open(jar)?.standing, first);
  assert.notEqual(open(jarOf(LARGE))?.standing, first);
});

test('T164 any single changed bit of either half is an anonymous visitor, also with the real one in memory', () => {
  const { jarOf, open, openBoth } = setUp();
  const jar = jarOf(LARGE);
  assert.notEqual(open(jar), null);
  for (const name of [FIRST, SECOND]) {
    const half = jar.kept.get(name) ?? '';
    for (let at = 0; at < half.length; at++) {
      const changed = half.charCodeAt(at) ^ (1 << (at % 6));
      // A character that no cookie has is nothing that could come.
      if (changed <= 0x20 || changed >= 0x7f || changed === 0x3b) continue;
      jar.kept.set(name, half.slice(0, at) + String.fromCharCode(changed) + half.slice(at + 1));
      assert.equal(open(jar), null, `${name} place ${at}`);
      if (at % 50 === 0) assert.deepEqual(openBoth(jar), [null, null]);
    }
    jar.kept.set(name, half);
  }
  const sealed = `${jar.kept.get(FIRST)}${jar.kept.get(SECOND)}`;
  for (let bit = 0; bit < Buffer.from(sealed, 'base64url').length * 8; bit += 5) {
    const flipped = flipBit(sealed, bit);
    const middle = Math.ceil(flipped.length / 2);
    const forged = new CookieJar().take([`${SEEN}=${jar.kept.get(SEEN)}`]);
    forged.kept.set(FIRST, flipped.slice(0, middle));
    forged.kept.set(SECOND, flipped.slice(middle));
    assert.equal(open(forged), null, `bit ${bit}`);
  }
  assert.notEqual(open(jar), null);
});

test('halves of two generations, however mixed, are an anonymous visitor', () => {
  const { jarOf, openBoth } = setUp();
  const generation = fc.record({ groups: fc.integer({ min: 0, max: 100 }), number: fc.integer({ min: 1, max: 9 }) });
  fc.assert(
    fc.property(generation, generation, fc.boolean(), (before, after, seenOfOld) => {
      const old = jarOf(inGroups(before.groups, { generation: before.number }));
      const young = jarOf(inGroups(after.groups, { generation: after.number }));
      for (const jar of [old, young]) for (const opened of openBoth(jar)) assert.notEqual(opened, null);
      for (const [a, b] of [
        [old, young],
        [young, old],
      ] as const) {
        const mixed = new CookieJar();
        mixed.kept.set(SEEN, (seenOfOld ? old : young).kept.get(SEEN) ?? '');
        mixed.kept.set(FIRST, a.kept.get(FIRST) ?? '');
        const second = b.kept.get(SECOND);
        if (second !== undefined) mixed.kept.set(SECOND, second);
        // A whole session without a second half is what it is, whoever's generation the other one was.
        const whole = second === undefined && !a.kept.has(SECOND);
        for (const opened of openBoth(mixed)) assert.equal(opened !== null, whole);
      }
    }),
    { numRuns: 100 },
  );
});

/** What becomes of the two halves, or of a whole session and what lies beside it. */
const FORGERIES: readonly (readonly [what: string, forge: (kept: Map<string, string>, whole: string) => void])[] = [
  ['without the second half', (kept) => kept.delete(SECOND)],
  ['without the first half', (kept) => kept.delete(FIRST)],
  ['with an empty second half', (kept) => kept.set(SECOND, '')],
  ['with an empty first half', (kept) => kept.set(FIRST, '')],
  ['with the first half twice', (kept) => kept.set(SECOND, kept.get(FIRST) ?? '')],
  ['with the second half twice', (kept) => kept.set(FIRST, kept.get(SECOND) ?? '')],
  [
    'with its halves exchanged',
    (kept) => {
      const first = kept.get(FIRST) ?? '';
      kept.set(FIRST, kept.get(SECOND) ?? '').set(SECOND, first);
    },
  ],
  ['with the cookie of the second half twice', (kept) => kept.set('x', `1; ${SECOND}=${kept.get(SECOND)}`)],
  ['with the cookie of the first half twice', (kept) => kept.set('x', `1; ${FIRST}=${kept.get(FIRST)}`)],
  [
    'pasted together in one cookie',
    (kept, whole) => {
      kept.set(FIRST, whole).delete(SECOND);
    },
  ],
  [
    'pasted together beside an empty half',
    (kept, whole) => {
      kept.set(FIRST, whole).set(SECOND, '');
    },
  ],
  [
    'cut at another place',
    (kept, whole) => {
      const middle = Math.ceil(whole.length / 2);
      kept.set(FIRST, whole.slice(0, middle - 1)).set(SECOND, whole.slice(middle - 1));
    },
  ],
  [
    'cut two characters later',
    (kept, whole) => {
      const middle = Math.ceil(whole.length / 2);
      kept.set(FIRST, whole.slice(0, middle + 2)).set(SECOND, whole.slice(middle + 2));
    },
  ],
  [
    'with the second half under another number',
    (kept) => kept.set(`${FIRST}-2`, kept.get(SECOND) ?? '').delete(SECOND),
  ],
];
for (const [what, forge] of FORGERIES) {
  test(`a large session ${what} is an anonymous visitor`, () => {
    const { jarOf, open, openBoth } = setUp();
    for (const count of [88, 89, 90, 91]) {
      const jar = jarOf(inGroups(count));
      assert.notEqual(open(jar), null);
      forge(jar.kept, `${jar.kept.get(FIRST)}${jar.kept.get(SECOND)}`);
      assert.deepEqual(openBoth(jar), [null, null]);
    }
  });
}

test('a whole session beside a second half, or cut into two cookies, is an anonymous visitor', () => {
  const { jarOf, open, openBoth } = setUp();
  const second = jarOf(LARGE).kept.get(SECOND) ?? '';
  const whole = jarOf(alice);
  const sealed = whole.kept.get(FIRST) ?? '';
  assert.notEqual(open(whole), null);
  for (const beside of [second, sealed, 'x', '']) {
    whole.kept.set(SECOND, beside);
    assert.deepEqual(openBoth(whole), [null, null], beside);
  }
  const middle = Math.ceil(sealed.length / 2);
  whole.kept.set(FIRST, sealed.slice(0, middle)).set(SECOND, sealed.slice(middle));
  assert.deepEqual(openBoth(whole), [null, null]);
});

test('T175 the halves of a session of another host are an anonymous visitor', () => {
  const { sessions, jarOf, open } = setUp();
  const here = jarOf(LARGE);
  assert.notEqual(open(here), null);
  assert.equal(sessions.open(TRAVEL, MAIN, EVIDENCE, here.own, NOW), null);
});

test('a session that has become small takes the second half of before away, also one that came meanwhile', () => {
  const { sessions, jarOf, open } = setUp();
  const jar = jarOf(LARGE);
  assert.ok(jar.kept.has(SECOND));
  // Written for a request that did not have the large session yet.
  const written = sessions.write(PAYROLL, alice, { cookies: NOBODY, namesGroup: everybody }, NOW);
  jar.take(written.ok ? written.cookies : []);
  assert.ok(!jar.kept.has(SECOND));
  assert.deepEqual(open(jar)?.standing.session, alice);
  jar.take(cookiesOf(sessions, PAYROLL, LARGE, NOW));
  assert.deepEqual(open(jar)?.standing.session, LARGE);
});

test('signing out removes both halves', () => {
  const { sessions, jarOf } = setUp();
  assert.equal(jarOf(LARGE).take(sessions.remove(PAYROLL, MAIN.name)).header, '');
  const jar = jarOf(LARGE);
  assert.equal(jar.take(sessions.removeAll(PAYROLL, jar.own)).header, '');
});

test('groups that nobody names go first, all of them, and the session says so', () => {
  const { sessions, openBoth } = setUp();
  const session = inGroups(200, { groups: ['hr', ...guids(200), 'payroll-admins'] });
  const namesGroup = (group: string) => group === 'hr' || group === 'payroll-admins';
  const written = sessions.write(PAYROLL, session, { cookies: NOBODY, namesGroup }, NOW);
  assert.ok(written.ok);
  assert.deepEqual(written.session, { ...session, groups: ['hr', 'payroll-admins'], namedGroupsOnly: true });
  const jar = new CookieJar().take(written.cookies);
  assert.ok(!jar.kept.has(SECOND));
  for (const opened of openBoth(jar)) assert.deepEqual(opened?.standing.session, written.session);
});

test('claims that conditions read stay, whichever groups go for them', () => {
  const { sessions, openBoth } = setUp();
  const claims = new Map([
    ['roles', guids(90)],
    ['dept', null],
  ]);
  const session = inGroups(200, { claims });
  const written = sessions.write(PAYROLL, session, { cookies: NOBODY, namesGroup: nobody }, NOW);
  assert.ok(written.ok);
  assert.deepEqual(written.session, { ...session, groups: [], namedGroupsOnly: true });
  for (const opened of openBoth(new CookieJar().take(written.cookies))) {
    assert.deepEqual(opened?.standing.session.claims, claims);
  }
});

test('no group goes as long as all of them fit', () => {
  const { sessions } = setUp();
  const written = sessions.write(PAYROLL, LARGE, { cookies: NOBODY, namesGroup: nobody }, NOW);
  assert.ok(written.ok);
  assert.equal(written.session, LARGE);
});

test('what does not fit without them is not written, and the largest claim is named', () => {
  const { sessions } = setUp();
  const long = 'x'.repeat(5_000);
  const table: readonly (readonly [Partial<Session>, (group: string) => boolean, SessionPart])[] = [
    [{ groups: guids(200) }, everybody, 'groups'],
    [{ name: long }, everybody, 'name'],
    [{ email: long }, everybody, 'email'],
    [{ subject: long }, everybody, 'subject'],
    [{ loginHint: long }, everybody, 'login_hint'],
    [{ providerSession: long }, everybody, 'sid'],
    [{ proofs: [{ at: NOW, freshAt: NOW, acr: long, amr: null, facts: [] }] }, everybody, 'acr'],
    [{ proofs: [{ at: NOW, freshAt: NOW, acr: 'pwd', amr: [long], facts: [] }] }, everybody, 'amr'],
    [{ claims: new Map([['dept', [long]]]) }, nobody, { claim: 'dept' }],
    [
      {
        groups: guids(1_000),
        claims: new Map([
          ['dept', ['it']],
          ['roles', guids(200)],
        ]),
      },
      nobody,
      { claim: 'roles' },
    ],
    // Larger by far, and not what is in the way: without them it does not fit either.
    [{ groups: guids(1_000), name: long }, nobody, 'name'],
    [{ groups: guids(1_000), name: long }, everybody, 'groups'],
    // As bytes, in which four characters outdo five.
    [{ name: '\u{1f600}'.repeat(1_200), email: 'x'.repeat(4_000) }, everybody, 'name'],
  ];
  for (const [more, namesGroup, largest] of table) {
    const written = sessions.write(PAYROLL, { ...alice, ...more }, { cookies: NOBODY, namesGroup }, NOW);
    assert.deepEqual(written, { ok: false, largest });
  }
});

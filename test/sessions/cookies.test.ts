import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  cookieNames,
  deleteCookie,
  FLOW_SLOTS,
  isOwnCookie,
  readOwnCookies,
  setCookie,
  setsOwnCookie,
  withoutOwnCookies,
  withSetCookies,
} from '../../src/sessions/cookies.ts';

/** What no provider can be called. */
const TAKEN = ['seen', 'flow', 'device', 'browser'];

const read = (header: string | undefined, prefix = 'stepgate') => Object.fromEntries(readOwnCookies(header, prefix));

test('names on https are bound to the host by the browser, on plain http they cannot be', () => {
  const https = cookieNames('stepgate', true);
  assert.equal(https.session('main'), '__Host-stepgate-main');
  assert.equal(https.secondHalf('main'), '__Host-stepgate-main-1');
  assert.equal(https.seen('main'), '__Host-stepgate-seen-main');
  assert.equal(https.flow(4), '__Host-stepgate-flow-4');
  assert.equal(https.browser, '__Host-stepgate-browser');
  const http = cookieNames('stepgate', false);
  assert.equal(http.session('main'), 'stepgate-main');
  assert.equal(http.seen('main'), 'stepgate-seen-main');
  assert.equal(http.flow(0), 'stepgate-flow-0');
  assert.equal(http.browser, 'stepgate-browser');
});

test('which names are ours', () => {
  for (const ours of [
    'stepgate',
    'stepgate-',
    'stepgate-main',
    '__Host-stepgate',
    '__Host-stepgate-main',
    '__host-stepgate-main',
    '__HOST-stepgate-seen-main',
    '__Secure-stepgate-main',
    '__sEcUrE-stepgate',
  ])
    assert.ok(isOwnCookie(ours, 'stepgate'), ours);
  for (const foreign of [
    '',
    '__Host-',
    'stepgat',
    'stepgates',
    'stepgate_main',
    'stepgate2-main',
    'Stepgate-main',
    'x-stepgate-main',
    '__Host-x-stepgate',
    '__Host-__Host-stepgate',
    '__Hoststepgate',
  ])
    assert.ok(!isOwnCookie(foreign, 'stepgate'), foreign);
});

test('two gateways with prefixes that begin alike do not take each other’s cookies', () => {
  assert.ok(!isOwnCookie('__Host-gatehouse-main', 'gate'));
  assert.ok(!isOwnCookie('__Host-gate-main', 'gatehouse'));
});

test('no two cookies have one name, whatever providers are called and whichever gateways share a host', () => {
  const word = fc.stringMatching(/^[a-z][a-z0-9]{0,5}$/).filter((name) => !TAKEN.includes(name));
  const oneOf = (name: string) => fc.oneof(word, fc.constantFrom('corp', 'corp1', 'seen1', 'flow0', 'browser1', name));
  fc.assert(
    fc.property(
      fc.uniqueArray(oneOf('main'), { maxLength: 5 }),
      fc.uniqueArray(oneOf('stepgate'), { minLength: 1, maxLength: 3 }),
      (providers, prefixes) => {
        const names = prefixes.flatMap((prefix) => {
          const all = cookieNames(prefix, true);
          const flows = Array.from({ length: FLOW_SLOTS }, (_, slot) => all.flow(slot));
          const ofProviders = providers.flatMap((name) => [all.session(name), all.secondHalf(name), all.seen(name)]);
          const own = [all.browser, ...flows, ...ofProviders];
          for (const other of prefixes)
            for (const name of own) assert.equal(isOwnCookie(name, other), other === prefix);
          return own;
        });
        assert.equal(new Set(names).size, names.length);
      },
    ),
  );
});

test('only our cookies are read', () => {
  assert.deepEqual(read(undefined), {});
  assert.deepEqual(read(''), {});
  assert.deepEqual(read('a=1; b=2'), {});
  assert.deepEqual(read('a=1; __Host-stepgate-main=abc; _ga=GA1; stepgate-flow-0=def; __utm=1'), {
    '__Host-stepgate-main': 'abc',
    'stepgate-flow-0': 'def',
  });
});

test('values may hold an equals sign, blanks around a pair do not count', () => {
  assert.deepEqual(read('  stepgate-a = b=c ;\tstepgate-d=e\t;;; ;stepgate-f='), {
    'stepgate-a': 'b=c',
    'stepgate-d': 'e',
    'stepgate-f': '',
  });
});

test('T162 a name that occurs twice counts for nobody, even with the same value', () => {
  assert.deepEqual(read('stepgate-main=a; stepgate-main=b'), { 'stepgate-main': null });
  assert.deepEqual(read('stepgate-main=a; x=1; stepgate-main=a; stepgate-main=a'), { 'stepgate-main': null });
  assert.deepEqual(read('stepgate-main=a; stepgate-main'), { 'stepgate-main': null });
  assert.deepEqual(read('stepgate-main=a; __Host-stepgate-main=b'), {
    'stepgate-main': 'a',
    '__Host-stepgate-main': 'b',
  });
});

test('what a name may be in an object is only a name here', () => {
  assert.equal(readOwnCookies('a=1', 'stepgate').get('constructor'), undefined);
  assert.deepEqual(read('__proto__=x; constructor=y'), {});
});

test('the upstream gets every other cookie byte for byte', () => {
  const table: readonly (readonly [string, string | null])[] = [
    ['a=1; b=2', 'a=1; b=2'],
    ['a=1;b=2 ;  c="x y"; =d; e', 'a=1;b=2 ;  c="x y"; =d; e'],
    ['stepgate-main=x', null],
    ['stepgate-main=x; __Host-stepgate-seen-main=y; ', null],
    ['a=1; __Host-stepgate-main=x; b=2', 'a=1; b=2'],
    ['__Host-stepgate-main=x; a=1;b=2', 'a=1;b=2'],
    ['a=1;  b=2; stepgate-main=x', 'a=1;  b=2'],
    ['a=1; stepgate; b=2', 'a=1; b=2'],
    ['a=1; stepgate =x; b=2', 'a=1; b=2'],
    ['a=1;\u00a0b=2; __HOST-stepgate-main=x', 'a=1;\u00a0b=2'],
    ['stepgates=1; __Host-stepgate-main=x; a=stepgate-main', 'stepgates=1; a=stepgate-main'],
  ];
  for (const [header, forwarded] of table) assert.equal(withoutOwnCookies(header, 'stepgate'), forwarded, header);
  assert.equal(withoutOwnCookies(undefined, 'stepgate'), null);
});

test('T150 no header, however odd, takes a cookie of ours upstream or loses a foreign one', () => {
  const name = fc.constantFrom('a', '__Host-a', 'stepgates', 'stepgate-main', '__host-stepgate-x', '__Secure-stepgate');
  const pair = fc.tuple(
    fc.constantFrom('', ' ', '\t', '  '),
    name,
    fc.constantFrom('', '=', ' =', '=='),
    fc.stringMatching(/^[\w" =,-]*$/),
  );
  fc.assert(
    fc.property(fc.array(pair, { maxLength: 12 }), (pairs) => {
      const header = pairs.map((parts) => parts.join('')).join(';');
      const forwarded = withoutOwnCookies(header, 'stepgate') ?? '';
      assert.equal(readOwnCookies(forwarded, 'stepgate').size, 0);
      const nameOf = (piece: string) => piece.split('=')[0]?.trim() ?? '';
      const foreign = (text: string) =>
        text.split(';').filter((piece) => piece.trim() !== '' && !isOwnCookie(nameOf(piece), 'stepgate'));
      assert.deepEqual(
        foreign(forwarded).map((piece) => piece.trimStart()),
        foreign(header).map((piece) => piece.trimStart()),
      );
    }),
  );
});

test('what is read back is what was set', () => {
  const value = fc.stringMatching(/^[\w-]*$/);
  fc.assert(
    fc.property(fc.dictionary(fc.stringMatching(/^stepgate-[a-z0-9]+$/), value, { noNullPrototype: true }), (kept) => {
      const header = Object.entries(kept).map(([name, content]) => `${name}=${content}`);
      assert.deepEqual(read(['a=1', ...header, 'b=2'].join('; ')), kept);
    }),
  );
});

test('T149 an upstream sets no cookie that the browser would send back under a name of ours', () => {
  for (const line of [
    'stepgate-main=x',
    '__Host-stepgate-main=x; Secure; Path=/',
    ' stepgate =x',
    '=stepgate-main=x; Path=/',
    ' = stepgate-main=x',
    'stepgate-main',
    '=__host-stepgate-main=x',
    // Without a name it comes back as its bare value, and what browsers make of that differs.
    'a',
    '',
    '=',
    '=a=x',
    ';stepgate-main=x',
  ])
    assert.ok(setsOwnCookie(line, 'stepgate'), line);
  for (const line of ['a=stepgate-main=x', 'a=1; stepgate-main=x', 'stepgates=1', '__Host-a=x'])
    assert.ok(!setsOwnCookie(line, 'stepgate'), line);
});

test('what a browser keeps after an answer of ours is known before it sends it', () => {
  const before = readOwnCookies(
    'stepgate-main=a; stepgate-main-1=b; stepgate-flow-0=c; stepgate-seen-main=s',
    'stepgate',
  );
  const secure = false;
  const after = withSetCookies(before, [
    setCookie('stepgate-main', 'new', { secure }),
    deleteCookie('stepgate-main-1', { secure }),
    deleteCookie('stepgate-flow-0', { secure }),
    setCookie('stepgate-flow-0', 'd', { secure, maxAge: 600 }),
    deleteCookie('stepgate-flow-4', { secure }),
  ]);
  assert.deepEqual(Object.fromEntries(after), {
    'stepgate-main': 'new',
    'stepgate-flow-0': 'd',
    'stepgate-seen-main': 's',
  });
  assert.equal(before.get('stepgate-main'), 'a');
});

test('our cookies are for this host alone, hidden from scripts, not sent with cross-site posts', () => {
  assert.equal(
    setCookie('__Host-stepgate-main', 'abc', { secure: true }),
    '__Host-stepgate-main=abc; Path=/; HttpOnly; SameSite=Lax; Secure',
  );
  assert.equal(
    setCookie('stepgate-flow-0', 'abc', { secure: false, maxAge: 600 }),
    'stepgate-flow-0=abc; Path=/; Max-Age=600; HttpOnly; SameSite=Lax',
  );
  assert.equal(
    deleteCookie('__Host-stepgate-main', { secure: true }),
    '__Host-stepgate-main=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure',
  );
});

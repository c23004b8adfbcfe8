import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { memberOf, parseNetwork } from '../../src/config/addresses.ts';
import { isWrong } from '../../src/config/problems.ts';
import type { App, World } from '../../src/config/world.ts';
import type { Demand } from '../../src/core/demand.ts';
import { matchOf } from '../../src/core/match.ts';
import { factsOf } from '../core/apps.ts';
import { GATEWAY, load, oidcOf, POLICIES, worldOf } from './fixture.ts';

function appOf(world: World, name: string): App {
  const app = world.apps.get(name);
  assert.ok(app);
  return app;
}

const segments = (path: string): readonly string[] => path.split('/').filter((segment) => segment !== '');

/** The first rule that matches, and what it comes to with the app's own demand, in a few words. */
function answer(world: World, app: string, method: string, path: string): string {
  const target = appOf(world, app);
  const facts = factsOf(null, path, { method });
  const rule = target.rules.find(facts.segments).find((one) => matchOf(one, facts) === 'hit') ?? null;
  const own = target.require === null ? [] : [target.require];
  const effect = rule?.effect ?? (target.require === null ? { kind: 'deny' as const } : null);
  return `${rule?.id ?? '-'} ${effect === null || effect.kind === 'require' ? inWords([...own, ...(effect?.demands ?? [])]) : effect.kind}`;
}

const inWords = (demands: readonly Demand[]): string =>
  demands
    .map(({ level, maxAge, source }) => `${level.name}${maxAge === null ? '' : `<${maxAge}`} by ${source}`)
    .join(' and ');

describe('the compiled rules', () => {
  const world = worldOf();
  const rows: readonly (readonly [string, string, string, string])[] = [
    ['payroll', 'GET', '/pay/static/a.css', 'payroll/assets public'],
    ['payroll', 'HEAD', '/pay/static/a.css', 'payroll/assets public'],
    ['payroll', 'POST', '/pay/static/a.css', '- password by payroll'],
    ['payroll', 'POST', '/pay/runs/7', 'payroll/runs password by payroll and mfa<300 by payroll/runs'],
    ['payroll', 'DELETE', '/pay/runs/7/approve', 'payroll/runs password by payroll and mfa<300 by payroll/runs'],
    ['payroll', 'BREW', '/pay/runs/7', 'payroll/runs password by payroll and mfa<300 by payroll/runs'],
    ['payroll', 'GET', '/pay/runs/7', '- password by payroll'],
    ['payroll', 'OPTIONS', '/pay/runs/7', '- password by payroll'],
    ['payroll', 'GET', '/pay/legacy', 'payroll/closed deny'],
    ['payroll', 'GET', '/pay', '- password by payroll'],
    ['wiki', 'GET', '/x', '- password by default'],
  ];
  for (const [app, method, path, expected] of rows) {
    it(`answer ${method} ${path} of ${app} with ${expected}`, () => {
      assert.equal(answer(world, app, method, path), expected);
    });
  }

  it('deny what nothing is said about', () => {
    const silent = worldOf(GATEWAY, POLICIES.replace('default: {require: password}\n', ''));
    assert.equal(answer(silent, 'wiki', 'GET', '/x'), '- deny');
  });

  it('match every path when they name none', () => {
    const rules = '{rules: [{id: reading, methods: [read, POST], require: password}, {id: rest, deny: true}]}';
    const all = worldOf(GATEWAY, POLICIES.replace('wiki: {}', `wiki: ${rules}`));
    assert.equal(answer(all, 'wiki', 'HEAD', '/a/b'), 'wiki/reading password by default and password by wiki/reading');
    assert.equal(answer(all, 'wiki', 'POST', '/'), 'wiki/reading password by default and password by wiki/reading');
    assert.equal(answer(all, 'wiki', 'PUT', '/a'), 'wiki/rest deny');
  });

  it('may mix words and methods', () => {
    const all = worldOf(
      GATEWAY,
      POLICIES.replace('wiki: {}', 'wiki: {rules: [{id: a, methods: [write, GET], deny: true}]}'),
    );
    assert.equal(answer(all, 'wiki', 'GET', '/'), 'wiki/a deny');
    assert.equal(answer(all, 'wiki', 'PATCH', '/'), 'wiki/a deny');
    assert.equal(answer(all, 'wiki', 'OPTIONS', '/'), '- password by default');
  });

  it('know whether any of them looks at the method, a public one included', () => {
    assert.equal(appOf(world, 'payroll').namesMethods, true);
    assert.equal(appOf(world, 'wiki').namesMethods, false);
    const open = worldOf(GATEWAY, POLICIES.replace('wiki: {}', 'wiki: {rules: [{id: a, path: /a, public: true}]}'));
    assert.equal(appOf(open, 'wiki').namesMethods, true);
  });

  it('are folded for an application on Windows, whose requests are', () => {
    const windows = worldOf(
      GATEWAY.replace('path: /pay', 'path: /Pay\n    paths: {windows: true}\n    background: [/Pay/Poll]'),
      POLICIES.replaceAll('/pay/', '/PAY/').replace('/PAY/legacy/**', '/Pay/Legacy*/**'),
    );
    assert.equal(answer(windows, 'payroll', 'GET', '/pay/legacy-app/x'), 'payroll/closed deny');
    assert.equal(answer(windows, 'payroll', 'GET', '/pay/static/x'), 'payroll/assets public');
    assert.equal(appOf(windows, 'payroll').background?.find(['pay', 'poll']).length, 1);
  });

  it('load by the ten thousand', () => {
    const rules = Array.from(
      { length: 10_000 },
      (_, i) => `{id: r${i}, path: /pay/a${i % 100}/b${i}/**, require: mfa}`,
    );
    const policies = POLICIES.replace(
      '      - {id: assets',
      `${rules.map((rule) => `      - ${rule}\n`).join('')}      - {id: assets`,
    );
    const large = worldOf(GATEWAY, policies);
    assert.equal(
      answer(large, 'payroll', 'GET', '/pay/a99/b9999/x'),
      'payroll/r9999 password by payroll and mfa by payroll/r9999',
    );
    assert.equal(answer(large, 'payroll', 'GET', '/pay/static/x'), 'payroll/assets public');
  });
});

describe('the world', () => {
  it('knows hosts with and without the default port, in lower case', () => {
    const world = worldOf(
      GATEWAY.replace('https://wiki.example.com', 'HTTPS://Wiki.Example.com').replace(
        '"https://payroll.example.com"',
        '"http://localhost", "http://127.0.0.1:8080"',
      ),
    );
    assert.deepEqual(
      [...world.hosts].map(([host, entry]) => `${host} ${entry.origin} ${entry.secure} ${entry.providers}`),
      [
        'localhost http://localhost false corp',
        'localhost:80 http://localhost false corp',
        '127.0.0.1:8080 http://127.0.0.1:8080 false corp',
        'wiki.example.com https://wiki.example.com true partner',
        'wiki.example.com:443 https://wiki.example.com true partner',
      ],
    );
  });

  it('finds the longest mount first, by segments', () => {
    const shared = GATEWAY.replace('https://wiki.example.com', 'https://payroll.example.com').replace(
      'provider: partner',
      'provider: corp',
    );
    const mounts = worldOf(shared).hosts.get('payroll.example.com')?.mounts;
    const first = (path: string): string | undefined => mounts?.find(segments(path))[0]?.app.name;
    assert.equal(first('/pay'), 'payroll');
    assert.equal(first('/pay/x/y'), 'payroll');
    assert.equal(first('/payments'), 'wiki');
    assert.equal(first('/'), 'wiki');
  });

  it('knows what a provider proves, strongest first', () => {
    const world = worldOf();
    assert.deepEqual(
      appOf(world, 'payroll').evidence.marks.map(({ level, acr }) => [level.name, ...acr]),
      [
        ['mfa', '2'],
        ['password', '1'],
      ],
    );
    assert.deepEqual(
      appOf(world, 'payroll').provable.map((level) => level.name),
      ['password', 'mfa'],
    );
    assert.equal(world.providers.get('partner')?.evidence.unmarked?.name, 'password');
    assert.equal(world.providers.get('corp')?.evidence.unmarked, null);
  });

  it('has the defaults of the documentation', () => {
    const spare = GATEWAY.split('\n')
      .filter((line) => !/^(?:listen|trusted|session|ledger|policies|cookie)/.test(line))
      .join('\n');
    const world = worldOf(spare);
    assert.deepEqual(
      [world.listen, world.session, world.ledger, world.cookiePrefix],
      [
        { host: '0.0.0.0', port: 8080 },
        { lifetime: 43_200, idle: 3600 },
        { kind: 'sqlite', file: 'data/ledger.db' },
        'stepgate',
      ],
    );
    assert.equal(world.trustsProxy('127.0.0.1'), false);
    const corp = oidcOf(world);
    assert.deepEqual(
      [corp.ask, corp.clientAuth, corp.idTokenAlgorithm, corp.clockTolerance, corp.scopes, corp.claims],
      [
        null,
        'client_secret_basic',
        'RS256',
        60,
        ['openid', 'profile', 'email'],
        { email: 'email', name: 'name', groups: null },
      ],
    );
    assert.deepEqual(appOf(world, 'wiki').timeouts, { connect: 5, headers: 60, idle: 300 });
  });

  it('keeps an issuer as it is written', () => {
    assert.equal(
      worldOf(GATEWAY.replace('id.example.com', 'id.example.com/')).providers.get('corp')?.issuer,
      'https://id.example.com/',
    );
  });

  it('forwards the groups an app names, and lets its provider keep only those', () => {
    const world = worldOf(GATEWAY.replace('provider: corp', 'provider: corp\n    groups: ["corp-*", staff]'));
    const { forwardsGroup } = appOf(world, 'payroll');
    const keeps = world.providers.get('corp')?.keepsGroup;
    for (const takes of [forwardsGroup, keeps]) {
      assert.deepEqual(
        ['corp-hr', 'staff', 'staff2', 'xcorp-', 'corp'].map((group) => takes?.(group)),
        [true, true, false, false, false],
      );
    }
    assert.equal(world.providers.get('partner')?.keepsGroup('staff'), false);
    assert.equal(appOf(world, 'wiki').forwardsGroup('staff'), false);
  });

  it('knows which groups somebody names, and which are only taken by a pattern', () => {
    const world = worldOf(GATEWAY.replace('provider: corp', 'provider: corp\n    groups: ["corp-*", staff]'));
    const { namesGroup } = world.providers.get('corp') ?? assert.fail();
    assert.deepEqual(['corp-hr', 'corp-*', 'staff', ''].map(namesGroup), [false, false, true, false]);
    assert.equal(appOf(world, 'payroll').groupsByPattern, true);
    assert.equal(appOf(world, 'wiki').groupsByPattern, false);
    const named = worldOf(GATEWAY.replace('provider: corp', 'provider: corp\n    groups: [corp-hr, staff]'));
    assert.equal(appOf(named, 'payroll').groupsByPattern, false);
    assert.deepEqual(['corp-hr', 'staff', 'x'].map(named.providers.get('corp')?.namesGroup ?? assert.fail()), [
      true,
      true,
      false,
    ]);
  });

  it('has another hash whenever one of the files has another text', () => {
    const hashes = [
      worldOf(),
      worldOf(`${GATEWAY}#`),
      worldOf(GATEWAY, `#\n${POLICIES}`),
      worldOf(`${GATEWAY}#\n`),
    ].map((world) => world.hash);
    assert.equal(new Set(hashes).size, 4);
    assert.match(hashes[0] ?? '', /^[0-9a-f]{64}$/);
    assert.equal(worldOf().hash, hashes[0]);
  });

  it('is not made while anything is wrong', () => {
    const result = load(GATEWAY, POLICIES.replace('5m', '0s'));
    assert.deepEqual(Object.keys(result).sort(), ['notices', 'ok', 'problems']);
  });
});

describe('trusted proxies', () => {
  const networks = ['10.0.0.0/8', '192.0.2.7', '2001:db8::/32', '::1'].map((text) => {
    const network = parseNetwork(text);
    assert.ok(!isWrong(network));
    return network;
  });
  const trusts = memberOf(networks);
  const rows: readonly (readonly [string, boolean])[] = [
    ['10.1.2.3', true],
    ['::ffff:10.1.2.3', true],
    ['11.1.2.3', false],
    ['192.0.2.7', true],
    ['192.0.2.8', false],
    ['2001:db8:1::1', true],
    ['2001:db9::1', false],
    ['::1', true],
    ['127.0.0.1', false],
    ['', false],
    ['proxy', false],
    ['10.1.2.3, 1.1.1.1', false],
  ];
  for (const [address, expected] of rows) {
    it(`${expected ? 'include' : 'do not include'} "${address}"`, () => assert.equal(trusts(address), expected));
  }

  for (const text of [
    '10.0.0.0/',
    '10.0.0.0/-1',
    '10.0.0/8',
    '0x0a.0.0.0/8',
    '10.0.0.0/8/8',
    '::ffff:10.0.0.0/104',
    'fe80::1%eth0',
    '2001:db8::/129',
    '',
  ]) {
    it(`cannot be "${text}"`, () => assert.ok(isWrong(parseNetwork(text))));
  }
});

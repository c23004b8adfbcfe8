import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { neverTrue, readingsOf } from '../../../src/config/lints/conditions.ts';
import { lintRows, type Row } from './rows.ts';

type Beside = NonNullable<Row[2]>;

const ONLY = (condition: string, beside: Beside = {}): Beside => ({ ...beside, app: `only: '${condition}'` });
const FLOOR = (when: string, gateway?: string) => ({
  policies: `floors: [{id: f, when: '${when}', require: mfa}]`,
  ...(gateway === undefined ? {} : { gateway }),
});
const EVERYBODY = 'trusted_proxies: ["::/0"]';
const NETWORKS = 'networks: {office: [192.0.2.0/24]}';

lintRows('spoofable-leniency', {
  found: [
    ['a header opens a path', [`id: a, path: /x, when: 'request.headers["x-in"] == "1"', public: true`]],
    ['the lack of a header does', [`id: a, path: /x, when: 'request.headers["x-out"] != "1"', public: true`]],
    [
      'a parameter makes a stricter rule not decide',
      [`id: a, path: /x, when: 'request.query["p"] == "1"', require: password`, 'id: b, path: /x, require: mfa'],
    ],
    [
      'by way of a named condition',
      ['id: a, path: /x, when: kiosk, public: true'],
      { policies: 'conditions: {kiosk: \'client.user_agent == "kiosk"\'}' },
    ],
    ['a header says who may', [`id: a, path: /x, only: 'request.headers["x-in"] == "1"', require: mfa`]],
    ['a header says who may, in the whole app', [], ONLY('request.headers["x-in"] == "1"')],
    ['a header lifts a floor', [], FLOOR('!(request.headers["x-in"] == "1")')],
    [
      'an address, where everybody is believed',
      ['id: a, path: /x, when: network.office, public: true'],
      { policies: NETWORKS, gateway: EVERYBODY },
    ],
  ],
  silent: [
    ['an address, where nobody is', ['id: a, path: /x, when: network.office, public: true'], { policies: NETWORKS }],
    ['a header asks for more', [`id: a, path: /x, when: 'request.headers["x-in"] == "1"', require: mfa`]],
    ['a header adds a floor', [], FLOOR('request.headers["x-in"] == "1"')],
    ['the method and the path', [`id: a, path: /x, when: 'request.method == "GET"', public: true`]],
    [
      'a floor asks for as much whatever the header says',
      [`id: a, path: /x, when: 'request.headers["x-in"] == "1"', require: password`, 'id: b, path: /x, require: mfa'],
      { policies: 'floors: [{id: f, require: mfa}]' },
    ],
  ],
});

lintRows('permission-across-providers', {
  found: [
    [
      'a named condition in two apps',
      [],
      {
        policies: `conditions: {a: '"a" in user.groups'}\napps: {wiki: {only: a}, shop: {only: a}}`,
        gateway: PARTNER('shop'),
      },
    ],
    [
      'an address',
      [],
      {
        policies: `conditions: {a: user.email.endsWith("@a.example")}\napps: {wiki: {only: a}, shop: {only: a}}`,
        gateway: PARTNER('shop'),
      },
    ],
    [
      'a floor over two apps',
      [],
      {
        policies: `floors: [{id: f, when: '"a" in user.groups', require: password}]\napps: {wiki: {}, shop: {}}`,
        gateway: PARTNER('shop'),
      },
    ],
  ],
  silent: [
    [
      'two apps of one provider',
      [],
      { policies: `conditions: {a: '"a" in user.groups'}\napps: {wiki: {only: a}, shop: {only: a}}` },
    ],
    [
      'it says which provider',
      [],
      {
        policies: `conditions: {a: 'user.provider == "corp" && "a" in user.groups'}\napps: {wiki: {only: a}, shop: {only: a}}`,
        gateway: PARTNER('shop'),
      },
    ],
    [
      'one app uses it',
      [],
      {
        policies: `conditions: {a: '"a" in user.groups'}\napps: {wiki: {only: a}, shop: {}}`,
        gateway: PARTNER('shop'),
      },
    ],
    [
      'a floor over one app',
      [],
      {
        policies: `floors: [{id: f, apps: wiki, when: '"a" in user.groups', require: password}]\napps: {wiki: {}, shop: {}}`,
        gateway: PARTNER('shop'),
      },
    ],
  ],
});

function PARTNER(app: string): string {
  return `providers: {partner: {claims: {groups: roles}}}\napps: {${app}: {provider: partner}}`;
}

const AT_PARTNER = 'apps: {wiki: {provider: partner}}';

/** A provider that speaks SAML, which gives these of a person. */
const OVER_SAML = (claims: string): string => `providers:
  people:
    {type: saml, metadata: "https://idp.example/metadata", entity_id: "urn:us", unmarked: password, claims: ${claims}}
apps: {wiki: {provider: people}}`;
lintRows('unknown-claim', {
  found: [
    ['groups of a provider that has none', [], ONLY('"a" in user.groups', { gateway: AT_PARTNER })],
    ['in a rule', [`id: a, path: /x, only: '"a" in user.groups', require: password`], { gateway: AT_PARTNER }],
    ['in a floor', [], FLOOR('user.email == "a@b.example"', 'providers: {corp: {scopes: [openid]}}')],
    ['a claim whose scope is not asked for', [], ONLY('"1" in user.claims.phone_number')],
    [
      'an address without its scope',
      [],
      ONLY('user.email.endsWith("@a.example")', { gateway: 'providers: {corp: {scopes: [openid]}}' }),
    ],
    ['groups over SAML, of no attribute', [], ONLY('"a" in user.groups', { gateway: OVER_SAML('{email: mail}') })],
    [
      'an address over SAML, of no attribute',
      [],
      ONLY('user.email.endsWith("@a.example")', { gateway: OVER_SAML('{groups: groups}') }),
    ],
  ],
  silent: [
    ['groups of a provider that has some', [], ONLY('"a" in user.groups')],
    ['a claim of the provider itself', [], ONLY('"1" in user.claims.department')],
    [
      'a claim whose scope is asked for',
      [],
      ONLY('"1" in user.claims.phone_number', { gateway: 'providers: {corp: {scopes: [openid, phone]}}' }),
    ],
    ['an address', [], ONLY('user.email.endsWith("@a.example")')],
    [
      'an address from a claim of its own',
      [],
      ONLY('user.email.endsWith("@a.example")', {
        gateway: 'providers: {corp: {scopes: [openid], claims: {email: mail}}}',
      }),
    ],
    [
      'an address over SAML, where no scopes are',
      [],
      ONLY('user.email.endsWith("@a.example")', { gateway: OVER_SAML('{email: mail}') }),
    ],
    ['an attribute over SAML', [], ONLY('"1" in user.claims.phone_number', { gateway: OVER_SAML('{}') })],
  ],
});

lintRows('utc-hours', {
  found: [
    ['hours', [], FLOOR('now.getHours() < 6')],
    ['the day of the week', [], FLOOR('now.getDayOfWeek() == 0')],
    [
      'in a named condition, once, however many use it',
      ['id: a, path: /a, when: n, require: mfa', 'id: b, path: /b, when: n, require: mfa'],
      { policies: "conditions: {n: 'now.getHours() < 6'}" },
    ],
  ],
  silent: [
    ['hours in a zone', [], FLOOR('now.getHours("Europe/Zurich") < 6')],
    ['hours in UTC, in as many words', [], FLOOR('now.getHours("UTC") < 6')],
    ['a moment', [], FLOOR('now > timestamp("2026-11-22T14:05:00Z")')],
    ['the hours of a span of time', [], FLOOR('session.age.mfa.getHours() > 3')],
  ],
});

lintRows('loose-email', {
  found: [
    ['the end without @', [], ONLY('user.email.endsWith("corp.example")')],
    ['the end from a dot on', [], ONLY('user.email.endsWith(".corp.example")')],
    ['anywhere', [], ONLY('user.email.contains("@corp.example")')],
    ['a pattern without an end', [], ONLY('user.email.matches(".*@corp[.]example")')],
  ],
  silent: [
    ['the end with @', [], ONLY('user.email.endsWith("@corp.example")')],
    ['one address', [], ONLY('user.email == "a@corp.example"')],
    ['a pattern with an end', [], ONLY('user.email.matches("^[a-z]+@corp[.]example$")')],
    ['a name', [], ONLY('user.name.endsWith("corp.example")')],
  ],
});

lintRows('wide-network', {
  found: [
    ['IPv4', [], { policies: 'networks: {n: [192.0.2.0/24, 0.0.0.0/0]}' }],
    ['IPv6, in a map', [], { policies: 'networks: {n: {ranges: ["::/0"]}}' }],
  ],
  silent: [
    ['ranges', [], { policies: 'networks: {n: [10.0.0.0/8, "2001:db8::/32"]}' }],
    ['a /10', [], { policies: 'networks: {n: [100.64.0.0/10]}' }],
  ],
});

lintRows('never-matches', {
  found: [
    ['false', ['id: a, path: /x, when: "false", require: mfa']],
    [
      'two methods at once',
      [`id: a, path: /x, when: 'request.method == "GET" && request.method == "POST"', require: mfa`],
    ],
    ['after ten and before six', [], FLOOR('now.getHours("UTC") >= 22 && now.getHours("UTC") < 6')],
    [
      'by way of names',
      ['id: a, path: /x, when: late && early, require: mfa'],
      { policies: `conditions: {late: 'now.getHours("UTC") > 22', early: 'now.getHours("UTC") < 6'}` },
    ],
    [
      'a path of a floor that is no app’s',
      [],
      { policies: 'floors: [{id: f, path: /elsewhere/**, require: mfa}]', gateway: 'apps: {wiki: {path: /wiki}}' },
    ],
    [
      'one of its paths',
      [],
      {
        policies: 'floors: [{id: f, path: [/wiki/x, /elsewhere/**], require: mfa}]',
        gateway: 'apps: {wiki: {path: /wiki}}',
      },
    ],
    [
      'exceptions that leave nothing',
      [],
      { policies: 'floors: [{id: f, path: /x/**, require: mfa, except: [{path: /**}]}]' },
    ],
  ],
  silent: [
    ['after ten or before six', [], FLOOR('now.getHours("UTC") >= 22 || now.getHours("UTC") < 6')],
    ['from seven to seven', [], FLOOR('now.getHours("UTC") >= 7 && now.getHours("UTC") < 19')],
    [
      'one of two methods',
      [`id: a, path: /x, when: 'request.method in ["PUT", "POST"] && request.method != "GET"', require: mfa`],
    ],
    ['two groups at once', [`id: a, path: /x, when: '"a" in user.groups && "b" in user.groups', require: mfa`]],
    ['true', ['id: a, path: /x, when: "true", require: mfa']],
    [
      'exceptions that leave writing',
      [],
      { policies: 'floors: [{id: f, path: /x/**, require: mfa, except: [{path: /**, methods: read}]}]' },
    ],
    [
      'a floor of every path',
      [],
      { policies: 'floors: [{id: f, require: mfa}]', gateway: 'apps: {wiki: {path: /wiki}}' },
    ],
  ],
});

lintRows('unused-condition', {
  found: [['nothing names it', [], { policies: 'conditions: {a: "true"}' }]],
  silent: [
    [
      'a rule',
      ['id: a, path: /x, when: a, require: mfa'],
      { policies: 'conditions: {a: \'request.method == "GET"\'}' },
    ],
    [
      'a part of another',
      [],
      { app: 'only: b', policies: `conditions: {a: 'user.name == "A"', b: 'a || user.name == "B"'}` },
    ],
    [
      'a floor',
      [],
      { policies: 'conditions: {a: \'request.method == "GET"\'}\nfloors: [{id: f, when: a, require: mfa}]' },
    ],
  ],
});

describe('what a condition reads', () => {
  const names = new Map([
    ['hr', '"hr" in user.groups'],
    ['round', 'round || user.email != ""'],
  ]);
  const rows: readonly (readonly [text: string, reads: readonly string[]])[] = [
    ['hr', ['hr', 'user.groups']],
    ['!hr', ['!hr', '!user.groups']],
    ['!(!hr)', ['hr', 'user.groups']],
    ['hr && !(client.ip == "a")', ['!client.ip', 'hr', 'user.groups']],
    ['user.name != "a"', ['!user.name']],
    ['hr ? user.name == "a" : false', ['!hr', '!user.groups', 'hr', 'user.groups', 'user.name']],
    ['user.groups.exists(g, g == "a")', ['g', 'user.groups']],
    ['request.query["a"] == "b"', ['request.query']],
    ['round', ['!user.email', 'round']],
    ['not a condition (', []],
  ];
  for (const [text, reads] of rows) {
    it(`${text}: ${reads.join(', ')}`, () => {
      const said = readingsOf(text, names).map(({ name, negated }) => (negated ? `!${name}` : name));
      assert.deepEqual(said.toSorted(), reads);
    });
  }

  it('is followed no deeper than conditions can go, and says nothing wrong then', () => {
    assert.equal(neverTrue('self', new Map([['self', 'self && false']])), true);
    assert.equal(neverTrue('self', new Map([['self', 'self']])), false);
  });
});

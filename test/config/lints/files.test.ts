import { lintRows } from './rows.ts';

const PARTNER = 'apps: {wiki: {provider: partner}}';
const LEVELS = (validity: string, message = '') => ({
  policies: `levels: [{name: password, validity: ${validity}${message}}, {name: mfa, validity: 1h}, {name: passkey, validity: 15m}]`,
});

lintRows('unmarked-satisfies', {
  found: [
    [
      'the app demands what it is worth',
      [],
      { app: 'require: mfa', gateway: `providers: {partner: {unmarked: mfa}}\n${PARTNER}` },
    ],
    [
      'a rule does',
      ['id: a, path: /x, require: mfa'],
      { gateway: `providers: {partner: {unmarked: passkey}}\n${PARTNER}` },
    ],
    [
      'a floor does',
      [],
      { policies: 'floors: [{id: f, require: mfa}]', gateway: `providers: {partner: {unmarked: mfa}}\n${PARTNER}` },
    ],
  ],
  silent: [
    [
      'it is worth the weakest',
      ['id: a, path: /x, require: password'],
      { gateway: `providers: {partner: {unmarked: password}}\n${PARTNER}` },
    ],
    [
      'only the weakest is demanded',
      ['id: a, path: /x, require: password'],
      { gateway: `providers: {partner: {unmarked: mfa}}\n${PARTNER}` },
    ],
    [
      'an app of another provider demands it',
      ['id: a, path: /x, require: mfa'],
      { gateway: 'providers: {partner: {unmarked: mfa}}' },
    ],
  ],
});

lintRows('level-unprovable', {
  severity: 'error',
  found: [
    ['of a rule', ['id: a, path: /x, require: mfa'], { gateway: PARTNER }],
    ['of a floor', [], { policies: 'floors: [{id: f, require: mfa}]', gateway: PARTNER }],
  ],
  silent: [
    [
      'a level above it is proven',
      ['id: a, path: /x, require: mfa'],
      { gateway: `providers: {partner: {levels: {passkey: {acr: "3"}}}}\n${PARTNER}` },
    ],
    [
      'of a floor over other apps',
      [],
      { policies: 'floors: [{id: f, apps: shop, require: mfa}]\napps: {wiki: {}, shop: {}}', gateway: PARTNER },
    ],
  ],
});

lintRows('odd-comparison', {
  found: [
    ['better', ['id: a, path: /x, require: password, comparison: better, note: n']],
    ['maximum', ['id: a, path: /x, require: mfa, comparison: maximum, note: n']],
    [
      'in a floor, once',
      [],
      { policies: 'floors: [{id: f, require: mfa, comparison: maximum, note: n}]\napps: {wiki: {}, shop: {}}' },
    ],
  ],
  silent: [
    ['exact', ['id: a, path: /x, require: mfa, comparison: exact']],
    ['minimum', ['id: a, path: /x, require: mfa, comparison: minimum']],
  ],
});

lintRows('max-age-no-effect', {
  found: [
    ['as long as the level is valid', ['id: a, path: /x, require: mfa, max_age: 1h']],
    ['of a floor', [], { policies: 'floors: [{id: f, require: mfa, max_age: 1h}]' }],
    ['of an app', [], { app: 'require: mfa\n    max_age: 1h' }],
    [
      'the app asks for as much',
      ['id: a, path: /x, require: mfa, max_age: 10m'],
      { app: 'require: mfa\n    max_age: 5m' },
    ],
    [
      'a floor asks for as much',
      ['id: a, path: /x/**, require: mfa, max_age: 10m'],
      { policies: 'floors: [{id: f, path: /x/**, require: mfa, max_age: 10m}]' },
    ],
  ],
  silent: [
    ['shorter than the level is valid', ['id: a, path: /x, require: mfa, max_age: 59m']],
    [
      'shorter than what the app asks for',
      ['id: a, path: /x, require: mfa, max_age: 4m'],
      { app: 'require: mfa\n    max_age: 5m' },
    ],
    [
      'a floor asks for as much of a part',
      ['id: a, path: /x/**, require: mfa, max_age: 10m'],
      { policies: 'floors: [{id: f, path: /x/y, require: mfa, max_age: 10m}]' },
    ],
    [
      'a floor asks for as much now and then',
      ['id: a, path: /x/**, require: mfa, max_age: 10m'],
      { policies: 'floors: [{id: f, when: \'now.getHours("UTC") < 6\', require: mfa, max_age: 10m}]' },
    ],
    [
      'a floor makes an exception',
      ['id: a, path: /x/**, require: mfa, max_age: 10m'],
      { policies: 'floors: [{id: f, require: mfa, max_age: 10m, except: [{path: /x/y}]}]' },
    ],
  ],
});

lintRows('one-time-on-pages', {
  found: [
    ['without a path', ['id: a, methods: write, require: mfa, one_time: true']],
    [
      'for everything under the mount',
      ['id: a, path: /wiki/**, methods: write, require: mfa, one_time: true'],
      { gateway: 'apps: {wiki: {path: /wiki}}' },
    ],
  ],
  silent: [['for a path', ['id: a, path: /runs/*/approve, methods: write, require: mfa, one_time: true']]],
});

lintRows('validity-over-session', {
  found: [['a day', [], LEVELS('24h')]],
  silent: [
    ['as long as a session', [], LEVELS('12h')],
    ['a day, in sessions of a week', [], { ...LEVELS('24h'), gateway: 'session: {lifetime: 7d}' }],
  ],
});

lintRows('missing-translation', {
  found: [
    [
      'a rule in English alone',
      ['id: a, path: /x, require: mfa, message: Hello'],
      LEVELS('8h', ', message: {en: Hello, de: Hallo}'),
    ],
    [
      'a floor in another language',
      [],
      {
        policies: `${LEVELS('8h', ', message: {en: Hello, de: Hallo}').policies}\nfloors: [{id: f, require: mfa, message: {en: Hello, fr: Bonjour, de-CH: Hoi}}]`,
      },
    ],
  ],
  silent: [
    ['all in English', ['id: a, path: /x, require: mfa, message: Hello'], LEVELS('8h', ', message: Hello')],
    [
      'German of a country is German',
      ['id: a, path: /x, require: mfa, message: {en: Hello, de-CH: Hoi}'],
      LEVELS('8h', ', message: {en-GB: Hello, de: Hallo}'),
    ],
    ['no message at all', ['id: a, path: /x, require: mfa'], LEVELS('8h', ', message: {en: Hello, de: Hallo}')],
  ],
});

lintRows('untested', {
  found: [
    ['a condition in a rule', ['id: a, path: /x, only: \'user.name == "A"\', require: mfa'], { policies: 'tests: []' }],
    [
      'a condition of the app, with a rule',
      ['id: a, path: /x, require: mfa'],
      { app: 'only: \'user.name == "A"\'', policies: 'tests: []' },
    ],
  ],
  silent: [
    ['a test of the app', ['id: a, path: /x, only: \'user.name == "A"\', require: mfa']],
    ['rules without conditions', ['id: a, path: /x, require: mfa'], { policies: 'tests: []' }],
  ],
});

lintRows('shared-origin', {
  found: [
    [
      'two apps at two paths',
      [],
      {
        policies: 'apps: {wiki: {}, shop: {}}',
        gateway: 'apps: {shop: {origins: ["https://wiki.example.com"], path: /shop}}',
      },
    ],
  ],
  silent: [['two apps on two hosts', [], { policies: 'apps: {wiki: {}, shop: {}}' }]],
});

lintRows('trusts-everyone', {
  found: [['every address', [], { gateway: 'trusted_proxies: ["::/0"]' }]],
  silent: [['a network', [], { gateway: 'trusted_proxies: [10.0.0.0/8]' }]],
});

lintRows('plain-secret', {
  found: [['of a provider', [], { gateway: 'providers: {corp: {client_secret: plain-text}}' }]],
  silent: [['a file', [], { gateway: `providers: {corp: {client_secret: "\${file:/run/x}"}}` }]],
});

lintRows('unknown-amr', {
  found: [
    [
      'a word that RFC 8176 does not have',
      [],
      { gateway: 'providers: {partner: {levels: {mfa: {amr_all: [pwd, totp]}}}}' },
    ],
  ],
  silent: [['words that it has', [], { gateway: 'providers: {partner: {levels: {mfa: {amr_all: [pwd, otp]}}}}' }]],
});

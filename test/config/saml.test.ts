import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type LoadResult, loadWorld } from '../../src/config/load.ts';
import type { Problem } from '../../src/config/problems.ts';
import type { SamlProviderConfig, World } from '../../src/config/world.ts';
import { TRANSIENT } from '../../src/saml/names.ts';
import { makePair } from '../support/fake-idp.ts';
import { aggregate, ENTITY_ID, metadata, PAIR, pairOf, role, signedMetadata } from '../support/fake-metadata.ts';
import { GATEWAY, KEY, POLICIES } from './fixture.ts';

const PASSWORD = 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport';
const MFA = 'https://refeds.org/profile/mfa';

/** The fixture, whose people sign in by SAML. Every table of mistakes changes one thing in it. */
const CORP = `  corp:
    type: saml
    metadata: idp.xml
    metadata_cert: idp.crt
    issuer: ${ENTITY_ID}
    entity_id: https://apps.example.com/stepgate
    levels:
      password: {class_ref: "${PASSWORD}"}
      mfa: {class_ref: ["${MFA}", "urn:example:mfa"], attribute: {loa: "2"}}
    unmarked: password
    signed: assertion
    sign: {key: sp.key, cert: sp.crt, next_key: next.key, next_cert: next.crt}
    decrypt: {key: sp.key, cert: sp.crt}
    subject: attribute uid
    name_id_format: email
    comparison: minimum
    claims: {email: mail, name: cn, groups: "urn:oid:1.3.6.1.4.1.5923.1.5.1.1"}
    allow_legacy_encryption_cbc: true
    logout: provider
    logout_scope: person
    clock_tolerance: 30s
    timeout: 3s
`;
const SAML = GATEWAY.replace(/ {2}corp:\n[\s\S]*?(?= {2}partner:)/, () => CORP);

const SP = makePair('sp');
const NEXT = makePair('next');
const FILES: Readonly<Record<string, string>> = {
  'idp.xml': signedMetadata(metadata(), PAIR),
  'idp.crt': PAIR.certificate,
  'sp.key': SP.key,
  'sp.crt': SP.certificate,
  'next.key': NEXT.key,
  'next.crt': NEXT.certificate,
  'ec.key': pairOf('ec', '-pkeyopt', 'ec_paramgen_curve:P-256').key,
  'weak.key': pairOf('rsa:1024').key,
  'pss.key': pairOf('rsa-pss', '-pkeyopt', 'rsa_keygen_bits:2048').key,
  'two.xml': aggregate([metadata({ entityId: 'urn:a' }), metadata({ entityId: 'urn:b' })]),
  'unsigned.xml': metadata(),
  'broken.xml': '<x',
  'large.xml': `${metadata()}<!--${'x'.repeat(1024 * 1024)}-->`,
  'signing.xml': metadata({ role: 'WantAuthnRequestsSigned="true"' }),
  'over.xml': metadata({ entity: 'validUntil="2020-01-01T00:00:00Z"' }),
  'transient.xml': metadata({
    roles: role().replace('</md:IDP', `<md:NameIDFormat>${TRANSIENT}</md:NameIDFormat></md:IDP`),
  }),
};
const POST = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST';
const ENV: Readonly<Record<string, string>> = { KEY, CLIENT: 'client-secret-of-the-test', SP_KEY: SP.key };

interface Changed {
  readonly gateway?: string;
  readonly policies?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly now?: () => number;
}

function load({ gateway = SAML, policies = POLICIES, files = {}, now }: Changed = {}): LoadResult {
  return loadWorld({
    gateway: { file: 'gateway.yaml', text: gateway },
    policies: { file: 'policies.yaml', text: policies },
    env: (name) => ENV[name],
    readFile: (path) => {
      const text = { ...FILES, ...files }[path];
      if (text === undefined) throw new Error(`no file ${path}`);
      return text;
    },
    now,
  });
}

function worldOf(changed: Changed = {}): World {
  const result = load(changed);
  assert.ok(result.ok, result.ok ? '' : JSON.stringify(result.problems, null, 2));
  return result.world;
}

function corpOf(changed: Changed = {}): SamlProviderConfig {
  const corp = worldOf(changed).providers.get('corp');
  assert.ok(corp?.type === 'saml');
  return corp;
}

interface Mistake {
  readonly name: string;
  readonly replace: string | RegExp;
  readonly by: string;
  readonly id: Problem['id'];
  /** Where what is missing would have to be. */
  readonly at?: string;
  readonly message?: RegExp;
  readonly hint?: RegExp;
}

/** Asserts that a mistake is found, alone, and where `‸` stands: in what was written, or in `at`. */
function assertFound({ replace, by, id, at = by, message = /./, hint = /^/ }: Mistake): void {
  const gateway = SAML.replace(replace, () => by.replace('‸', ''));
  assert.notEqual(gateway, SAML);
  const result = load({ gateway });
  const problems = result.ok ? [] : result.problems;
  const before = gateway.slice(0, gateway.indexOf(at.replace('‸', '')) + at.indexOf('‸')).split('\n');
  assert.deepEqual(
    problems.map((found) => `${found.line}:${found.column} ${found.id}`),
    [`${before.length}:${(before.at(-1) ?? '').length + 1} ${id}`],
  );
  assert.match(problems[0]?.message ?? '', message);
  assert.match(problems[0]?.hint ?? '', hint);
}

const signing = 'sign: {key: sp.key, cert: sp.crt, next_key: next.key, next_cert: next.crt}';
const mistake = (
  name: string,
  replace: string | RegExp,
  by: string,
  id: Mistake['id'],
  more: Partial<Mistake> = {},
): Mistake => ({ name, replace, by, id, ...more });

const MISTAKES: readonly Mistake[] = [
  mistake('a key that is none', '    issuer:', '    ‸isuer:', 'unknown-key', { hint: /did you mean "issuer"/ }),
  mistake('a key of OpenID Connect', '    unmarked', '    ‸client_id: x\n    unmarked', 'unknown-key'),
  mistake('another key of it', '    unmarked', '    ‸ask: claims\n    unmarked', 'unknown-key'),
  mistake('an acr', '{class_ref: "urn', '{‸acr: "urn', 'unknown-key', { hint: /known here: class_ref, attribute/ }),
  mistake('a claim', 'attribute: {loa', '‸claim: {loa', 'unknown-key'),
  mistake('a level that is none', '      mfa: {class', '      ‸mfaa: {class', 'unknown-level', { hint: /"mfa"/ }),
  mistake('an unmarked level that is none', 'unmarked: password', 'unmarked: ‸passwort', 'unknown-level'),
  mistake('nothing that proves anything', /levels:\n[\s\S]*?unmarked: password\n/, '\n', 'proves-nothing', {
    at: '  ‸corp:',
  }),
  mistake('a level that every sign-in would prove', /password: \{class_ref.*\}/, '‸password: {}', 'proves-everything', {
    hint: /^name a class_ref or an attribute$/,
  }),
  mistake(
    'a class that says nothing',
    `"${PASSWORD}"`,
    '‸"urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified"',
    'bad-class-ref',
    { hint: /unmarked/ },
  ),
  mistake('a class with a space', '"urn:example:mfa"', '‸"urn:example mfa"', 'bad-class-ref'),
  mistake('an empty list of classes', /class_ref: \["https.*mfa"\]/, 'class_ref: ‸[]', 'nothing-listed'),
  mistake(
    'one class for two levels',
    /\["https.*mfa"\], attribute: \{loa: "2"\}/,
    `["${MFA}", ‸"${PASSWORD}"]`,
    'duplicate-acr',
    { message: /one class proves one level$/ },
  ),
  mistake(
    'levels that are not told apart',
    /password: \{class_ref.*\}\n {6}mfa: \{class_ref.*\}/,
    'password: {attribute: {loa: "2", org: x}}\n      ‸mfa: {attribute: {loa: "2"}}',
    'levels-not-told-apart',
    { message: /whatever proves "password" proves "mfa" too/ },
  ),
  mistake('an attribute of a number', '{loa: "2"}', '{loa: ‸2}', 'wrong-type', { hint: /in quotes/ }),
  mistake('metadata that are not there', 'metadata: idp.xml', 'metadata: ‸none.xml', 'file-unreadable', {
    message: /none\.xml/,
  }),
  mistake('metadata that are too large', 'metadata: idp.xml', 'metadata: ‸large.xml', 'bad-metadata', {
    message: /larger than 1 MiB/,
  }),
  mistake('metadata that are broken', 'metadata: idp.xml', 'metadata: ‸broken.xml', 'bad-metadata', {
    message: /not XML that can be read safely/,
  }),
  mistake('metadata that nobody signed', 'metadata: idp.xml', 'metadata: ‸unsigned.xml', 'bad-metadata', {
    message: /not signed as a whole/,
  }),
  mistake('metadata of another provider', `issuer: ${ENTITY_ID}`, 'issuer: urn:other', 'bad-metadata', {
    at: 'metadata: ‸idp.xml',
    message: /does not describe the configured issuer/,
    hint: /idp\.example/,
  }),
  mistake(
    'metadata over plain http',
    'metadata: idp.xml',
    'metadata: ‸http://idp.example/metadata',
    'metadata-not-https',
    { message: /idp\.example is not/ },
  ),
  mistake('metadata by another protocol', 'metadata: idp.xml', 'metadata: ‸ftp://idp.example/metadata', 'bad-metadata'),
  mistake(
    'metadata with a password',
    'metadata: idp.xml',
    'metadata: ‸https://a:b@idp.example/metadata',
    'bad-metadata',
  ),
  mistake('a certificate of metadata that is none', 'metadata_cert: idp.crt', 'metadata_cert: ‸sp.key', 'bad-key'),
  mistake(
    'a certificate of metadata that is not there',
    'metadata_cert: idp.crt',
    'metadata_cert: ‸none.crt',
    'secret-missing',
  ),
  mistake('no entity_id', /entity_id.*\n/, '\n', 'missing-key', { at: '  ‸corp:' }),
  mistake('an entity_id without a scheme', /entity_id: .*/, 'entity_id: ‸apps.example.com', 'bad-entity-id', {
    hint: /with its scheme/,
  }),
  mistake('an endless entity_id', /entity_id: .*/, `entity_id: ‸urn:${'x'.repeat(1021)}`, 'bad-entity-id', {
    message: /1024 characters at most/,
  }),
  mistake('an endless issuer', `issuer: ${ENTITY_ID}`, `issuer: ‸urn:${'x'.repeat(1021)}`, 'bad-entity-id'),
  mistake('a word under signed', 'signed: assertion', 'signed: ‸none', 'wrong-value', {
    hint: /response, assertion, both/,
  }),
  mistake('a key without its certificate', signing, 'sign: {key: sp.key}', 'missing-key', {
    at: '    ‸sign:',
    message: /"cert" is missing/,
  }),
  mistake('a certificate of another key', signing, 'sign: {key: sp.key, cert: ‸next.crt}', 'bad-key', {
    message: /does not belong to the key beside it/,
  }),
  mistake('an elliptic curve', signing, 'sign: {key: ‸ec.key, cert: sp.crt}', 'bad-key', {
    message: /no RSA key of 2048 bits or more/,
  }),
  mistake('a key for PSS alone', signing, 'sign: {key: ‸pss.key, cert: sp.crt}', 'bad-key'),
  mistake('a short key', 'decrypt: {key: sp.key', 'decrypt: {key: ‸weak.key', 'bad-key'),
  mistake('a key that is not there', signing, 'sign: {key: ‸none.key, cert: sp.crt}', 'secret-missing'),
  mistake('a key in the file itself', signing, 'sign: {key: ‸"-----BEGIN PRIVATE KEY-----", cert: sp.crt}', 'bad-key', {
    message: /instead of the name of its file/,
  }),
  mistake('a next key without its certificate', ', next_cert: next.crt', '', 'missing-key', {
    at: '    ‸sign:',
    message: /"next_cert" is missing/,
  }),
  mistake('a next certificate without its key', 'next_key: next.key, ', '', 'missing-key', {
    at: '    ‸sign:',
    message: /"next_key" is missing/,
  }),
  mistake(
    'a next key that is in use',
    'next_key: next.key, next_cert: next.crt',
    'next_key: ‸sp.key, next_cert: sp.crt',
    'contradiction',
  ),
  mistake('another key under sign', signing, 'sign: {key: sp.key, cert: sp.crt, ‸certs: sp.crt}', 'unknown-key', {
    hint: /"cert"/,
  }),
  mistake('a subject that is neither', 'subject: attribute uid', 'subject: ‸uid', 'bad-subject', {
    hint: /attribute uid/,
  }),
  mistake('an attribute without a name', 'subject: attribute uid', 'subject: ‸attribute', 'bad-subject', {
    message: /has no name/,
  }),
  mistake('an attribute of spaces', 'subject: attribute uid', 'subject: ‸"attribute  "', 'bad-subject', {
    message: /has no name/,
  }),
  mistake('an empty subject', 'subject: attribute uid', 'subject: ‸""', 'wrong-value'),
  mistake('a format of names by its URI', 'name_id_format: email', `name_id_format: ‸${TRANSIENT}`, 'wrong-value'),
  mistake('a comparison that no provider is asked for', 'comparison: minimum', 'comparison: ‸better', 'wrong-value', {
    hint: /exact, minimum/,
  }),
  mistake('a claim that is none', 'name: cn', '‸nam: cn', 'unknown-key', { hint: /"name"/ }),
  mistake('an empty claim', 'email: mail', 'email: ‸""', 'wrong-value'),
  mistake(
    'a switch that is a word',
    'allow_legacy_encryption_cbc: true',
    'allow_legacy_encryption_cbc: ‸yes',
    'wrong-type',
  ),
  mistake('a tolerance of an hour', 'clock_tolerance: 30s', 'clock_tolerance: ‸1h', 'wrong-value'),
];

describe('a SAML provider', () => {
  it('has its keys in their final form', () => {
    const { evidence, metadata: source, sign, decrypt, keepsGroup: _k, namesGroup: _n, ...corp } = corpOf();
    assert.deepEqual(corp, {
      type: 'saml',
      name: 'corp',
      issuer: ENTITY_ID,
      entityId: 'https://apps.example.com/stepgate',
      signed: 'assertion',
      subject: 'uid',
      nameIdFormat: 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress',
      comparison: 'minimum',
      claims: { email: 'mail', name: 'cn', groups: 'urn:oid:1.3.6.1.4.1.5923.1.5.1.1' },
      claimsKept: [],
      sought: '',
      allowLegacyEncryptionCbc: true,
      logout: 'provider',
      logoutScope: 'person',
      clockTolerance: 30,
      timeout: 3,
    });
    assert.deepEqual(
      evidence.marks.map(({ level, acr, claims }) => [level.name, acr, claims]),
      [
        ['mfa', [MFA, 'urn:example:mfa'], [['loa', '2']]],
        ['password', [PASSWORD], []],
      ],
    );
    assert.ok(source.kind === 'file' && source.path === 'idp.xml' && source.idp?.entityId === ENTITY_ID);
    assert.deepEqual(
      [sign?.current, sign?.next, decrypt?.current, decrypt?.next].map((pair) => pair?.certificate.trim()),
      [SP.certificate.trim(), NEXT.certificate.trim(), SP.certificate.trim(), undefined],
    );
  });

  it('has defaults that ask for little, take nothing weak and keep a sign-out local', () => {
    const small = CORP.split('\n').filter((line) => /corp|type|metadata: |entity_id|unmarked/.test(line));
    const gateway = SAML.replace(CORP, () => `${small.join('\n')}\n`).replace('idp.xml', 'https://idp.example/m?x=1');
    const {
      metadata: source,
      evidence,
      keepsGroup: _k,
      namesGroup: _n,
      ...corp
    } = corpOf({ gateway, policies: POLICIES.replaceAll('mfa, max_age: 5m', 'password') });
    assert.deepEqual(source, { kind: 'url', url: 'https://idp.example/m?x=1', certificate: null });
    assert.deepEqual([evidence.marks, evidence.unmarked?.name], [[], 'password']);
    assert.deepEqual(corp, {
      type: 'saml',
      name: 'corp',
      issuer: null,
      entityId: 'https://apps.example.com/stepgate',
      signed: 'both',
      sign: null,
      decrypt: null,
      subject: null,
      nameIdFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
      comparison: 'exact',
      claims: { email: null, name: null, groups: null },
      claimsKept: [],
      sought: '',
      allowLegacyEncryptionCbc: false,
      logout: 'local',
      logoutScope: 'session',
      clockTolerance: 60,
      timeout: 5,
    });
  });

  for (const url of ['http://127.0.0.1:9302/metadata', 'http://localhost/metadata', 'http://[::1]:1/metadata']) {
    it(`may have its metadata at ${url}, on this machine`, () => {
      assert.equal(corpOf({ gateway: SAML.replace('idp.xml', url) }).metadata.kind, 'url');
    });
  }

  it('may have its key in a variable', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: this is how references are written
    const gateway = SAML.replace(signing, 'sign: {key: "${env:SP_KEY}", cert: sp.crt}');
    assert.equal(corpOf({ gateway }).sign?.current.certificate.trim(), SP.certificate.trim());
  });

  it('may be the provider of several apps on several origins', () => {
    const gateway = SAML.replace('    provider: partner\n', '    provider: corp\n');
    const apps = [...worldOf({ gateway }).apps.values()];
    assert.deepEqual(
      apps.map(({ provider }) => provider),
      ['corp', 'corp'],
    );
    assert.equal(apps[0]?.evidence, apps[1]?.evidence);
  });

  it('that no app names is checked all the same, and no mistake', () => {
    const gateway = SAML.replace('    provider: corp\n', '    provider: partner\n');
    const policies = POLICIES.replaceAll('mfa, max_age: 5m', 'password');
    assert.equal(worldOf({ gateway, policies }).providers.size, 2);
    assert.equal(load({ gateway: gateway.replace('idp.xml', 'broken.xml'), policies }).ok, false);
  });

  for (const one of MISTAKES) {
    it(`points to ${one.name}`, () => assertFound(one));
  }

  it('needs to be named where the metadata describe several', () => {
    const gateway = SAML.replace(/ {4}metadata_cert.*\n {4}issuer.*\n/, '').replace('idp.xml', 'two.xml');
    const result = load({ gateway });
    const [found, ...more] = result.ok ? [] : result.problems;
    assert.deepEqual([found?.id, found?.line, found?.column, more.length], ['bad-metadata', 12, 15, 0]);
    assert.match(found?.message ?? '', /several identity providers, and no "issuer" says which/);
    assert.equal(corpOf({ gateway: gateway.replace('entity_id:', 'issuer: urn:b\n    entity_id:') }).issuer, 'urn:b');
  });
});

describe('what is noticed of a SAML provider', () => {
  const local = SAML.replace('logout: provider', 'logout: local');
  const noticesOf = ({ gateway = local, ...changed }: Changed): readonly string[] =>
    load({ gateway, ...changed })
      .notices.filter(({ id }) => id !== 'shared-origin')
      .map(({ line, column, id }) => `${line}:${column} ${id}`);
  const unsigned = local.replace(/ {4}metadata_cert.*\n/, '\n');

  it('are its own certificates that are over, where the time is known', () => {
    const later = () => Date.now() / 1000 + 40 * 86_400;
    assert.deepEqual(noticesOf({}), []);
    assert.deepEqual(noticesOf({ now: later }), [
      '13:20 certificate-expired',
      '21:31 certificate-expired',
      '21:70 certificate-expired',
      '22:34 certificate-expired',
    ]);
  });

  it('are metadata that are over: the rest goes on', () => {
    const gateway = unsigned.replace('idp.xml', 'over.xml');
    assert.deepEqual(noticesOf({ gateway, now: () => Date.parse('2026-01-01') / 1000 }), ['12:15 metadata-expired']);
    assert.deepEqual(noticesOf({ gateway, now: () => Date.parse('2019-12-31') / 1000 }), []);
  });

  it('is that it wants signed requests and gets none', () => {
    const gateway = unsigned.replace('idp.xml', 'signing.xml');
    assert.deepEqual(noticesOf({ gateway }), []);
    assert.deepEqual(noticesOf({ gateway: gateway.replace(/ {4}sign: .*\n/, '') }), ['12:15 requests-unsigned']);
  });

  it('is that nobody is led on to it at sign-out: without a key of ours, or an address of it', () => {
    const gateway = unsigned.replace('logout: local', 'logout: provider').replace('idp.xml', 'slo.xml');
    const slo = `<md:SingleLogoutService Binding="${POST}" Location="https://idp.example/slo"/>`;
    const files = { 'slo.xml': metadata({ roles: role().replace('<md:SingleSign', `${slo}<md:SingleSign`) }) };
    assert.deepEqual(noticesOf({ gateway, files }), []);
    assert.deepEqual(noticesOf({ gateway, files: { 'slo.xml': metadata() } }), ['28:13 logout-stays-local']);
    const withoutKey = gateway.replace(/ {4}sign: .*\n/, '');
    assert.deepEqual(noticesOf({ gateway: withoutKey, files }), ['27:13 logout-stays-local']);
    assert.deepEqual(noticesOf({ gateway: withoutKey.replace('logout: provider', 'logout: local'), files }), []);
  });
});

describe('a world with a SAML provider', () => {
  it('is another one when the metadata in a file say something else', () => {
    const next = signedMetadata(metadata({ certificates: [PAIR.certificate, NEXT.certificate] }), PAIR);
    assert.equal(worldOf().hash, worldOf().hash);
    assert.notEqual(worldOf({ files: { 'idp.xml': next } }).hash, worldOf().hash);
  });
});

describe('names that are others at each sign-in', () => {
  const transient = SAML.replace('subject: attribute uid', 'subject: name_id').replace(
    'format: email',
    'format: transient',
  );
  const only = (rules: string, more = ''): string =>
    `version: 1\nlevels: [{name: password, validity: 1d}, {name: mfa, validity: 1d}]\n${more}apps:\n  payroll: {require: password, rules: [${rules}]}\n  wiki: {require: password}\n`;
  const found = (changed: Changed): readonly string[] => {
    const result = load(changed);
    return (result.ok ? [] : result.problems).map(
      ({ line, column, id, message }) => `${line}:${column} ${id} ${/"(\S+)"/.exec(message)?.[1]}`,
    );
  };
  const REFUSED = (source: string): readonly string[] => [`24:21 transient-cannot-step-up ${source}`];

  it('are fine where one sign-in is enough for everything, for as long as the session lasts', () => {
    assert.deepEqual(found({ gateway: transient, policies: only('{id: x, path: /pay/x, require: password}') }), []);
    assert.deepEqual(found({ gateway: transient, policies: only('{id: x, path: /pay/x, deny: true}') }), []);
  });

  const ASKS: readonly (readonly [what: string, rule: string, source: string, more?: string])[] = [
    ['a rule asks for a higher level', '{id: x, path: /pay/x, require: mfa}', 'payroll/x'],
    ['a rule asks for a younger proof', '{id: x, path: /pay/x, require: password, max_age: 5m}', 'payroll/x'],
    [
      'a rule asks for a later proof',
      '{id: x, path: /pay/x, require: password, since: "2026-01-01T00:00:00Z"}',
      'payroll/x',
    ],
    ['a floor does', '', 'floor/f', 'floors: [{id: f, apps: [payroll], require: mfa}]\n'],
  ];
  for (const [what, rule, source, more] of ASKS) {
    it(`are refused where ${what}`, () => {
      assert.deepEqual(found({ gateway: transient, policies: only(rule, more) }), REFUSED(source));
    });
  }

  it('are refused where the app itself asks for more than the weakest level', () => {
    const policies = only('').replace('payroll: {require: password', 'payroll: {require: mfa');
    assert.deepEqual(found({ gateway: transient, policies }), REFUSED('payroll'));
  });

  it('are refused where a proof lapses before the session ends', () => {
    const policies = only('').replace('name: password, validity: 1d', 'name: password, validity: 8h');
    assert.deepEqual(found({ gateway: transient, policies }), REFUSED('payroll'));
    assert.deepEqual(found({ gateway: transient.replace('lifetime: 12h', 'lifetime: 8h'), policies }), []);
  });

  for (const mode of ['off', 'report']) {
    it(`are fine with a rule of mode ${mode}`, () => {
      const policies = only(`{id: x, path: /pay/x, require: mfa, mode: ${mode}}`);
      assert.deepEqual(found({ gateway: transient, policies }), []);
    });
  }

  it('are no matter where an attribute says who the person is', () => {
    const gateway = transient.replace('subject: name_id', 'subject: attribute uid');
    assert.deepEqual(found({ gateway }), []);
  });

  it('are no matter to the apps of other providers', () => {
    const gateway = transient.replace('    provider: corp\n', '    provider: partner\n');
    assert.deepEqual(found({ gateway, policies: only('{id: x, path: /pay/x, require: password, max_age: 5m}') }), []);
  });

  it('are refused at the metadata that offer no others', () => {
    const gateway = SAML.replace('subject: attribute uid', 'subject: name_id')
      .replace(/ {4}metadata_cert.*\n/, '\n')
      .replace('idp.xml', 'transient.xml');
    assert.deepEqual(found({ gateway }), ['12:15 transient-cannot-step-up payroll']);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BANK, type Files, FULL_GATEWAY, FULL_POLICIES, loadFull, placesOf, put } from './full-files.ts';

type File = 'policies' | 'gateway' | 'bank';

const TEXTS: Readonly<Record<File, string>> = { policies: FULL_POLICIES, gateway: FULL_GATEWAY, bank: BANK };
const NAMES: Readonly<Record<File, string>> = {
  policies: 'policies.yaml',
  gateway: 'gateway.yaml',
  bank: 'apps/bank.yaml',
};

/** What is put in the place of what. `‸` stands where a problem must be, in the order of the ids. */
type Edit = readonly [from: string, to: string];

interface Mistake {
  readonly name: string;
  readonly file: File;
  readonly edits: readonly Edit[];
  readonly ids: readonly string[];
}

/** The places of all marks, and the text without them. */
function unmarked(text: string): { readonly text: string; readonly places: readonly string[] } {
  const places: string[] = [];
  const lines = text.split('\n').map((line, i) => {
    const pieces = line.split('‸');
    let column = 1;
    for (const piece of pieces.slice(0, -1)) {
      column += piece.length;
      places.push(`${i + 1}:${column}`);
    }
    return pieces.join('');
  });
  return { text: lines.join('\n'), places };
}

function assertFound({ file, edits, ids }: Mistake, other: Files = {}): void {
  const { text, places } = unmarked(edits.reduce((changed, [from, to]) => put(changed, from, to), TEXTS[file]));
  const files: Files = { ...other, [file]: text };
  const expected = places.map((place, i) => `${NAMES[file]}:${place} ${ids[i] ?? ids.at(-1)}`);
  assert.deepEqual(placesOf(loadFull(files), files), expected);
}

/** The same key, misspelt, in every map of policies.yaml that knows its keys. */
const UNKNOWN: readonly Edit[] = [
  ['version: 1\n', 'version: 1\n‸levls: []\n'],
  ['{name: mfa,', '{‸nam: x, name: mfa,'],
  ['{ranges:', '{‸rangs: [], ranges:'],
  ['default: {', 'default: {‸requir: x, '],
  ['  - id: everyone\n', '  - id: everyone\n    ‸pat: /x\n'],
  ['{app: payroll, path', '{‸ap: x, app: payroll, path'],
  ['{id: embargo,', '{id: embargo, ‸one_time: true,'],
  ['    only: hr\n', '    only: hr\n    ‸onli: hr\n'],
  ['{id: assets,', '{id: assets, ‸form: {a: b},'],
  ['{file: apps', '{‸fil: x, file: apps'],
  ['given: {client: {', 'given: {‸risk: low, client: {‸country: CH, '],
  ['{groups: [hr]}', '{groups: [hr], ‸group: hr}'],
  ['{app: wiki, request', '{‸form: {a: b}, app: wiki, request'],
];

const MISTAKES: readonly Mistake[] = [
  { name: 'unknown keys at every place, all at once', file: 'policies', edits: UNKNOWN, ids: ['unknown-key'] },
  {
    name: 'duplicate keys at every place, all at once',
    file: 'policies',
    edits: [
      ['{name: mfa,', '{name: mfa, ‸name: mfa,'],
      ['  home: [', '  ‸office: []\n  home: ['],
      ['  late: inside', '  ‸hr: "true"\n  late: inside'],
      ['- {id: outside,', '- {id: outside, ‸"id": outside,'],
      ['{app: payroll, path', '{app: payroll, ‸app: wiki, path'],
      ['  wiki: {}', '  wiki: {}\n  ‸payroll: {}'],
      ['{action: [', '{action: x, ‸action: ['],
      ['de: Warum}', 'de: Warum, ‸en: Why}'],
      ['{mfa: 1m}', '{mfa: 1m, ‸mfa: 2m}'],
    ],
    ids: ['yaml-duplicate-key'],
  },
  {
    name: 'mistakes of YAML beside mistakes of the language',
    file: 'policies',
    edits: [
      ['validity: 8h', 'validity: ‸8'],
      ['"hr" in user.groups', '"hr" in user.‸groupes'],
      ['id: embargo', 'id: embargo, ‸id: embargo'],
      ['owner: team-bank', 'owner: ‸!!str team-bank'],
    ],
    ids: ['bad-duration', 'unknown-name', 'yaml-duplicate-key', 'yaml-tag'],
  },
  {
    name: 'values of the wrong kind, all at once',
    file: 'policies',
    edits: [
      ['above: [password], message', 'above: ‸password, message'],
      ['home: [198.51.100.0/24]', 'home: ‸198.51.100.0/24'],
      ['default: {require: password}', 'default: ‸password'],
      ['apps: [payroll, bank]', 'apps: [payroll, ‸[bank]]'],
      ['deny: true, mode: off', 'deny: ‸"true", mode: ‸false'],
      ['only: hr\n', 'only: ‸true\n'],
      ['query: {action: [delete, drop]}', 'query: ‸action'],
      ['wiki: {}', 'wiki: ‸'],
      ['given: {client: {ip: 192.0.2.9}', 'given: {client: ‸192.0.2.9'],
      ['expect: allow', 'expect: ‸{allow: true}'],
    ],
    ids: [
      ...['wrong-type', 'wrong-type', 'wrong-type', 'wrong-type', 'wrong-value', 'wrong-value', 'wrong-type'],
      ...['wrong-type', 'wrong-type', 'wrong-type', 'wrong-type'],
    ],
  },
  {
    name: 'misspelt names of every kind, all at once',
    file: 'policies',
    edits: [
      ['above: [mfa]', 'above: [‸mfaa]'],
      ['network.office ||', 'network.‸offic ||'],
      ['default: {require: password}', 'default: {require: ‸pasword}'],
      ['apps: [payroll, bank]', 'apps: [‸payrol]'],
      ['methods: write', 'methods: ‸wrte'],
      ['only: hr\n', 'only: ‸hrr\n'],
      ['when: late', 'when: ‸latte'],
      ['app: wiki, request', 'app: ‸wikki, request'],
      ['challenge password no_session', 'challenge ‸pasword no_session'],
    ],
    ids: [
      ...['unknown-level', 'unknown-name', 'unknown-level', 'unknown-app', 'unknown-method', 'unknown-name'],
      ...['unknown-name', 'unknown-app', 'wrong-value'],
    ],
  },
  {
    name: 'everything about a floor that is over no app',
    file: 'policies',
    edits: [
      [
        '- {id: embargo, path: /embargo/**, deny: true, mode: off}',
        '- {id: x, apps: ‸payrol, path: ‸x, when: ‸hrr, methods: ‸wrte, require: ‸mffa, except: [{path: ‸y, app: ‸wikki}]}',
      ],
    ],
    ids: [...['unknown-app', 'bad-path', 'unknown-name', 'unknown-method', 'unknown-level', 'bad-path', 'unknown-app']],
  },
  {
    name: 'what a rule says beside what contradicts itself',
    file: 'policies',
    edits: [
      [
        '{id: assets, path: /static/**, public: known}',
        '{id: x, public: true, ‸require: ‸mffa, when: ‸hrr, methods: ‸x}',
      ],
    ],
    ids: ['contradiction', 'unknown-level', 'unknown-name', 'unknown-method'],
  },
  {
    name: 'a cycle of conditions',
    file: 'policies',
    edits: [
      ['inside: network.office || network.home', 'inside: network.office || late'],
      ['late: inside', 'late: ‸inside'],
    ],
    ids: ['condition-cycle'],
  },
  {
    name: 'a cycle of levels',
    file: 'policies',
    edits: [['above: [password], message', 'above: [password, ‸passkey], message']],
    ids: ['level-cycle'],
  },
  {
    name: 'keys that only policies.yaml may have, in the file of an app',
    file: 'bank',
    edits: [
      [
        'conditions:',
        '‸version: 1\n‸levels: []\n‸networks: {}\n‸default: {}\n‸floors: []\n‸apps: {}\n‸given: {}\n‸require: mfa\n‸only: hr\n‸file: x.yaml\nconditions:',
      ],
    ],
    ids: ['unknown-key'],
  },
  {
    name: 'mistakes in the file of an app',
    file: 'bank',
    edits: [
      ['rich: \'"rich"', "‸hr: 'true'\n  rich: '‸rch"],
      ['{id: vault,', '{‸ids: x, id: vault,'],
      ['expect: challenge passkey', 'expect: challenge ‸pass'],
    ],
    ids: ['reserved-name', 'unknown-name', 'unknown-key', 'wrong-value'],
  },
];

describe('a bad file', () => {
  for (const mistake of MISTAKES) {
    it(`is refused for ${mistake.name}`, () => assertFound(mistake));
  }

  it('is told of beside what is wrong in the others', () => {
    const files: Files = {
      policies: put(FULL_POLICIES, 'validity: 8h', 'validity: 8'),
      gateway: put(FULL_GATEWAY, 'ledger: memory', 'ledgr: memory'),
      bank: put(BANK, 'id: vault', 'idd: vault'),
    };
    const ids = placesOf(loadFull(files), files);
    assert.deepEqual(
      ids.map((place) => place.replace(/\d+:\d+ /, '')),
      [
        'apps/bank.yaml:missing-key',
        'apps/bank.yaml:unknown-key',
        'gateway.yaml:unknown-key',
        'policies.yaml:bad-duration',
      ],
    );
  });

  const APP_FILES: readonly (readonly [what: string, Files, places: readonly string[]])[] = [
    [
      'is not there',
      { policies: put(FULL_POLICIES, 'apps/bank.yaml', 'apps/none.yaml') },
      ['policies.yaml:36:16 file-unreadable'],
    ],
    [
      'is a folder',
      { policies: put(FULL_POLICIES, 'apps/bank.yaml', 'apps/') },
      ['policies.yaml:36:16 file-unreadable'],
    ],
    [
      'is policies.yaml',
      { policies: put(FULL_POLICIES, 'apps/bank.yaml', 'x/../policies.yaml') },
      ['policies.yaml:36:16 file-taken'],
    ],
    [
      'is that of another app, however it is spelt',
      { policies: put(FULL_POLICIES, 'wiki: {}', 'wiki: {file: ./x/../apps/bank.yaml}') },
      ['policies.yaml:36:16 file-taken'],
    ],
    [
      'is that of another app, and both are spelt from the root',
      {
        policies: put(put(FULL_POLICIES, 'apps/bank.yaml', '/a/x/../b.yaml'), 'wiki: {}', 'wiki: {file: /a/b.yaml}'),
        others: { '/a/b.yaml': BANK },
      },
      ['policies.yaml:36:16 file-taken'],
    ],
    [
      'has a name with a NUL',
      { policies: put(FULL_POLICIES, 'apps/bank.yaml', '"bank\\0.yaml"') },
      ['policies.yaml:36:16 wrong-value'],
    ],
    ['is empty', { bank: '' }, ['apps/bank.yaml:1:1 file-empty']],
    ['is a list', { bank: '- 1\n' }, ['apps/bank.yaml:1:1 wrong-type']],
    ['is a text', { bank: 'rules\n' }, ['apps/bank.yaml:1:1 wrong-type']],
    ['is too long', { bank: `${BANK}#${'x'.repeat(1 << 20)}` }, ['apps/bank.yaml:1:1 file-too-large']],
    [
      'is not UTF-8',
      {
        policies: put(FULL_POLICIES, 'apps/bank', 'apps/b'),
        others: { 'apps/b.yaml': Buffer.from(`${BANK}# \xe9\n`, 'latin1') },
      },
      ['apps/b.yaml:7:1 file-not-utf8'],
    ],
    ['has a tag', { bank: put(BANK, 'require: passkey', 'require: !x passkey') }, ['apps/bank.yaml:4:55 yaml-tag']],
  ];
  for (const [what, files, places] of APP_FILES) {
    it(`is refused where the file of an app ${what}`, () => assert.deepEqual(placesOf(loadFull(files), files), places));
  }

  it('has the rules of an app in one place', () => {
    const files = { policies: put(FULL_POLICIES, 'owner: team-bank', 'rules: []') };
    assert.deepEqual(placesOf(loadFull(files), files), ['policies.yaml:36:32 contradiction']);
  });
});

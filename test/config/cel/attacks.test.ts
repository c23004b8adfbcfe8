import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RE2JS } from '@bufbuild/re2';
import { createLanguage } from '../../../src/config/cel/language.ts';
import { compilePattern } from '../../../src/config/cel/patterns.ts';
import { isWrong } from '../../../src/config/problems.ts';
import { requestFacts } from '../../../src/http/request-facts.ts';
import { LADDER } from '../../core/people.ts';
import { type Asked, compileOne, conditionOf, factsOf, languageWith, outcomeOf, problemsOf } from './conditions.ts';

describe('a pattern in a condition', () => {
  it('takes time that grows with the text only: a RegExp would take longer than the universe for this', () => {
    for (const [pattern, text] of [
      ['^(a+)+$', `${'a'.repeat(50_000)}!`],
      ['^(a|a)*$', `${'a'.repeat(50_000)}!`],
      ['^(.*)*x$', 'a'.repeat(50_000)],
      ['^(a|aa)+$', `${'a'.repeat(50_000)}!`],
    ] as const) {
      assert.equal(outcomeOf(`request.query.x.matches("${pattern}")`, { query: `?x=${text}` }), false, pattern);
    }
  });

  it('never becomes a RegExp, neither when loaded nor when asked', () => {
    const made: unknown[] = [];
    const original = globalThis.RegExp;
    globalThis.RegExp = new Proxy(original, {
      construct: (target, args) => {
        made.push(args[0]);
        return Reflect.construct(target, args);
      },
      apply: (target, self, args) => {
        made.push(args[0]);
        return Reflect.apply(target, self, args);
      },
    });
    try {
      const condition = conditionOf('request.path.matches("^/(a+)+$") && "aab".matches(r"a+\\w")');
      assert.equal(condition.test(factsOf({ path: '/aaa' })), true);
    } finally {
      globalThis.RegExp = original;
    }
    assert.deepEqual(
      made.filter((pattern) => String(pattern).includes('a+')),
      [],
    );
  });

  it('is compiled once, when the file is loaded', () => {
    const compile = RE2JS.compile;
    let compiled = 0;
    RE2JS.compile = (...args) => {
      compiled++;
      return compile(...args);
    };
    try {
      const condition = conditionOf('request.path.matches("^/a")');
      for (let i = 0; i < 5; i++) condition.test(factsOf({ path: '/a' }));
    } finally {
      RE2JS.compile = compile;
    }
    assert.equal(compiled, 1);
  });

  it('that repeats too much is refused, though it is short', () => {
    for (const pattern of [
      '(?:a?){500}a{500}',
      '(a{100}){100}',
      '((a{9}){9}){9}{9}',
      `${'('.repeat(240)}${')'.repeat(240)}*{1000}`,
    ]) {
      assert.ok(isWrong(compilePattern(pattern)), pattern);
    }
  });

  it('may not come from the request', () => {
    assert.equal(problemsOf('request.path.matches(request.query.pattern)').length, 1);
    assert.equal(problemsOf('request.path.matches("^/" + request.query.pattern)').length, 1);
  });
});

describe('a hostile file of conditions', () => {
  const refused: Readonly<Record<string, string>> = {
    'a mebibyte of text': 'a'.repeat(1_000_000),
    'a text that is too long, and fine otherwise': `request.path == "${'a'.repeat(10_000)}"`,
    'brackets without end': '('.repeat(9_999),
    'brackets that are closed, too deeply': `${'('.repeat(60)}true${')'.repeat(60)}`,
    'signs of "not" without end': '!'.repeat(9_999),
    'signs of "not", too many': `${'!'.repeat(300)}true`,
    'signs of "minus" without end': `${'-'.repeat(9_000)}1 == 1`,
    'a chain of choices': `${'true ? '.repeat(300)}true${' : true'.repeat(300)}`,
    'a sum without end': `${'1 + '.repeat(900)}1 == 1`,
    'members without end': `request${'.query'.repeat(1_500)}`,
    'a list of thousands': `"a" in [${'"a",'.repeat(2_000)}]`,
    'more parts than a person can read': Array(1_500).fill('true').join(' || '),
    'loops in loops in loops': '["a"].all(a, ["a"].all(b, ["a"].all(c, true)))',
  };
  for (const [name, text] of Object.entries(refused)) {
    it(`is refused for ${name}`, () => assert.equal(problemsOf(text).length, 1));
  }

  it('may have long chains all the same', () => {
    assert.equal(outcomeOf(Array(600).fill('network.lab').join(' || ')), false);
    assert.equal(outcomeOf(`"g999" in [${Array.from({ length: 1_000 }, (_, i) => `"g${i}"`).join()}]`), true);
  });

  it('does not double with each name: a condition that is named a million million times is asked once', () => {
    const bomb = Object.fromEntries(
      Array.from({ length: 30 }, (_, i) => [
        `c${i}`,
        i === 0
          ? 'client.ip == "192.0.2.7"'
          : Array(300)
              .fill(`c${i - 1}`)
              .join(' && '),
      ]),
    );
    const { language, problems } = languageWith(bomb);
    assert.deepEqual(problems, []);
    let asked = 0;
    const facts = factsOf();
    const request = {
      ...facts.request,
      get clientIp() {
        asked++;
        return '192.0.2.7';
      },
    };
    assert.equal(language.named.get('c29')?.test({ ...facts, request }), true);
    assert.equal(asked, 1);
    assert.deepEqual([...(language.named.get('c29')?.reads.names ?? [])], ['client.ip']);
  });

  it('does not make its mistakes expensive: names that are compared with misspelt ones are counted', () => {
    const misspelt = Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [`name${i}`, `nome${i}`]));
    const { problems } = languageWith(misspelt);
    assert.equal(problems.length, 2_000);
    const helped = problems.filter(({ hint }) => hint?.startsWith('did you mean "name'));
    assert.ok(helped.length > 0 && helped.length < 100, String(helped.length));
  });

  it('shows the first mistakes of one condition, and not the echoes of a thousand', () => {
    assert.equal(problemsOf(Array(900).fill('nobody').join(' || ')).length, 20);
  });
});

describe('names that objects have of their own', () => {
  const names = ['constructor', 'toString', 'hasOwnProperty', '__proto__', 'valueOf', 'prototype'];

  it('are no members of anything', () => {
    for (const name of names) {
      for (const holder of ['user', 'request', 'session', 'client', 'network', 'session.age']) {
        const [problem] = problemsOf(`${holder}["${name}"] == "x"`);
        assert.match(problem?.id ?? '', /^unknown-/, `${holder} ${name}`);
      }
      const found = compileOne(`${name} == "x"`);
      assert.ok(Array.isArray(found), name);
    }
  });

  it('are absent from a query, the headers and the claims that do not have them, and found where they are', () => {
    const person = {
      claims: Object.fromEntries(names.filter((name) => name !== '__proto__').map((name) => [name, null])),
    };
    for (const name of names) {
      assert.equal(outcomeOf(`"${name}" in request.query`), false, name);
      assert.equal(outcomeOf(`request.query["${name}"] == "1"`, { query: `?${name}=1` }), true, name);
      if (name !== name.toLowerCase()) continue;
      assert.equal(outcomeOf(`"${name}" in request.headers`), false, name);
      assert.equal(outcomeOf(`"${name}" in user.claims`, { person }), name === '__proto__' ? 'failed' : false, name);
      assert.equal(outcomeOf(`"x" in user.claims["${name}"]`, { person }), 'failed', name);
    }
  });

  it('are no headers of a request that did not bring them', () => {
    const arrival = { headers: { accept: 'text/html' } } as Parameters<typeof requestFacts>[1];
    const host = {} as Parameters<typeof requestFacts>[0];
    const request = requestFacts(host, arrival, { query: '' } as Parameters<typeof requestFacts>[2], 0);
    assert.equal(request.header('accept'), 'text/html');
    for (const name of names) assert.equal(request.header(name), null, name);
  });

  it('may be names of conditions and networks like any others', () => {
    const { language, problems } = languageWith({ constructor: 'network.office', valueOf: 'constructor' });
    assert.deepEqual(problems, []);
    assert.equal(outcomeOf('valueOf && toString', {}, languageWith({ toString: 'true' }, language).language), true);
    const networks = new Map([['constructor', (ip: string) => ip === '192.0.2.7']]);
    const own = createLanguage({ ladder: LADDER, networks, providers: [] });
    assert.equal(outcomeOf('network.constructor', {}, own), true);
  });
});

describe('facts of another kind than they should be', () => {
  const rows: readonly (readonly [string, Asked])[] = [
    ['"hr" in user.groups', { person: { session: { groups: 'chr' as never } } }],
    ['"hr" in user.groups', { person: { session: { groups: ['chr', 'hrx', ['hr'], { hr: 'hr' }] as never } } }],
    ['"hr" in user.claims.unit', { person: { claims: { unit: 'chr' as never } } }],
    ['"1" in user.claims.unit', { person: { claims: { unit: [1, true, ['1']] as never } } }],
    ['"hr" in user.claims.unit', { person: { claims: { unit: { hr: 'hr' } as never } } }],
    ['user.claims.unit.exists(u, u == "hr")', { person: { claims: { unit: 5 as never } } }],
    ['user.name == "true"', { person: { session: { name: true as never } } }],
    ['user.email.endsWith("@corp.example")', { person: { session: { email: { endsWith: () => true } as never } } }],
  ];
  for (const [expression, asked] of rows) {
    it(`make ${expression} nothing but false or failed: ${JSON.stringify(asked.person)}`, () => {
      assert.notEqual(outcomeOf(expression, asked), true);
    });
  }

  it('that cannot be had fail by themselves, and not the whole condition', () => {
    const facts = factsOf();
    const request = {
      ...facts.request,
      get clientIp(): string {
        throw new Error('192.0.2.7 is not told');
      },
    };
    const test = (text: string) => conditionOf(text).test({ ...facts, request });
    assert.equal(test('client.ip == "192.0.2.7"'), 'failed');
    assert.equal(test('network.office || true'), true);
    assert.equal(test('network.office && false'), false);
  });
});

describe('the outcome of a condition', () => {
  it('is one of four words, never a promise or an error', () => {
    const texts = [
      'true',
      'false',
      'has(user.name)',
      'request.query.x == "1"',
      'decimal(request.query.x) > decimal("1")',
    ];
    for (const text of texts) {
      assert.ok([true, false, 'failed', 'person'].includes(outcomeOf(text, { query: '?x=secret' })), text);
    }
  });
});

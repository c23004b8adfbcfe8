import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decides, LEVELS, problemsOf, worldFor } from './worlds.ts';

const TREE = `levels:
  - {name: pwd, validity: 8h}
  - {name: mfa, validity: 1h, above: [pwd]}
  - {name: x509, validity: 1h, above: [pwd]}
  - {name: high, validity: 1h, above: [mfa, x509]}
`;

/** One rule for everything, with this demand. */
const demanding = (demand: string, levels = LEVELS): string => `${levels}apps:
  app:
    require: pwd
    rules:
      - {id: it, path: /it/**, ${demand}}
`;

describe('levels, as the security team defines them', () => {
  it('Z5 a level that nobody defined stops the start, and the nearest name is shown', () => {
    const [problem, ...more] = problemsOf(demanding('require: mfaa'));
    assert.deepEqual([problem?.id, problem?.line, problem?.column, more], ['unknown-level', 10, 41, []]);
    assert.match(problem?.hint ?? '', /"mfa"/);
    assert.match(problem?.source ?? '', /id: it/);
  });

  decides(
    'Z6 a level counts for every one below it, and for no sibling',
    `${TREE}apps:
  app:
    require: pwd
    rules:
      - {id: mfa, path: /mfa/**, require: mfa}
      - {id: x509, path: /x509/**, require: x509}
`,
    `
    GET /mfa/a    high 1m  allow
    GET /x509/a   high 1m  allow
    GET /mfa/a    x509 1m  challenge mfa insufficient_level
    GET /x509/a   mfa 1m   challenge x509 insufficient_level
    GET /mfa/a    mfa 1m   allow
    GET /a        x509 1m  allow
    `,
  );

  for (const [is, above, id] of [
    ['a cycle', 'high', 'level-cycle'],
    ['a level above itself', 'mfa', 'level-cycle'],
    ['a level that nobody defined', 'none', 'unknown-level'],
    ['a level that is listed later', 'x509', 'level-order'],
  ] as const) {
    it(`Z7 ${is} in the tree stops the start`, () => {
      const levels = TREE.replace(
        '{name: mfa, validity: 1h, above: [pwd]}',
        `{name: mfa, validity: 1h, above: [${above}]}`,
      );
      assert.deepEqual(
        problemsOf(demanding('require: mfa', levels)).map((problem) => problem.id),
        [id],
      );
    });
  }

  it('Z7 a level that is there twice stops the start', () => {
    const levels = `${TREE}  - {name: mfa, validity: 1h, above: [pwd]}\n`;
    assert.ok(problemsOf(demanding('require: mfa', levels)).some(({ id }) => id === 'duplicate-level'));
  });

  it('Z7 thirty-two levels in one tree are accepted', () => {
    const others = Array.from(
      { length: 31 },
      (_, i) => `  - {name: l${i}, validity: 1h, above: [${i === 0 ? 'pwd' : `l${(i - 1) >> 1}`}]}\n`,
    );
    const levels = `levels:\n  - {name: pwd, validity: 8h}\n${others.join('')}`;
    assert.equal(worldFor(demanding('require: l30', levels)).ladder.levels.length, 32);
    assert.deepEqual(
      problemsOf(demanding('require: l30', `${levels}  - {name: last, validity: 1h, above: [pwd]}\n`))
        .map(({ id }) => id)
        .slice(0, 1),
      ['too-many-levels'],
    );
  });

  decides(
    'Z8 a level counts as long as it is valid, and a weaker one goes on counting',
    demanding('require: hw'),
    `
    GET /it  hw 14m  allow
    GET /it  hw 15m  challenge hw stale_authentication
    GET /a   hw 16m  allow
    GET /a   hw 7h   allow
    GET /a   hw 8h   challenge pwd stale_authentication
    `,
  );

  it('Z9 a level has a name for machines and one for people', () => {
    const levels = `levels:\n  - {name: pwd, validity: 8h, label: Password}\n  - {name: mfa, validity: 1h}\n`;
    const { named } = worldFor(demanding('require: mfa', levels)).ladder;
    assert.deepEqual([named.get('pwd')?.label, named.get('mfa')?.label], ['Password', 'mfa']);
  });

  it('Z10 a level has a message in several languages, and a rule may have its own', () => {
    const levels = LEVELS.replace(
      'mfa, validity: 1h',
      'mfa, validity: 1h, message: {en: Please confirm., de: Bitte bestätigen.}',
    );
    const world = worldFor(demanding('require: mfa, message: {en: This is about money.}', levels));
    assert.deepEqual(
      [...(world.ladder.named.get('mfa')?.message ?? [])],
      [
        ['en', 'Please confirm.'],
        ['de', 'Bitte bestätigen.'],
      ],
    );
    assert.deepEqual([...(world.messages.get('app/it') ?? [])], [['en', 'This is about money.']]);
  });

  it('Z13 M3 a level that the provider of an app cannot prove stops the start', () => {
    const found = problemsOf(demanding('require: hw'), ['pwd', 'mfa']);
    assert.deepEqual(
      found.map(({ id, line }) => [id, line]),
      [['level-unprovable', 10]],
    );
  });

  decides(
    'Z13 M3 a level that only a stronger one proves is no mistake',
    demanding('require: mfa'),
    `
    GET /it  hw 1m   allow
    GET /it  nobody  challenge mfa no_session
    `,
  );

  it('M3 a map of levels is refused: its order is no contract', () => {
    const levels = 'levels: {pwd: {validity: 8h}, mfa: {validity: 1h}}\n';
    assert.ok(problemsOf(demanding('require: mfa', levels)).some(({ id }) => id === 'wrong-type'));
  });

  const swapped = 'levels:\n  - {name: mfa, validity: 1h}\n  - {name: pwd, validity: 1h}\n';
  const unswapped = 'levels:\n  - {name: pwd, validity: 1h}\n  - {name: mfa, validity: 1h}\n';
  decides(
    'M3 the order of the list is the order of the levels',
    demanding('require: mfa', unswapped),
    'GET /it  pwd 1m  challenge mfa insufficient_level',
  );
  decides('M3 swapped in the list, they are swapped', demanding('require: mfa', swapped), 'GET /it  pwd 1m  allow');
});

describe('comparisons', () => {
  decides(
    'M8 M9 without a word, a demand is a minimum',
    demanding('require: mfa'),
    `
    GET /it  hw 1m   allow
    GET /it  mfa 1m  allow
    GET /it  pwd 1m  challenge mfa insufficient_level
    `,
  );

  decides(
    'M10 exact is met by this very level, whatever else the session holds',
    demanding('require: mfa, comparison: exact'),
    `
    GET /it  hw 1m           challenge mfa insufficient_level
    GET /it  hw 1m, mfa 1m   allow
    GET /it  mfa 1m          allow
    GET /it  pwd 1m          challenge mfa insufficient_level
    GET /it  hw 1m, mfa 61m  challenge mfa stale_authentication
    `,
  );

  decides(
    'M10 between a page of one level and a page of another nobody goes to and fro',
    `apps:
  app:
    require: pwd
    rules:
      - {id: mfa, path: /mfa/**, require: mfa, comparison: exact}
      - {id: hw, path: /hw/**, require: hw, comparison: exact}
`,
    `
    GET /mfa  mfa 2m, hw 1m  allow
    GET /hw   mfa 2m, hw 1m  allow
    GET /mfa  hw 1m          challenge mfa insufficient_level
    `,
  );

  decides(
    'M11 better is strictly above',
    demanding('require: mfa, comparison: better, note: why'),
    `
    GET /it  mfa 1m  challenge mfa insufficient_level
    GET /it  hw 1m   allow
    GET /it  hw 16m  challenge mfa stale_authentication
    `,
  );

  decides(
    'M11 maximum is at the level or below it',
    demanding('require: mfa, comparison: maximum, note: why'),
    `
    GET /it  hw 1m           challenge mfa insufficient_level
    GET /it  mfa 1m          allow
    GET /it  hw 1m, mfa 1m   allow
    GET /it  pwd 1m          allow
    `,
  );

  it('M11 better than the highest level stops the start', () => {
    assert.deepEqual(
      problemsOf(demanding('require: hw, comparison: better, note: why')).map(({ id }) => id),
      ['nothing-above'],
    );
  });

  for (const comparison of ['better', 'maximum']) {
    it(`M11 ${comparison} wants a note`, () => {
      assert.deepEqual(
        problemsOf(demanding(`require: mfa, comparison: ${comparison}`)).map(({ id }) => id),
        ['note-missing'],
      );
    });
  }
});

const LASTING =
  'levels:\n  - {name: pwd, validity: 12h}\n  - {name: mfa, validity: 12h}\n  - {name: x509, validity: 12h}\n';

describe('freshness', () => {
  decides(
    'M12 max_age, in ISO 8601 too, is for those who have the level already',
    demanding('require: mfa, max_age: PT2H', LASTING),
    `
    GET /it  mfa 119m         allow
    GET /it  mfa 2h           challenge mfa stale_authentication
    GET /it  mfa 121m         challenge mfa stale_authentication
    GET /it  pwd 1m           challenge mfa insufficient_level
    GET /it  mfa 3h, pwd 1m   challenge mfa stale_authentication
    GET /it  mfa 3h, x509 1m  allow
    `,
  );

  decides(
    'M13 without max_age nobody is asked again while the level is valid',
    demanding('require: mfa', LASTING),
    'GET /it  mfa 9h  allow',
  );

  it('M14 PT0S is refused, with the word for what is meant', () => {
    assert.deepEqual(
      problemsOf(demanding('require: mfa, max_age: PT0S')).map(({ id }) => id),
      ['max-age-zero'],
    );
  });

  decides(
    'M14 a step-up for each request is asked for when all else is met',
    demanding('methods: write, require: mfa, one_time: true'),
    `
    POST /it  mfa 1m  challenge mfa one_time
    POST /it  mfa 2h  challenge mfa stale_authentication
    POST /it  pwd 1m  challenge mfa insufficient_level
    POST /it  nobody  challenge mfa no_session
    GET  /it  mfa 1m  allow
    `,
  );

  decides(
    'M18 a stronger method and a fresher authentication are two reasons',
    demanding('require: mfa, max_age: 5m'),
    `
    GET /it  pwd 1m  challenge mfa insufficient_level
    GET /it  mfa 6m  challenge mfa stale_authentication
    `,
  );

  // A portal feature: authenticationLevel X509, Comparison EXACT, ForceGracePeriod PT2H, on a portal of level default.
  decides(
    'M21 exactly this level, and given in the last two hours',
    demanding('require: x509, comparison: exact, max_age: PT2H', `${LASTING}  - {name: token, validity: 12h}\n`),
    `
    GET /it    x509 1h             allow
    GET /it    x509 121m           challenge x509 stale_authentication
    GET /it    token 1m            challenge x509 insufficient_level
    GET /it    token 1m, x509 1h   allow
    GET /it    token 1m, x509 3h   challenge x509 stale_authentication
    GET /it    pwd 1m              challenge x509 insufficient_level
    GET /it    nobody              challenge x509 no_session
    GET /else  token 1m            allow
    `,
  );
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { provenLevels } from '../../src/core/evidence.ts';
import { decides, problemsOf, worldFor } from './worlds.ts';

/** An app with these rules, below its own demand for a password. */
const rules = (...lines: readonly string[]): string =>
  `apps:\n  app:\n    require: pwd\n    rules:\n${lines.map((line) => `      - ${line}\n`).join('')}`;

describe('what a request is asked for', () => {
  decides(
    'Z1 a sensitive resource takes a step-up, all else does not',
    rules('{id: payroll, path: /payroll/**, require: mfa}'),
    `
    GET /payroll/2026?tab=2  pwd 1m  challenge mfa insufficient_level
    GET /payroll/2026?tab=2  mfa 1m  allow
    GET /news                pwd 1m  allow
    `,
  );

  decides(
    'Z16 deny is no step-up, not even for the strongest',
    rules('{id: closed, path: /legacy/**, deny: true}'),
    `
    GET /legacy/x  hw 1m   deny forbidden
    GET /legacy    nobody  deny forbidden
    `,
  );

  decides(
    'Z17 one floor covers several apps, whatever their rules say',
    `floors:
  - {id: money, apps: [shop, bank], path: /pay/**, require: mfa}
apps:
  shop: {require: pwd, rules: [{id: pay, path: /pay/cards, require: pwd}]}
  bank: {require: pwd}
  wiki: {require: pwd}
`,
    `
    GET shop /pay/cards  pwd 1m  challenge mfa insufficient_level
    GET bank /pay        pwd 1m  challenge mfa insufficient_level
    GET wiki /pay        pwd 1m  allow
    GET shop /cart       pwd 1m  allow
    `,
  );

  decides(
    'Z18 H6 a rule may be about the method, the path and the query',
    rules(
      '{id: transfer, path: /transfer/**, methods: write, require: mfa}',
      '{id: delete, path: /records/*, query: {do: [delete, purge]}, require: hw}',
      '{id: export, path: "/reports/*.csv", methods: read, require: mfa}',
    ),
    `
    GET    /transfer              pwd 1m  allow
    HEAD   /transfer              pwd 1m  allow
    POST   /transfer              pwd 1m  challenge mfa insufficient_level
    DELETE /transfer/7            pwd 1m  challenge mfa insufficient_level
    PURGE  /transfer/7            pwd 1m  challenge mfa insufficient_level
    GET    /records/7             pwd 1m  allow
    GET    /records/7?do=delete   mfa 1m  challenge hw insufficient_level
    GET    /records/7?do=purge    hw 1m   allow
    GET    /records/7?do=view     pwd 1m  allow
    GET    /records/7?DO=delete   pwd 1m  challenge hw insufficient_level
    GET    /reports/2026.csv      pwd 1m  challenge mfa insufficient_level
    GET    /reports/2026.html     pwd 1m  allow
    `,
  );

  const ordered = ['{id: one, path: /a/*, require: mfa}', '{id: other, path: /*/b, deny: true}'] as const;
  decides('Z19 the first rule that matches decides', rules(...ordered), 'GET /a/b  mfa 1m  allow');
  decides(
    'Z19 in another order another one does',
    rules(...[...ordered].reverse()),
    'GET /a/b  mfa 1m  deny forbidden',
  );
  decides(
    'Z19 what nothing is said about is denied',
    'apps:\n  app: {rules: [{id: a, path: /a, require: pwd}]}\n',
    `
    GET /a  pwd 1m  allow
    GET /b  hw 1m   deny no_rule
    GET /b  nobody  deny no_rule
    `,
  );
  decides(
    'Z19 several criteria must all hold, of several values any will do',
    rules(
      '{id: it, path: [/a, /b], methods: [POST, PUT], query: {do: [x, y], on: "1"}, when: client.ip != "192.0.2.1", require: mfa}',
    ),
    `
    POST /a?do=x&on=1  pwd 1m, ip 192.0.2.9  challenge mfa insufficient_level
    PUT  /b?on=1&do=y  pwd 1m, ip 192.0.2.9  challenge mfa insufficient_level
    GET  /a?do=x&on=1  pwd 1m, ip 192.0.2.9  allow
    POST /c?do=x&on=1  pwd 1m, ip 192.0.2.9  allow
    POST /a?do=z&on=1  pwd 1m, ip 192.0.2.9  allow
    POST /a?do=x       pwd 1m, ip 192.0.2.9  allow
    POST /a?do=x&on=1  pwd 1m, ip 192.0.2.1  allow
    `,
  );

  decides(
    'Z20 H9 who somebody is decides what they are asked for',
    rules(
      `{id: admins, path: /it, when: '"admin" in user.groups', require: hw}`,
      `{id: guests, path: /it, when: '"guest" in user.claims.kind', deny: true}`,
      '{id: others, path: /it, require: mfa}',
    ),
    `
    GET /it  mfa 1m, group admin, claim kind=staff  challenge hw insufficient_level
    GET /it  mfa 1m, group staff, claim kind=staff  allow
    GET /it  mfa 1m, group staff, claim kind=guest  deny forbidden
    GET /it  nobody                                 challenge pwd no_session
    `,
  );

  decides(
    'Z20 H9 where and when a request comes from decides as well',
    `networks: {office: [192.0.2.0/24]}
conditions:
  at_work: now.getHours("Europe/Zurich") >= 7 && now.getHours("Europe/Zurich") < 19
floors:
  - {id: away, when: "!network.office", require: mfa}
  - {id: night, when: "!at_work", require: hw}
  - {id: beta, when: 'request.headers["x-client"] == "beta"', deny: true}
apps:
  app: {require: pwd}
`,
    `
    GET /  pwd 1m, ip 192.0.2.9, at 2026-11-23T09:00:00Z, header x-client=web   allow
    GET /  pwd 1m, ip 192.0.3.9, at 2026-11-23T09:00:00Z, header x-client=web   challenge mfa insufficient_level
    GET /  pwd 1m, ip 192.0.2.9, at 2026-11-23T18:30:00Z, header x-client=web   challenge hw insufficient_level
    GET /  pwd 1m, ip 192.0.2.9, at 2026-11-23T05:59:00Z, header x-client=web   challenge hw insufficient_level
    GET /  pwd 1m, ip 192.0.2.9, at 2026-11-23T06:00:00Z, header x-client=web   allow
    GET /  hw 1m, ip 192.0.2.9, at 2026-11-23T09:00:00Z, header x-client=beta   deny forbidden
    `,
  );

  decides(
    'Z21 a demand may want an authentication of its own, after something happened',
    `floors:\n  - {id: incident, require: mfa, since: "2026-11-22T14:05:00Z"}\n${rules('{id: x, path: /x, require: pwd}')}`,
    `
    GET /x  mfa 5m, at 2026-11-22T14:11:00Z   allow
    GET /x  mfa 6m, at 2026-11-22T14:11:00Z   challenge mfa stale_authentication
    GET /x  mfa 50m, at 2026-11-22T14:11:00Z  challenge mfa stale_authentication
    `,
  );
});

describe('portals and their features', () => {
  const portals = `default: {require: mfa}
apps:
  admin: {require: hw, rules: [{id: logs, path: /logs/**, only: '"audit" in user.groups'}]}
  users:
    require: pwd
    rules:
      - {id: devices, path: /account/devices/**, require: mfa, max_age: 5m}
  other: {}
`;
  decides(
    'M5 a portal has a level, asked for at once',
    portals,
    `
    GET admin /        nobody  challenge hw no_session
    GET admin /        mfa 1m  challenge hw insufficient_level
    GET users /        nobody  challenge pwd no_session
    GET other /        nobody  challenge mfa no_session
    `,
  );
  decides('M6 whatever is above it is accepted', portals, 'GET users /  hw 1m  allow');
  decides(
    'M7 a feature asks for more than its portal, and one that says nothing for as much',
    portals,
    `
    GET users /account          pwd 1m  allow
    GET users /account/devices  pwd 1m  challenge mfa insufficient_level
    GET users /account/devices  mfa 6m  challenge mfa stale_authentication
    GET admin /logs/1           hw 1m, group audit  allow
    `,
  );
  decides(
    'M20 who has no right is told so, without being asked for a second factor',
    `apps:
  app:
    require: pwd
    rules:
      - {id: pay, path: /pay/**, only: '"finance" in user.groups', require: hw}
`,
    `
    GET /pay/1  pwd 1m, group sales    deny forbidden
    GET /pay/1  hw 1m, group sales     deny forbidden
    GET /pay/1  pwd 1m, group finance  challenge hw insufficient_level
    GET /pay/1  hw 1m, group finance   allow
    GET /pay/1  nobody                 challenge pwd no_session
    `,
  );

  it('M1 M2 H13 what proves a level is compared letter by letter', () => {
    const { evidence } = worldFor(portals).apps.get('users') ?? assert.fail();
    const proven = (acr: string | null) =>
      provenLevels(evidence, { at: 0, freshAt: 0, acr, amr: null, facts: [] }).map(({ name }) => name);
    assert.deepEqual(['hw', 'mfa', 'pwd'].map(proven), [['hw'], ['mfa'], ['pwd']]);
    for (const acr of ['HW', 'hw ', ' hw', 'h', '', '0', null]) assert.deepEqual(proven(acr), [], String(acr));
  });
});

describe('what is only tried out', () => {
  const tried = `floors:
  - {id: all, require: hw, mode: report}
${rules('{id: closed, path: /old/**, deny: true, mode: report}', '{id: off, path: /old/**, deny: true, mode: off}', '{id: rest, path: /**, require: mfa}')}`;
  decides(
    'H21 changes nothing, and is named beside the decision',
    tried,
    `
    GET /old/1  mfa 1m  allow, reports app/closed, reports floor/all
    GET /new    mfa 1m  allow, reports floor/all
    GET /old/1  pwd 1m  challenge mfa insufficient_level, reports app/closed, reports floor/all
    `,
  );
});

describe('what nobody can have meant', () => {
  for (const [says, policies, id] of [
    [
      'H15 Z13 a demand that the provider can never meet stops the start, so that nobody goes round in circles',
      rules('{id: a, path: /a, require: hw}'),
      'level-unprovable',
    ],
    [
      'Z19 a rule that asks for nothing, where its app asks for nothing',
      'apps:\n  app: {rules: [{id: a, path: /a}]}\n',
      'empty-requirement',
    ],
    ['Z16 a rule that denies and asks', rules('{id: a, path: /a, deny: true, require: mfa}'), 'contradiction'],
    [
      'Z17 a floor over an app that is not there',
      `floors: [{id: a, apps: [none], require: mfa}]\n${rules('{id: a, path: /a, require: mfa}')}`,
      'unknown-app',
    ],
    ['Z20 a misspelt network', rules('{id: a, path: /a, when: network.ofice, require: mfa}'), 'unknown-name'],
    [
      'M20 a right on what is public',
      rules(`{id: a, path: /a, public: true, only: '"a" in user.groups'}`),
      'contradiction',
    ],
  ] as const) {
    it(`${says}: ${id}`, () =>
      assert.deepEqual(
        problemsOf(policies, ['pwd', 'mfa']).map((problem) => problem.id),
        [id],
      ));
  }
});

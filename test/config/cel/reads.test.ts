import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { conditionOf, languageWith } from './conditions.ts';

const { language } = languageWith({
  hr: '"hr" in user.groups',
  office: 'network.office && now.getHours("Europe/Zurich") > 7',
  both: 'hr && office && "x" in user.claims.unit',
});

describe('a condition says what it looks at:', () => {
  const names: readonly (readonly [string, string])[] = [
    ['true', ''],
    ['request.method == "GET"', 'request.method'],
    ['request.query.a == "x" || has(request.query["b"])', 'request.query.a request.query.b'],
    ['"accept" in request.headers', 'request.headers.accept'],
    ['has(session.age.mfa) && session.level == "mfa"', 'session.age.mfa session.level'],
    ['user["email"] == "x"', 'user.email'],
    ['now.getHours() > 3', 'now now.utc'],
    ['now.getHours("UTC") > 3', 'now'],
    ['both', 'network.office now user.claims.unit user.groups'],
    ['office ? client.ip == "192.0.2.7" : false', 'client.ip network.office now'],
  ];
  for (const [expression, expected] of names) {
    it(`${expression}: ${expected || 'nothing'}`, () => {
      assert.equal([...conditionOf(expression, language).reads.names].sort().join(' '), expected);
    });
  }

  const groups: readonly (readonly [string, readonly string[] | null])[] = [
    ['true', []],
    ['"hr" in user.groups', ['hr']],
    ['hr || "sales" in user.groups', ['sales', 'hr']],
    ['both', ['hr']],
    ['"hr" in user["groups"]', ['hr']],
    ['user.groups.exists(g, g == "hr")', ['hr']],
    ['user.groups.exists(g, "hr" == g || g in ["it", "sales"])', ['hr', 'it', 'sales']],
    ['user.groups.exists(g, g == "hr" && request.path == "/")', ['hr']],
    ['user.groups.exists_one(g, g == "hr")', ['hr']],
    ['user.groups.all(g, g != "hr")', ['hr']],
    ['user.groups.all(g, !(g in ["hr", "it"]))', ['hr', 'it']],
    ['!user.groups.exists(g, g == "hr")', ['hr']],
    // From here on groups matter that are not named.
    ['user.groups.exists(g, g != "hr")', null],
    ['user.groups.all(g, g == "hr")', null],
    ['user.groups.exists(g, !(g == "hr"))', null],
    ['user.groups.exists(g, g == "hr" || network.office)', null],
    ['user.groups.exists(g, g.startsWith("hr"))', null],
    ['user.groups.exists(g, g == user.name)', null],
    ['user.groups.exists(g, g in [user.name, "hr"])', null],
    ['user.groups.exists(g, true)', null],
    ['user.groups.filter(g, g == "hr").size() == 1', null],
    ['user.groups.map(g, g)[0] == "hr"', null],
    ['size(user.groups) > 1', null],
    ['user.groups[0] == "hr"', null],
    ['user.name in user.groups', null],
    ['"hr" in user.groups || user.groups.size() > 5', null],
  ];
  for (const [expression, expected] of groups) {
    it(`${expression}: ${expected === null ? 'all groups' : `the groups ${expected.join(', ') || 'of nobody'}`}`, () => {
      assert.deepEqual(conditionOf(expression, language).reads.groups, expected);
    });
  }

  const claims: readonly (readonly [string, readonly string[]])[] = [
    ['"x" in user.claims.department', ['department']],
    ['has(user.claims["urn:a:b"]) || "c.d" in user.claims', ['urn:a:b', 'c.d']],
    ['both || has(user.claims.unit)', ['unit']],
  ];
  for (const [expression, expected] of claims) {
    it(`${expression}: the claims ${expected.join(', ')}`, () => {
      assert.deepEqual(conditionOf(expression, language).reads.claims, expected);
    });
  }
});

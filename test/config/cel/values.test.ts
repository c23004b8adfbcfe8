import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Outcome } from '../../../src/core/condition.ts';
import { HOUR, MINUTE, NOW } from '../../core/people.ts';
import { type Asked, outcomeOf, type Person } from './conditions.ts';

type Row = readonly [expression: string, asked: Asked, outcome: Outcome];

const signedIn = (person: Person = {}): Asked => ({ person });

const TABLES: Readonly<Record<string, readonly Row[]>> = {
  'the request': [
    ['request.method == "GET"', {}, true],
    ['request.method != "GET"', { method: 'POST' }, true],
    ['request.method in ["POST", "PUT"]', { method: 'PUT' }, true],
    ['request.host == "pay.example.com"', {}, true],
    ['request.scheme == "https"', {}, true],
    ['request.path == "/a/b c"', { path: '/a/b c' }, true],
    ['request.path == "/a/"', { path: '/a/' }, true],
    ['request.path == "/"', { path: '/' }, true],
    ['request.path.startsWith("/admin")', { path: '/admin/x' }, true],
    ['client.ip == "192.0.2.7"', {}, true],
    ['client.ip == "192.0.2.7"', { ip: '::ffff:192.0.2.7' }, true],
    ['client.ip == "192.0.2.7"', { ip: '::FFFF:c000:207' }, true],
    ['client.ip == "2001:db8::7"', { ip: '2001:DB8:0:0::7' }, true],
    ['client.ip != "192.0.2.7"', { ip: '' }, 'failed'],
    ['client.user_agent.contains("Firefox")', { headers: { 'user-agent': 'Firefox/150' } }, true],
    ['client.user_agent.contains("Firefox")', {}, 'failed'],
    ['has(client.user_agent)', {}, false],
    ['network.office', {}, true],
    ['network.office', { ip: '192.0.3.7' }, false],
    ['network.office', { ip: '' }, 'failed'],
    ['!network.office', { ip: '' }, 'failed'],
    ['network.office || network.lab', { ip: '2001:db8::5' }, true],
  ],
  'the query': [
    ['request.query.action == "delete"', { query: '?action=delete' }, true],
    ['request.query["action"] == "delete"', { query: '?action=keep' }, false],
    ['request.query.action == "delete"', {}, 'failed'],
    ['request.query.action != "delete"', {}, 'failed'],
    ['request.query.action == "delete"', { query: '?action=delete&action=delete' }, 'failed'],
    ['request.query.action == "keep"', { query: '?action=keep&Action=delete' }, 'failed'],
    ['request.query.action == "keep"', { query: '?action=keep;action=delete' }, 'failed'],
    ['request.query.action == "keep"', { query: '?action=keep&action[]=delete' }, 'failed'],
    ['"action" in request.query', { query: '?action=x' }, true],
    ['"action" in request.query', {}, false],
    ['"action" in request.query', { query: '?ACTION=x' }, 'failed'],
    ['has(request.query.action)', { query: '?action' }, true],
    ['has(request.query.action)', { query: '?a=1' }, false],
    ['has(request.query["action"])', { query: '?action=1&action=2' }, 'failed'],
    ['has(request.query.action) && request.query.action == "delete"', {}, false],
    ['request.query["a b"] == "c+d"', { query: '?a%20b=c%2Bd' }, true],
    ['request.query.x == "1"', { query: '?x=%E9' }, 'failed'],
  ],
  headers: [
    ['request.headers.accept == "text/html"', { headers: { accept: 'text/html' } }, true],
    ['request.headers["x-requested-with"] == "fetch"', {}, 'failed'],
    ['"x-requested-with" in request.headers', {}, false],
    ['has(request.headers.accept)', { headers: { accept: '' } }, true],
  ],
  'the person': [
    ['user.subject == "ana"', signedIn(), true],
    ['user.subject == "ana"', {}, 'person'],
    ['user.provider == "corp"', signedIn(), true],
    ['user.email.endsWith("@corp.example")', signedIn(), true],
    ['user.email == ""', signedIn({ session: { email: null } }), true],
    ['has(user.email)', signedIn({ session: { email: null } }), false],
    ['has(user.email)', signedIn(), true],
    ['user.name == "Ana"', signedIn(), true],
    ['user.name == "Ana"', signedIn({ session: { name: null } }), 'failed'],
    ['has(user.name)', signedIn({ session: { name: null } }), false],
    ['has(user.name)', {}, 'person'],
    ['"hr" in user.groups', signedIn({ session: { groups: ['hr'] } }), true],
    ['"hr" in user.groups', signedIn({ session: { groups: ['sales', 'HR', 'chr', 'hr '] } }), false],
    ['"hr" in user.groups', {}, 'person'],
    ['size(user.groups) == 2', signedIn({ session: { groups: ['a', 'b'] } }), true],
    ['user.groups[0] == "a"', signedIn({ session: { groups: ['a'] } }), true],
    ['user.groups[1] == "a"', signedIn({ session: { groups: ['a'] } }), 'failed'],
    ['user.groups[-1] == "a"', signedIn({ session: { groups: ['a'] } }), 'failed'],
    ['"it" in user.claims.department', signedIn({ claims: { department: ['hr', 'it'] } }), true],
    ['"it" in user.claims.department', signedIn({ claims: { department: [] } }), false],
    ['"it" in user.claims.department', signedIn({ claims: { department: null } }), 'failed'],
    ['"it" in user.claims.department', signedIn(), 'failed'],
    ['user.claims["urn:x:y"][0] == "1"', signedIn({ claims: { 'urn:x:y': ['1'] } }), true],
    ['has(user.claims.department)', signedIn({ claims: { department: null } }), false],
    ['"department" in user.claims', signedIn({ claims: { department: ['x'] } }), true],
    ['has(user.claims.department)', signedIn(), 'failed'],
    ['has(user.claims.department)', {}, 'person'],
  ],
  'groups of which only those with names are known': [
    ['"hr" in user.groups', signedIn({ session: { groups: ['hr'], namedGroupsOnly: true } }), true],
    ['"it" in user.groups', signedIn({ session: { groups: ['hr'], namedGroupsOnly: true } }), false],
    ['user.groups.exists(g, g == "hr")', signedIn({ session: { groups: ['hr'], namedGroupsOnly: true } }), true],
    ['user.groups.all(g, g != "it")', signedIn({ session: { groups: ['hr'], namedGroupsOnly: true } }), true],
    ['user.groups.exists(g, g != "hr")', signedIn({ session: { groups: ['hr'], namedGroupsOnly: true } }), 'failed'],
    ['user.groups.all(g, g == "hr")', signedIn({ session: { groups: ['hr'], namedGroupsOnly: true } }), 'failed'],
    [
      'user.groups.exists(g, g.startsWith("h"))',
      signedIn({ session: { groups: ['hr'], namedGroupsOnly: true } }),
      'failed',
    ],
    ['size(user.groups) > 0', signedIn({ session: { groups: ['hr'], namedGroupsOnly: true } }), 'failed'],
    ['user.name in user.groups', signedIn({ session: { groups: ['Ana'], namedGroupsOnly: true } }), 'failed'],
  ],
  'the session': [
    ['session.level == "mfa"', signedIn({ proofs: { mfa: MINUTE } }), true],
    ['session.level == "password"', signedIn({ proofs: { mfa: HOUR } }), true],
    ['session.level == ""', signedIn({ proofs: { mfa: 9 * HOUR } }), true],
    ['session.level == "mfa"', {}, 'person'],
    ['session.age.mfa < duration("10m")', signedIn({ proofs: { mfa: 9 * MINUTE } }), true],
    ['session.age.mfa < duration("10m")', signedIn({ proofs: { mfa: 10 * MINUTE } }), false],
    ['session.age.mfa < duration("10m")', signedIn({ proofs: { mfa: 30 * MINUTE, passkey: MINUTE } }), true],
    ['session.age.mfa < duration("10m")', signedIn({ proofs: { password: MINUTE } }), 'failed'],
    ['session.age["mfa"] == duration("PT5M")', signedIn({ proofs: { mfa: 5 * MINUTE } }), true],
    ['session.age.mfa.getMinutes() == 5', signedIn({ proofs: { mfa: 359 } }), true],
    ['has(session.age.mfa)', signedIn({ proofs: { password: MINUTE } }), false],
    ['has(session.age.mfa)', signedIn({ proofs: { passkey: 20 * MINUTE } }), true],
    ['"passkey" in session.age', signedIn({ proofs: { passkey: 20 * MINUTE } }), false],
    ['now - session.created > duration("30m")', signedIn(), true],
    ['session.created < now', {}, 'person'],
  ],
  'moments and spans': [
    ['now == timestamp("2027-01-15T08:00:00Z")', {}, true],
    ['now < timestamp("2027-01-15T09:00:00.5+01:00")', {}, true],
    ['now + duration("1h") > now', {}, true],
    ['now - duration("1d") < now', {}, true],
    ['duration("90s") + duration("30s") == duration("2m")', {}, true],
    ['duration("2m") - duration("30s") == duration("90s")', {}, true],
    ['duration("1h30m").getHours() == 1 && duration("1h30m").getMinutes() == 90', {}, true],
    ['now.getHours() == 8', {}, true],
    ['now.getHours("Europe/Zurich") == 9', {}, true],
    ['now.getHours("+05:30") == 13 && now.getMinutes("+05:30") == 30', {}, true],
    ['now.getDayOfWeek() == 5', {}, true],
    ['now.getFullYear() == 2027 && now.getMonth() == 0 && now.getDate() == 15', {}, true],
    ['now.getDayOfMonth() == 14 && now.getDayOfYear() == 14', {}, true],
    ['now.getMilliseconds() == 250', { at: NOW + 0.25 }, true],
    ['now.getMilliseconds("Asia/Tokyo") == 250', { at: NOW + 0.25 }, true],
  ],
  decimals: [
    ['decimal(request.query.amount) > decimal("1000")', { query: '?amount=1000.01' }, true],
    ['decimal(request.query.amount) > decimal("1000")', { query: '?amount=1000.00' }, false],
    ['decimal(request.query.amount) == decimal("1000")', { query: '?amount=1000.00' }, true],
    ['decimal(request.query.amount) >= decimal("9007199254740993")', { query: '?amount=9007199254740992.9' }, false],
    ['decimal("0.1") + decimal("0.2") == decimal("0.3")', {}, true],
    ['decimal("0.3") - decimal("0.25") == decimal("0.05")', {}, true],
    ['decimal("-0") == decimal("0.00")', {}, true],
    ['decimal("9") < decimal("10")', {}, true],
    ['decimal("10.0") in [decimal("10")]', {}, true],
    ...[
      '',
      ' 1',
      '1 ',
      '+1',
      '01',
      '1.',
      '.5',
      '1e3',
      '1,000',
      '1_000',
      '0x10',
      'Infinity',
      'NaN',
      '１',
      '--1',
      '1.2.3',
      '9'.repeat(65),
    ].map(
      (text): Row => [
        'decimal(request.query.amount) < decimal("1000")',
        { query: `?amount=${encodeURIComponent(text)}` },
        'failed',
      ],
    ),
  ],
  'texts, numbers and lists': [
    ['"a" + "b" == "ab"', {}, true],
    ['"abc".contains("b") && "abc".endsWith("bc") && "abc".startsWith("ab")', {}, true],
    ['"ÄBC".lowerAscii() == "Äbc" && "äbc".upperAscii() == "äBC"', {}, true],
    ['" a ".trim() == "a"', {}, true],
    ['"𝒳y".size() == 2 && size("abc") == 3', {}, true],
    ['[1, 2, 3].size() == 3 && 2 in [1, 2]', {}, true],
    ['1 + 2 * 3 == 7 && 7 / 2 == 3 && -7 / 2 == -3 && -7 % 3 == -1 && 5 - 7 == -2', {}, true],
    ['1 / 0 == 1', {}, 'failed'],
    ['1 % 0 == 1', {}, 'failed'],
    ['9007199254740991 + 1 == 1', {}, 'failed'],
    ['true == !false', {}, true],
    ['"x" in ["a", request.query.x]', { query: '?x=x' }, true],
    ['"a" in ["a", request.query.x]', {}, 'failed'],
    ['["a", "b"].exists(x, x == "b")', {}, true],
    ['["a", "b"].all(x, x.size() == 1)', {}, true],
    ['["a", "b", "a"].exists_one(x, x == "b")', {}, true],
    ['["a", "b", "a"].exists_one(x, x == "a")', {}, false],
    ['["a", "b"].filter(x, x != "a").size() == 1', {}, true],
    ['["a", "b"].map(x, x + "!")[1] == "b!"', {}, true],
    ['["a", "b"].map(x, x.size()).exists(n, n == 1)', {}, true],
    ['"line\\nbreak" == "line\\u000abreak"', {}, true],
    ['r"\\d" == "\\\\d"', {}, true],
  ],
  'patterns, found anywhere in a text': [
    ['request.path.matches("^/reports/[0-9]{4}$")', { path: '/reports/2026' }, true],
    ['request.path.matches("reports")', { path: '/x/reports/y' }, true],
    ['request.path.matches("^/reports$")', { path: '/reports/2026' }, false],
    ['request.path.matches(r"\\d{4}")', { path: '/reports/2026' }, true],
    ['request.query.x.matches("a")', {}, 'failed'],
    ['user.email.matches("(?i)@CORP")', signedIn(), true],
  ],
};

for (const [name, rows] of Object.entries(TABLES)) {
  describe(`conditions on ${name}`, () => {
    for (const [expression, asked, outcome] of rows) {
      const about = Object.keys(asked).length === 0 ? 'a plain request' : JSON.stringify(asked);
      it(`${expression} is ${outcome} for ${about}`, () => assert.equal(outcomeOf(expression, asked), outcome));
    }
  });
}

/** Something of each kind of truth, told without a word of the language itself. */
const OF: Readonly<Record<string, Outcome>> = {
  'network.office': true,
  'network.lab': false,
  'has(request.query.x)': 'failed',
  'has(user.name)': 'person',
};

describe('a condition of which a part cannot be told', () => {
  const asked: Asked = { query: '?x=1&x=2' };
  const texts = Object.keys(OF);
  const not = (outcome: Outcome): Outcome => (typeof outcome === 'boolean' ? !outcome : outcome);
  const undetermined = (a: Outcome, b: Outcome): Outcome => (a === 'person' || b === 'person' ? 'person' : 'failed');

  for (const a of texts) {
    it(`!(${a}) turns only what is told`, () => assert.equal(outcomeOf(`!(${a})`, asked), not(OF[a] ?? 'failed')));
    for (const b of texts) {
      const [left, right] = [OF[a] ?? 'failed', OF[b] ?? 'failed'];
      const both = typeof left === 'boolean' && typeof right === 'boolean';
      it(`${a} && ${b}`, () => {
        const expected = left === false || right === false ? false : both ? true : undetermined(left, right);
        assert.equal(outcomeOf(`${a} && ${b}`, asked), expected);
        assert.equal(outcomeOf(`[${a}, ${b}].all(x, x)`, asked), both ? expected : strict(left, right));
      });
      it(`${a} || ${b}`, () => {
        const expected = left === true || right === true ? true : both ? false : undetermined(left, right);
        assert.equal(outcomeOf(`${a} || ${b}`, asked), expected);
      });
      it(`${a} == ${b}`, () => {
        assert.equal(outcomeOf(`(${a}) == (${b})`, asked), both ? left === right : strict(left, right));
      });
      it(`${a} ? ${b} : true`, () => {
        assert.equal(outcomeOf(`${a} ? ${b} : true`, asked), left === true ? right : left === false ? true : left);
      });
    }
  }

  /** Two values that are both needed: what fails fails whoever signs in. */
  function strict(left: Outcome, right: Outcome): Outcome {
    return left === 'failed' || right === 'failed' ? 'failed' : 'person';
  }
});

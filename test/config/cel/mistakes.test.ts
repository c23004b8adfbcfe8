import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createLanguage } from '../../../src/config/cel/language.ts';
import type { Problem } from '../../../src/config/problems.ts';
import { conditionOf, problemsOf } from './conditions.ts';

/** `‸` stands where the mistake must be pointed to; what is right is said in the hint, or a part of it. */
type Row = readonly [expression: string, hint: string | null, id?: Problem['id']];

const TABLES: Readonly<Record<string, readonly Row[]>> = {
  'a misspelt word': [
    ['‸usr.name == "x"', 'did you mean "user"?', 'unknown-name'],
    ['user.‸grups.size() > 1', 'did you mean "groups"?', 'unknown-name'],
    ['request.‸querry.a == "x"', 'did you mean "query"?', 'unknown-name'],
    ['client.‸country == "CH"', 'known here: ip, user_agent', 'unknown-name'],
    ['network.‸ofice', 'did you mean "office"?', 'unknown-name'],
    ['true && ‸office', 'write network.office', 'unknown-name'],
    ['session.level == ‸"mfaa"', 'did you mean "mfa"?', 'unknown-level'],
    ['session.age.‸mfaa < duration("1m")', 'did you mean "mfa"?', 'unknown-level'],
    ['has(session.age[‸"mfaa"])', 'did you mean "mfa"?', 'unknown-level'],
    ['‸"paskey" in session.age', 'did you mean "passkey"?', 'unknown-level'],
    ['request.method == ‸"get"', 'did you mean "GET"?', 'unknown-method'],
    ['‸"PSOT" == request.method', 'did you mean "POST"?', 'unknown-method'],
    ['request.method in ["GET", ‸"DELTE"]', 'did you mean "DELETE"?', 'unknown-method'],
    ['request.method != ‸"HEAD"', 'write "GET"', 'unknown-method'],
    ['request.method == ‸POST', 'put it in quotes: request.method == "POST"', 'unknown-name'],
    ['session.level == ‸mfa', 'put it in quotes: session.level == "mfa"', 'unknown-name'],
    ['user.provider == ‸"crop"', 'did you mean "corp"?', 'unknown-provider'],
    ['request.scheme == ‸"htps"', 'did you mean "https"?', 'bad-condition'],
    ['request.host == ‸"Pay.example.com"', 'did you mean "pay.example.com"?', 'bad-condition'],
    ['client.ip == ‸"10.0.0.0/8"', 'name it under networks, and write network.NAME', 'bad-condition'],
    ['client.ip == ‸"2001:DB8::1"', 'did you mean "2001:db8::1"?', 'bad-condition'],
    ['now.‸getHour() > 7', 'did you mean "getHours"?'],
    ['now.getHours(‸"Europe/Zuerich") > 7', 'did you mean "Europe/Zurich"?'],
    ['now.getHours(‸"Zurich") > 7', 'did you mean "Europe/Zurich"?'],
    ['now.getHours(‸"somewhere") > 7', 'write its name, such as "Europe/Zurich" or "UTC"'],
    ['user.email.‸endWith("x")', 'did you mean "endsWith"?'],
    ['user.groups.‸exist(g, g == "x")', 'did you mean "exists"?'],
    ['‸decimol("1") == decimal("1")', 'did you mean "decimal"?'],
  ],
  'a value of another kind': [
    ['‸user.claims.department == "x"', 'write "x" in user.claims.department'],
    ['‸user.groups == "hr"', 'write "hr" in user.groups'],
    ['‸user.groups != "hr"', 'write !("hr" in user.groups)'],
    ['‸"hr" == user.groups', 'write "hr" in user.groups'],
    ['user.groups.‸contains("hr")', 'write "hr" in user.groups'],
    ['user.groups[‸"hr"]', 'write "hr" in user.groups'],
    ['‸user.groups in "hr"', 'write "hr" in user.groups'],
    ['‸user.groups == ["hr"]', 'lists are not compared: ask for one item with in'],
    ['‸"corp" in user.email', 'write user.email.contains("corp")'],
    ['‸session.age.mfa < 600', 'write session.age.mfa < duration("10m")'],
    ['‸session.age.mfa < "10m"', 'write session.age.mfa < duration("10m")'],
    ['‸"10m" > session.age.mfa', 'write duration("10m") > session.age.mfa'],
    ['‸now > "2026-11-22T14:05:00Z"', 'write now > timestamp("2026-11-22T14:05:00Z")'],
    ['‸now.getHours() > "7"', 'write now.getHours() > 7'],
    ['‸request.query.amount > 1000', 'write decimal(request.query.amount) > decimal("1000")'],
    ['‸decimal(request.query.amount) > 1000', 'write decimal(request.query.amount) > decimal("1000")'],
    ['‸decimal(request.query.amount) > "1000"', 'write decimal(request.query.amount) > decimal("1000")'],
    ['decimal(‸1000) == decimal("1000")', 'write decimal("1000")'],
    ['decimal(request.query.a) > decimal(‸"1,000")', 'digits and one point only: "1200.50"'],
    ['‸1.5 == decimal("1.5")', 'write decimal("1.5")'],
    ['‸network.office == "true"', 'write network.office == true'],
    [
      '‸session.level >= "mfa"',
      'texts have no order: decimal(…) reads a number, session.age.LEVEL and has(session.age.LEVEL) ask for a level',
    ],
    ['‸user.email', 'compare it with something'],
    ['!‸user.email', 'compare it with something'],
    ['true || ‸request.path', 'compare it with something'],
    ['‸request.query.x ? true : false', 'compare it with something'],
    ['network.office ? true : ‸1', null],
    ['‸session.age < duration("10m")', 'write session.age.password'],
    ['‸user', 'write user.subject'],
    ['user.groups.exists(‸request, true)', 'take another name for the items'],
    ['user.email.‸size > 3', 'a call has brackets, such as size()'],
    ['user.email.‸exists(x, x == "a")', null],
    ['["a", ‸1].size() == 2', null],
    ['‸[].size() == 0', null],
    ['-‸"a" == "b"', null],
    ['request.path.startsWith(‸1)', null],
    ['request.path.startsWith("a", ‸"b")', null],
    ['request.path.‸startsWith()', null],
    ['user.groups.‸exists(g)', null],
    ['‸9007199254740992 == 1', null],
  ],
  'something that must be written out': [
    ['request.query[‸user.name] == "x"', 'such as request.query.NAME'],
    ['request.headers[‸request.query.h] == "x"', 'such as request.headers["name"]'],
    ['"x" in user.claims[‸user.name]', 'such as "value" in user.claims.NAME'],
    ['‸user.name in user.claims', 'such as "name" in user.claims'],
    ['request.path.matches(‸request.query.p)', 'such as matches("^/reports/[0-9]{4}/")'],
    ['timestamp(‸request.query.t) < now', 'such as timestamp("2026-11-22T14:05:00Z")'],
    ['timestamp(‸1) < now', 'such as timestamp("2026-11-22T14:05:00Z")'],
    ['timestamp(‸"2026-11-22T14:05:00") < now', 'write date, time and offset', 'bad-instant'],
    ['timestamp(‸"2026-02-30T14:05:00Z") < now', 'write date, time and offset', 'bad-instant'],
    ['session.age.mfa < duration(‸request.query.d)', 'such as duration("10m")'],
    ['session.age.mfa < duration(‸"600")', 'a duration needs its unit', 'bad-duration'],
    ['now.getHours(‸user.name) > 7', 'such as getHours("Europe/Zurich")'],
  ],
  'what conditions do not look at': [
    ['request.headers.‸cookie == "x"', 'user and session say who is signed in'],
    ['has(request.headers.‸authorization)', 'user and session say who is signed in'],
    ['‸"Cookie" in request.headers', 'user and session say who is signed in'],
    ['request.headers[‸"Proxy-Authorization"] == "x"', 'user and session say who is signed in'],
    ['request.headers[‸"X-Requested-With"] == "x"', 'write "x-requested-with"'],
    ['request.headers[‸"a b"] == "x"', null],
    ['has(user.‸groups)', null],
    ['has(‸user)', 'such as has(request.query.name)'],
    ['has(‸request.path.startsWith("x"))', 'such as has(request.query.name)'],
  ],
  'a part of CEL that is not taken': [
    ['‸dyn(1) == 1', 'known here: decimal, duration, has, size, timestamp'],
    ['‸type(1) == 1', 'known here:'],
    ['‸int(request.query.x) > 3', 'decimal(…) reads a number'],
    ['‸double("1") > 3', 'decimal(…) reads a number'],
    ['‸bytes("a").size() == 1', 'known here:'],
    ['‸b"a" == "a"', null],
    ['‸1u == 1', null],
    ['‸null == 1', 'has(…) asks whether something is there'],
    ['‸{"a": 1}', null],
    ['‸google.protobuf.Timestamp == now', 'known here:', 'unknown-name'],
    ['‸cel.bind(x, 1, x == 1)', 'known here:', 'unknown-name'],
    ['‸contains(request.path, "x")', 'write it behind a point: value.contains(…)'],
    ['"a".‸split(",").size() == 1', 'known here:'],
    ['user.groups.‸join(",") == ""', 'known here:'],
    ['user.groups.exists(a, user.groups.‸exists(b, a == b))', 'write the inner one out'],
    ['[‸["a"]].size() == 1', null],
  ],
  'a pattern that is none': [
    ['request.path.matches(‸"(")', 'the syntax is that of RE2: https://github.com/google/re2/wiki/Syntax'],
    ['request.path.matches(‸"(?=a)")', 'RE2 knows no lookaround and no references to groups'],
    ['request.path.matches(‸r"(a)\\1")', 'RE2 knows no lookaround and no references to groups'],
    [
      'request.path.matches(‸"(a{1000}){1000}")',
      'the syntax is that of RE2: https://github.com/google/re2/wiki/Syntax',
    ],
    ['request.path.matches(‸"(?:a?){500}a{500}")', null],
    [`request.path.matches(‸"${'a'.repeat(501)}")`, null],
  ],
  'what cannot be read': [
    ['a ‸= b', 'write == to compare'],
    ['a ‸& b', 'write && for "and"'],
    ['a ‸| b', 'write || for "or"'],
    ['true ‸and false', 'write && for "and"'],
    ['true ‸OR false', 'write || for "or"'],
    ['not ‸true', 'write ! for "not"'],
    ['user.name ‸is "x"', 'write == to compare'],
    ['user.email ‸contains "x"', 'write it as a call: text.contains("a")'],
    ['‸“hr” in user.groups', 'write straight quotes: "a"'],
    ['true ‸# remark', 'write // before a remark'],
    ['user.name == ‸"ana', null],
    ['(true‸', null],
    ['true‸)', null],
    ['true &&‸', null],
    ['‸ ', null],
    ['user.name == "‸\\d"', null],
    ['user.groups.exists(‸1, true)', null],
    ['‸while', null],
  ],
};

for (const [name, rows] of Object.entries(TABLES)) {
  describe(`${name} in a condition is refused where it stands`, () => {
    for (const [marked, hint, id = 'bad-condition'] of rows) {
      it(marked.slice(0, 80), () => {
        const [problem, ...more] = problemsOf(marked.replace('‸', ''));
        assert.ok(problem);
        assert.deepEqual(more, []);
        // In the file, the text stands behind `{"when":"`, and quotes and backslashes have a backslash before them.
        const before = JSON.stringify(marked.slice(0, marked.indexOf('‸'))).length - 2;
        assert.deepEqual([problem.line, problem.column - 10, problem.id], [1, before, id]);
        assert.ok((problem.hint ?? '').startsWith(hint ?? ''), `${problem.hint}`);
      });
    }
  });
}

describe('the mistakes of a condition', () => {
  it('are shown all at once', () => {
    const problems = problemsOf('usr.a == "x" || request.method == "get" || network.ofice');
    assert.deepEqual(
      problems.map(({ column }) => column - 10),
      // Two quotes before the second one have a backslash each, and two more before the third.
      [0, 36, 55],
    );
  });

  it('name no value of a request, since there is none yet, nor of another condition', () => {
    for (const { message } of problemsOf('user.emial == "x"')) assert.doesNotMatch(message, /ana|corp/);
  });

  it('are not guessed where the other file could not be read', () => {
    const language = createLanguage({ ladder: null, networks: new Map(), providers: null });
    for (const text of ['user.provider == "anything"', 'session.level == "any"', 'has(session.age.any)']) {
      assert.equal(conditionOf(text, language).text, text);
    }
  });
});

describe('a level whose name is no identifier', () => {
  it('is asked for in brackets, and the hint says so', () => {
    const level = { label: 'x', validity: 60, rank: 0, countsFor: 1, message: new Map(), name: 'two-step' };
    const ladder = { levels: [level], named: new Map([['two-step', level]]) };
    const language = createLanguage({ ladder, networks: new Map(), providers: [] });
    assert.ok(conditionOf('session.age["two-step"] < duration("1m")', language));
    const [problem] = problemsOf('session.age.two-step < duration("1m")', language);
    assert.deepEqual([problem?.id, problem?.hint], ['unknown-level', 'write session.age["two-step"]']);
  });
});

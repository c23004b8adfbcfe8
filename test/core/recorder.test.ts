import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Outcome } from '../../src/core/condition.ts';
import { decide, type Question, type Recorder } from '../../src/core/decide.ts';
import type { Facts } from '../../src/core/facts.ts';
import type { Gathered } from '../../src/core/gather.ts';
import type { Match } from '../../src/core/match.ts';
import type { AppPolicy, Floor, Rule } from '../../src/core/policy.ts';
import {
  always,
  appWith,
  DENY,
  floorWith,
  PUBLIC,
  questionOf,
  requestFor,
  requiring,
  ruleWith,
  treeOf,
} from './apps.ts';
import { demandOf, MFA, PASSWORD, standingWith } from './people.ts';
import { appFor, type Scene, scene, standingFor } from './scenes.ts';

/** Writes down what it is told, one line each. */
class Notes implements Recorder {
  readonly lines: string[] = [];
  found: Gathered | null = null;
  readonly readings: Facts[] = [];

  reading(facts: Facts): void {
    this.readings.push(facts);
    this.lines.push(`reading /${facts.segments.join('/')}`);
  }
  rule(rule: Rule, match: Match): void {
    this.lines.push(`${rule.id} ${match}`);
  }
  floor(floor: Floor, match: Match): void {
    this.lines.push(`${floor.id} ${match}`);
  }
  only(owner: Rule | AppPolicy, outcome: Outcome): void {
    this.lines.push(`only of ${'id' in owner ? owner.id : owner.name} ${outcome}`);
  }
  gathered(gathered: Gathered): void {
    this.found = gathered;
  }
}

const asked = ({ policy, request }: Scene): readonly [AppPolicy, Question] => {
  const { method, query, hasBody, paths, proofs, now, rehearsal } = request;
  const facts = requestFor({ method: method === 'HEAD' ? 'GET' : method, query: query && `?${query}`, hasBody });
  return [appFor(policy), { request: facts, readings: paths, standing: standingFor(policy, proofs), now, rehearsal }];
};

describe('a recorder', () => {
  test('changes nothing, whatever the policy and the request', () => {
    fc.assert(
      fc.property(scene, (s) => {
        const [app, question] = asked(s);
        assert.deepEqual(decide(app, question, new Notes()), decide(app, question));
      }),
      { numRuns: 3000 },
    );
  });

  test('is told what the decision rests on', () => {
    fc.assert(
      fc.property(scene, (s) => {
        const [app, question] = asked(s);
        const notes = new Notes();
        const decision = decide(app, question, notes);
        const { found } = notes;
        assert.ok(found !== null);
        assert.equal(found.rule, decision.rule);
        assert.equal(found.reported, decision.reported);
        if (decision.kind === 'deny' && found.refused !== null) {
          assert.deepEqual([decision.why, decision.by], [found.refused.why, found.refused.by]);
        }
        if (decision.kind === 'allow') assert.equal(decision.requirement.demands, found.demands);
        assert.deepEqual(
          notes.readings.map(({ segments }) => segments),
          question.readings.slice(0, notes.readings.length),
        );
        if (found.refused === null) assert.equal(notes.readings.length, question.readings.length);
      }),
      { numRuns: 2000 },
    );
  });

  const app = appWith({
    require: demandOf(PASSWORD, null, 'payroll'),
    only: always(true),
    rules: treeOf<Rule>(
      ['/a', ruleWith(PUBLIC, 'payroll/writes', 0, { methods: { names: new Set(['GET']), inverted: true } })],
      ['/a', ruleWith(PUBLIC, 'payroll/asks', 1, { query: [{ name: 'do', values: ['x'] }] })],
      ['/a', ruleWith(requiring(demandOf(MFA)), 'payroll/doubt', 2, { when: always('failed'), only: always(true) })],
      ['/a', ruleWith(DENY, 'payroll/rehearsed', 3, { mode: 'report' })],
      ['/**', ruleWith(requiring(), 'payroll/rest', 4)],
      ['/a', ruleWith(DENY, 'payroll/below', 5)],
    ),
    floors: treeOf<Floor>(
      floorWith(requiring(demandOf(PASSWORD)), 'floor/all'),
      ['/b', floorWith(DENY, 'floor/b', { order: 1 })],
      ['/a', floorWith(DENY, 'floor/never', { order: 2, when: always(false) })],
    ),
  });

  test('is told of every rule up to the one that decides, of every floor, and of whom it is for', () => {
    const notes = new Notes();
    decide(app, questionOf(standingWith({ mfa: 1 }), '/a', { query: '?do=x&do=y' }), notes);
    assert.deepEqual(notes.lines, [
      'reading /a',
      'payroll/writes methods',
      'payroll/asks undetermined',
      'payroll/doubt undetermined',
      'only of payroll/doubt true',
      'payroll/rehearsed hit',
      'payroll/rest hit',
      'only of payroll true',
      'floor/all hit',
      'floor/never when',
    ]);
  });

  test('is told of each reading, up to the first that is refused', () => {
    const notes = new Notes();
    decide(app, questionOf(standingWith({ mfa: 1 }), ['/b', '/c']), notes);
    assert.deepEqual(notes.lines, [
      'reading /b',
      'payroll/rest hit',
      'only of payroll true',
      'floor/all hit',
      'floor/b hit',
    ]);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { zoneClock } from '../../../src/config/cel/zones.ts';
import { isWrong } from '../../../src/config/problems.ts';
import { unmet } from '../../../src/core/demand.ts';
import { demandOf, levelNamed, NOW } from '../../core/people.ts';
import { conditionOf, factsOf, outcomeOf } from './conditions.ts';

const at = (text: string): number => Date.parse(text) / 1000;

describe('the time of day in a zone', () => {
  const rows: readonly (readonly [moment: string, zone: string, shown: string])[] = [
    ['2026-03-29T00:59:59Z', 'Europe/Zurich', '2026-03-29 01:59:59'],
    ['2026-03-29T01:00:00Z', 'Europe/Zurich', '2026-03-29 03:00:00'],
    ['2026-10-25T00:30:00Z', 'Europe/Zurich', '2026-10-25 02:30:00'],
    ['2026-10-25T01:30:00Z', 'Europe/Zurich', '2026-10-25 02:30:00'],
    ['2026-03-08T07:30:00Z', 'America/New_York', '2026-03-08 03:30:00'],
    ['2026-12-31T23:30:00Z', 'Asia/Kathmandu', '2027-01-01 05:15:00'],
    ['2026-01-01T00:00:00Z', 'Pacific/Kiritimati', '2026-01-01 14:00:00'],
    ['2026-01-01T00:00:00Z', 'Pacific/Pago_Pago', '2025-12-31 13:00:00'],
    ['2026-10-03T15:30:00Z', 'Australia/Lord_Howe', '2026-10-04 02:30:00'],
    ['2026-06-01T12:00:00Z', '-03:30', '2026-06-01 08:30:00'],
    ['1969-12-31T23:59:59Z', 'UTC', '1969-12-31 23:59:59'],
  ];
  for (const [moment, zone, shown] of rows) {
    it(`is ${shown} in ${zone} at ${moment}`, () => {
      const clock = zoneClock(zone);
      assert.ok(!isWrong(clock));
      assert.equal(clock(at(moment)).toISOString().slice(0, 19).replace('T', ' '), shown);
    });
  }

  it('does not depend on the zone of the process, not even in the hour that it leaves out', () => {
    // 02:30 on that day is an hour that New York does not have; in UTC and Zurich it is like any other.
    const condition = conditionOf('now.getHours("UTC") == 2 && now.getHours("Europe/Zurich") == 3');
    const before = process.env.TZ;
    try {
      for (const zone of ['America/New_York', 'Europe/London', 'Asia/Tokyo']) {
        process.env.TZ = zone;
        assert.equal(condition.test(factsOf({ at: at('2026-03-08T02:30:00Z') })), true, zone);
      }
    } finally {
      if (before === undefined) delete process.env.TZ;
      else process.env.TZ = before;
    }
  });

  it('is that of UTC and the offset of the zone, at any moment and in any zone', () => {
    const offsetOf = (moment: number, timeZone: string): number => {
      const format = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' });
      const name = format.formatToParts(moment * 1000).find(({ type }) => type === 'timeZoneName')?.value ?? '';
      const [, sign, hours = 0, minutes = 0] = /^GMT(?:([+-])(\d+):(\d+))?$/.exec(name) ?? assert.fail(name);
      return (sign === '-' ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60);
    };
    const moments = fc.integer({ min: at('1975-01-01'), max: at('2060-01-01') });
    fc.assert(
      fc.property(moments, fc.constantFrom(...Intl.supportedValuesOf('timeZone')), (moment, zone) => {
        const clock = zoneClock(zone);
        assert.ok(!isWrong(clock));
        assert.equal(clock(moment).getTime() / 1000, moment + offsetOf(moment, zone));
      }),
      { numRuns: 200 },
    );
  });

  it('has fields that are counted as in CEL', () => {
    const fields = {
      getFullYear: 2026,
      getMonth: 11,
      getDate: 31,
      getDayOfMonth: 30,
      getDayOfWeek: 4,
      getDayOfYear: 364,
      getHours: 23,
      getMinutes: 59,
      getSeconds: 58,
    };
    for (const [name, value] of Object.entries(fields)) {
      const asked = { at: at('2026-12-31T22:59:58Z') };
      assert.equal(outcomeOf(`now.${name}("Europe/Zurich") == ${value}`, asked), true, name);
    }
  });
});

describe('the age of a level', () => {
  it('is below a limit exactly when a demand with that max_age is met', () => {
    const proof = fc.record({
      level: fc.constantFrom('password', 'mfa', 'passkey'),
      age: fc.oneof(fc.integer({ min: -120, max: 1200 }), fc.integer({ min: 0, max: 9 * 3600 })),
      fresh: fc.option(fc.integer({ min: 0, max: 600 })),
    });
    const limits = fc.constantFrom(1, 60, 300, 1800, 3599);
    fc.assert(
      fc.property(
        fc.array(proof, { maxLength: 4 }),
        fc.constantFrom('password', 'mfa', 'passkey'),
        limits,
        (proofs, name, limit) => {
          const facts = factsOf({ person: {} });
          assert.ok(facts.standing);
          const standing = {
            ...facts.standing,
            proofs: proofs.map(({ level, age, fresh }) => {
              const freshAt = fresh === null ? null : NOW - age - fresh;
              return { level: levelNamed(level), proof: { at: NOW - age, freshAt, acr: null, amr: null, facts: [] } };
            }),
          };
          const outcome = conditionOf(`session.age.${name} < duration("${limit}s")`).test({ ...facts, standing });
          const level = levelNamed(name);
          assert.equal(outcome === true, unmet(demandOf(level, limit), standing, NOW) === null);
          const counts = conditionOf(`has(session.age.${name})`).test({ ...facts, standing });
          assert.equal(counts, unmet(demandOf(level), standing, NOW) === null);
        },
      ),
      { numRuns: 500 },
    );
  });
});

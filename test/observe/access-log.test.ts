import assert from 'node:assert/strict';
import { it } from 'node:test';
import { type AccessLine, createAccessLog } from '../../src/observe/access-log.ts';
import { disturbs, HOSTILE, leaked, SECRETS } from './secrets.ts';

const LINE: AccessLine = {
  requestId: 'request-1',
  method: 'GET',
  target: '/hr/people/7?page=2',
  host: 'payroll.example.com',
  status: 200,
  decision: 'allow',
  rule: 'payroll/reports',
  app: 'payroll',
  milliseconds: 1.23456,
  bytes: 4096,
};

function written(changed: Partial<AccessLine>): string {
  const lines: string[] = [];
  createAccessLog((line) => lines.push(line), { now: () => 1_790_000_000 }).record({ ...LINE, ...changed });
  assert.equal(lines.length, 1);
  return lines[0] ?? '';
}

it('writes one JSON line with what happened and no query', () => {
  assert.deepEqual(JSON.parse(written({})), {
    time: '2026-09-21T14:13:20.000Z',
    level: 'info',
    msg: 'request',
    request_id: 'request-1',
    method: 'GET',
    path: '/hr/people/7',
    host: 'payroll.example.com',
    status: 200,
    decision: 'allow',
    rule: 'payroll/reports',
    app: 'payroll',
    ms: 1.235,
    bytes: 4096,
  });
});

it('writes null where there was no decision, rule or app, and for numbers that are none', () => {
  const line = JSON.parse(
    written({ decision: null, rule: null, app: null, milliseconds: Number.NaN, bytes: Infinity }),
  );
  assert.deepEqual([line.decision, line.rule, line.app, line.ms, line.bytes], [null, null, null, null, null]);
});

for (const milliseconds of [0, 0.0004, 0.0005, 0.01, 0.999, 0.9996, 9.05, 60_000, 86_400_000.5]) {
  it(`writes ${milliseconds} ms to three decimals`, () => {
    assert.equal(JSON.parse(written({ milliseconds })).ms, Math.round(milliseconds * 1000) / 1000);
  });
}

it('stays one harmless line whatever the client sends', () => {
  const line = written({ requestId: HOSTILE, method: HOSTILE, target: `/${HOSTILE}`, host: HOSTILE });
  assert.equal(disturbs(line), false);
  for (const value of Object.values(JSON.parse(line))) assert.equal(disturbs(String(value)), false);
  assert.ok(written({ target: `/${'x'.repeat(100_000)}`, host: 'h'.repeat(100_000) }).length < 4000);
});

it('never shows a query, wherever the client put it', () => {
  for (const target of [
    `/callback/corp?code=${SECRETS.code}`,
    `/callback/corp%3Fcode=${SECRETS.code}`,
    `/app#access_token=${SECRETS.bearer}`,
    `/app;jsessionid=${SECRETS.code}`,
    `https://alice:hunter2@payroll.example.com/?code=${SECRETS.code}`,
  ]) {
    assert.deepEqual(leaked(written({ target })), [], target);
  }
});

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createExpiringMap } from '../../src/ledger/expiring-map.ts';
import { createRevocations } from '../../src/ledger/revocations.ts';
import { GENERATION_GRACE } from '../../src/ports.ts';

const NOW = 1_790_000_000;

it('holds no more than the live revocations and a share of the expired ones', () => {
  const revocations = createRevocations('birth');
  const perSecond = 10;
  const lifetime = 100;
  for (let i = 0; i < 100_000; i++) {
    const now = NOW + Math.floor(i / perSecond);
    revocations.add({ kind: 'family', family: `family-${i}`, expires: now + lifetime }, now);
  }
  const live = perSecond * lifetime;
  assert.ok(revocations.size >= live);
  assert.ok(revocations.size < 2 * live, `${revocations.size} entries held for ${live} live ones`);
});

it('forgets the expired in small steps, and only after a clock that was set back a little could ask for them', () => {
  const map = createExpiringMap<{ expires: number }>();
  for (let i = 0; i < 100; i++) map.set(`entry-${i}`, { expires: NOW });
  map.sweep(NOW + 30);
  assert.equal(map.size, 100);
  for (let i = 0; i < 10; i++) map.sweep(NOW + 3600);
  assert.ok(map.size < 100);
  for (let i = 0; i < 10; i++) map.sweep(NOW + 3600);
  assert.equal(map.size, 0);
});

it('forgets the persons and provider sessions of every issuer', () => {
  const revocations = createRevocations('birth');
  for (const issuer of ['https://a.example.com', 'https://b.example.com']) {
    revocations.add({ kind: 'subject', issuer, subject: 'alice', epoch: NOW, expires: NOW }, NOW);
    revocations.add({ kind: 'provider_session', issuer, name: 's-1', epoch: NOW, expires: NOW }, NOW);
  }
  for (let i = 0; i < 5; i++) revocations.add({ kind: 'all', epoch: 0, expires: NOW }, NOW + 3600);
  assert.equal(revocations.size, 0);
});

it('takes grace away early, and never gives more, when a family steps up without end', () => {
  const revocations = createRevocations('birth');
  const session = { birth: 'birth', family: 'f', issuer: 'i', subject: 's', providerSession: null, createdAt: NOW };
  for (let generation = 2; generation <= 1000; generation++) {
    const since = NOW + Math.floor(generation / 100);
    revocations.add({ kind: 'generation', family: 'f', generation, since, expires: NOW + 3600 }, since);
  }
  assert.equal(revocations.isRevoked({ ...session, generation: 1000 }, NOW + 10), false);
  for (let generation = 1; generation < 1000; generation++) {
    const supersededAt = NOW + Math.floor((generation + 1) / 100);
    assert.ok(
      revocations.isRevoked({ ...session, generation }, supersededAt + GENERATION_GRACE),
      `generation ${generation}`,
    );
  }
});

it('comes to the same in whatever order revocations arrive', () => {
  const marks = [
    { generation: 2, since: NOW },
    { generation: 3, since: NOW + 4 },
    { generation: 3, since: NOW + 2 },
    { generation: 5, since: NOW + 1 },
    { generation: 6, since: NOW + 8 },
  ];
  const verdicts = (order: typeof marks): string => {
    const revocations = createRevocations('birth');
    for (const mark of order) revocations.add({ kind: 'generation', family: 'f', expires: NOW + 3600, ...mark }, NOW);
    const session = { birth: 'birth', family: 'f', issuer: 'i', subject: 's', providerSession: null, createdAt: NOW };
    const answers: boolean[] = [];
    for (let generation = 1; generation <= 6; generation++) {
      for (let second = 0; second < 20; second++) {
        answers.push(revocations.isRevoked({ ...session, generation }, NOW + second));
      }
    }
    return answers.map(Number).join('');
  };
  const expected = verdicts(marks);
  for (let turn = 1; turn < marks.length; turn++) {
    const turned = [...marks.slice(turn), ...marks.slice(0, turn)];
    assert.equal(verdicts(turned), expected);
    assert.equal(verdicts(turned.reverse()), expected);
  }
});

import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { describe, it } from 'node:test';
import type { Schedule } from '../../../src/providers/discovery.ts';
import { startTrust, type Trust, type TrustFacts } from '../../../src/providers/saml/trust.ts';
import { readMetadata } from '../../../src/saml/metadata.ts';
import { makePair } from '../../support/fake-idp.ts';
import {
  ENTITY_ID,
  key,
  metadata,
  PAIR,
  pairOf,
  signedMetadata,
  type WrittenMetadata,
} from '../../support/fake-metadata.ts';

const HOUR = 3600;
const DAY = 86_400;
/** Certificates of tests begin then, and last a month. */
const START = Date.parse(new X509Certificate(PAIR.certificate).validFrom) / 1000;
const URL_OF = 'https://idp.example/metadata';
const NEXT = makePair('next');

type Answer = string | Response | Error | ((url: string, signal: AbortSignal) => Promise<Response>);

interface BenchOptions {
  readonly answer?: Answer;
  readonly issuer?: string | null;
  readonly url?: string;
  readonly certificate?: string | null;
  readonly timeout?: number;
  readonly start?: number;
}

/** A trust whose time passes only by `pass`, which runs what is due on the way. */
function startBench({
  answer = metadata(),
  issuer = null,
  url = URL_OF,
  certificate = null,
  timeout = 5,
  start = START,
}: BenchOptions) {
  let now = start;
  let waiting: { readonly run: () => void; readonly at: number }[] = [];
  const said: string[] = [];
  const asked: string[] = [];
  const schedule: Schedule = (run, seconds) => {
    assert.ok(seconds > 0 && seconds <= DAY, `${seconds}`);
    const entry = { run, at: now + seconds };
    waiting.push(entry);
    return () => {
      waiting = waiting.filter((other) => other !== entry);
    };
  };
  const bench = {
    answer,
    said,
    asked,
    /** Seconds until what comes next. */
    waits: () => waiting.map(({ at }) => at - now).toSorted((a, b) => a - b),
    /** What was said since the last call. */
    news: () => said.splice(0),
    trust: null as unknown as Trust,
    async pass(seconds: number) {
      const end = now + seconds;
      for (;;) {
        const next = waiting.filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at)[0];
        if (next === undefined) break;
        waiting = waiting.filter((entry) => entry !== next);
        now = next.at;
        next.run();
        await settled();
      }
      now = end;
    },
  };
  const config: TrustFacts = { name: 'partner', metadata: { kind: 'url', url, certificate }, issuer, timeout };
  bench.trust = startTrust({
    config,
    clock: { now: () => now },
    random: () => '_____w',
    log: (event, detail) => said.push(`${event}: ${detail}`),
    alert: (event, detail) => said.push(`ALERT ${event}: ${detail}`),
    schedule,
    fetch: async (at, { signal }) => {
      asked.push(at);
      const { answer: given } = bench;
      if (given instanceof Error) throw given;
      if (typeof given === 'function') return given(at, signal as AbortSignal);
      return typeof given === 'string' ? new Response(given) : given;
    },
  });
  return bench;
}

/** What is under way with answers that are there already. */
async function settled(): Promise<void> {
  for (let i = 0; i < 20; i += 1) await new Promise((resolve) => setImmediate(resolve));
}

const endingIn = (seconds: number, more: WrittenMetadata = {}): string =>
  metadata({ ...more, entity: `validUntil="${new Date((START + seconds) * 1000).toISOString()}"` });

const lasting = (span: string): string => metadata({ entity: `cacheDuration="${span}"` });

const certificatesNow = ({ trust }: { trust: Trust }): readonly string[] | undefined =>
  trust.knownNow()?.signingCertificates.map((pem) => pem.trim());

describe('metadata at a URL', () => {
  it('are fetched at once, and whoever needs them waits for that', async () => {
    const bench = startBench({});
    assert.equal(bench.trust.knownNow(), null);
    assert.equal((await bench.trust.known())?.entityId, ENTITY_ID);
    assert.deepEqual(bench.asked, [URL_OF]);
    assert.deepEqual(bench.news(), [`provider_metadata_read: ${ENTITY_ID} keys=1`]);
  });

  for (const [span, seconds] of [
    [null, HOUR],
    ['PT2H', 2 * HOUR],
    ['PT1S', 60],
    ['PT0S', 60],
    ['P30D', DAY],
    ['nonsense', HOUR],
  ] as const) {
    it(`with a cacheDuration of ${span} are fetched again after ${seconds} s`, async () => {
      const bench = startBench({ answer: span === null ? metadata() : lasting(span) });
      await bench.trust.known();
      assert.deepEqual(bench.waits(), [seconds]);
    });
  }

  it('that end soon are fetched again in time for a second try', async () => {
    const bench = startBench({ answer: endingIn(1000) });
    await bench.trust.known();
    await bench.pass(500);
    assert.equal(bench.asked.length, 2);
  });

  it('T088 bring the next key at once, and take the retired one away with no grace', async () => {
    const bench = startBench({});
    await bench.trust.known();
    bench.answer = metadata({ certificates: [PAIR.certificate, NEXT.certificate] });
    await bench.pass(HOUR);
    assert.deepEqual(certificatesNow(bench), [PAIR.certificate.trim(), NEXT.certificate.trim()]);
    bench.answer = metadata({ certificates: [NEXT.certificate] });
    await bench.pass(HOUR);
    assert.deepEqual(certificatesNow(bench), [NEXT.certificate.trim()]);
    assert.deepEqual(
      bench.news(),
      [1, 2, 1].map((keys) => `provider_metadata_read: ${ENTITY_ID} keys=${keys}`),
    );
  });

  it('that are the same again are no news', async () => {
    const bench = startBench({ answer: endingIn(30 * DAY) });
    await bench.trust.known();
    bench.news();
    bench.answer = endingIn(31 * DAY);
    await bench.pass(2 * HOUR);
    assert.equal(bench.asked.length, 3);
    assert.deepEqual(bench.news(), []);
  });

  it('with keys that are odd say so once', async () => {
    const keys = key(PAIR.certificate) + key(pairOf('rsa:1024').certificate);
    const bench = startBench({ answer: metadata({ keys }), start: START + 40 * DAY });
    await bench.trust.known();
    await bench.pass(5 * HOUR);
    assert.deepEqual(
      bench.news().filter((line) => line.startsWith('provider_certificate')),
      [
        'provider_certificate: expired=1: believed all the same, since the metadata list it',
        'provider_certificate: unused=1: no RSA keys of 2048 bits or more',
      ],
    );
  });
});

describe('metadata that cannot be had', () => {
  const AWAY: readonly (readonly [what: string, answer: Answer, says: RegExp])[] = [
    ['nobody answers', Object.assign(new Error('no'), { code: 'ECONNREFUSED' }), /ECONNREFUSED/],
    ['it is not there', new Response('', { status: 404 }), /HTTP_404/],
    ['the server is broken', new Response('', { status: 503 }), /HTTP_503/],
    ['it is not UTF-8', new Response(Buffer.from([0x3c, 0xff])), /not UTF-8/],
    ['it is too large', new Response('x'.repeat(2 * 1024 * 1024 + 1)), /TOO_LARGE/],
    ['it is redirected to another host', redirectTo('https://evil.example/metadata'), /redirected to another host/],
    ['it is redirected to another port', redirectTo('https://idp.example:444/metadata'), /redirected to another host/],
    ['it is redirected to plain http', redirectTo('http://idp.example/metadata'), /redirected to another host/],
    ['it is redirected for ever', async () => redirectTo('/metadata'), /redirected too often/],
  ];
  for (const [what, answer, says] of AWAY) {
    it(`since ${what} make the provider away, and are asked for again`, async () => {
      const bench = startBench({ answer });
      assert.equal(await bench.trust.known(), null);
      const [line = ''] = bench.news();
      assert.match(line, /^provider_metadata_failed: /);
      assert.match(line, says);
      assert.ok((bench.waits()[0] ?? 0) <= 2);
      assert.ok(bench.asked.length <= 4, `${bench.asked.length} requests`);
      bench.answer = metadata();
      await bench.pass(2);
      assert.equal(bench.trust.knownNow()?.entityId, ENTITY_ID);
    });
  }

  it('are asked for more and more rarely, a minute apart at most', async () => {
    const bench = startBench({ answer: new Response('', { status: 404 }) });
    await bench.trust.known();
    const waits: number[] = [];
    for (let i = 0; i < 8; i += 1) {
      const [wait = 0] = bench.waits();
      waits.push(Math.round(wait));
      await bench.pass(wait);
    }
    assert.deepEqual(waits, [2, 4, 8, 16, 32, 60, 60, 60]);
  });

  it('are followed to another place on the same host', async () => {
    const bench = startBench({
      answer: async (url) => (url === URL_OF ? redirectTo('/metadata/2') : new Response(metadata())),
    });
    assert.equal((await bench.trust.known())?.entityId, ENTITY_ID);
    assert.deepEqual(bench.asked, [URL_OF, 'https://idp.example/metadata/2']);
  });

  it('are given up after the timeout', async () => {
    const bench = startBench({ answer: (_url, signal) => untilAborted(signal), timeout: 0.05 });
    assert.equal(await bench.trust.known(), null);
    assert.match(bench.news()[0] ?? '', /TimeoutError/);
  });

  it('leave those from before in force, and are asked for again as often as ever', async () => {
    const bench = startBench({ answer: lasting('P1D') });
    await bench.trust.known();
    bench.answer = new Error('gone');
    await bench.pass(DAY + 3 * HOUR);
    assert.equal(bench.trust.knownNow()?.entityId, ENTITY_ID);
    assert.equal(bench.asked.length, 5);
    assert.deepEqual(bench.waits(), [HOUR]);
  });
});

describe('metadata that are not to be believed', () => {
  const REFUSED: readonly (readonly [what: string, answer: string, says: RegExp])[] = [
    ['broken', '<x', /not XML that can be read safely/],
    ['about another provider', metadata({ entityId: 'https://evil.example' }), /another one than before/],
    ['over', endingIn(-1), /its validUntil is over/],
  ];
  for (const [what, answer, says] of REFUSED) {
    it(`since they are ${what} leave those from before in force, with an alert`, async () => {
      const bench = startBench({});
      await bench.trust.known();
      bench.news();
      bench.answer = answer;
      await bench.pass(HOUR);
      assert.equal(bench.trust.knownNow()?.entityId, ENTITY_ID);
      const [line = '', ...more] = bench.news();
      assert.match(line, /^ALERT provider_metadata_failed: /);
      assert.match(line, says);
      assert.deepEqual(more, []);
    });
  }

  it('may not change who the provider is even after what was known is over', async () => {
    const bench = startBench({ answer: endingIn(HOUR) });
    await bench.trust.known();
    bench.answer = metadata({ entityId: 'https://evil.example' });
    await bench.pass(2 * HOUR);
    assert.equal(bench.trust.knownNow(), null);
  });

  it('are those of another issuer than the configured one, from the first time on', async () => {
    const bench = startBench({ issuer: 'https://idp.example/other' });
    assert.equal(await bench.trust.known(), null);
    assert.match(bench.news()[0] ?? '', /^ALERT .*does not describe the configured issuer/);
  });

  it('are those that the pinned certificate has not signed', async () => {
    const bench = startBench({ answer: signedMetadata(metadata(), NEXT), certificate: PAIR.certificate });
    assert.equal(await bench.trust.known(), null);
    bench.answer = signedMetadata(metadata(), PAIR);
    await bench.pass(2);
    assert.equal(bench.trust.knownNow()?.entityId, ENTITY_ID);
  });

  for (const [from, to, taken] of [
    ['https://idp.example/metadata', 'http://127.0.0.1/sso', false],
    ['http://127.0.0.1:8/metadata', 'http://127.0.0.1:8/sso', true],
    ['http://127.0.0.1:8/metadata', 'http://idp.example/sso', false],
  ] as const) {
    it(`${taken ? 'may' : 'must not'} lead from ${from} to ${to}`, async () => {
      const bench = startBench({ url: from, answer: metadata().replace('https://idp.example/sso', to) });
      assert.equal((await bench.trust.known()) !== null, taken);
    });
  }
});

describe('the end of metadata', () => {
  it('T089 disables the provider at that second, with an alert a week ahead, each day, and at the end', async () => {
    const bench = startBench({ answer: endingIn(30 * DAY) });
    await bench.trust.known();
    bench.news();
    bench.answer = new Error('gone');
    const alerts = () => bench.news().filter((line) => line.startsWith('ALERT'));
    await bench.pass(23 * DAY - 1);
    assert.deepEqual(alerts(), []);
    await bench.pass(1);
    assert.deepEqual(alerts(), ['ALERT provider_metadata_expire: in 7 days']);
    await bench.pass(DAY - 1);
    assert.deepEqual(alerts(), []);
    await bench.pass(6 * DAY);
    assert.deepEqual(alerts(), [
      ...[6, 5, 4, 3, 2].map((days) => `ALERT provider_metadata_expire: in ${days} days`),
      'ALERT provider_metadata_expire: in less than two days',
    ]);
    assert.equal((await bench.trust.known())?.entityId, ENTITY_ID);
    await bench.pass(1);
    assert.equal(await bench.trust.known(), null);
    assert.deepEqual(alerts(), [
      'ALERT provider_metadata_expired: nobody can sign in there until there are newer ones',
    ]);
    await bench.pass(3 * DAY);
    assert.deepEqual(alerts(), []);
  });

  it('is over with newer ones, soon after they are there', async () => {
    const bench = startBench({ answer: endingIn(HOUR) });
    await bench.trust.known();
    bench.answer = new Error('gone');
    await bench.pass(2 * HOUR);
    assert.equal(bench.trust.knownNow(), null);
    bench.answer = endingIn(30 * DAY);
    await bench.pass(60);
    assert.equal(bench.trust.knownNow()?.entityId, ENTITY_ID);
  });

  it('is no alert where it is always near and always put off', async () => {
    const bench = startBench({ answer: endingIn(2 * DAY) });
    await bench.trust.known();
    for (let hour = 1; hour < 100; hour += 1) {
      bench.answer = endingIn(2 * DAY + hour * HOUR);
      await bench.pass(HOUR);
    }
    assert.deepEqual(
      bench.news().filter((line) => line.startsWith('ALERT')),
      [],
    );
    bench.answer = new Error('gone');
    await bench.pass(DAY);
    assert.match(
      bench.news().find((line) => line.startsWith('ALERT')) ?? '',
      /provider_metadata_expire: in less than two days/,
    );
  });
});

describe('metadata in a file', () => {
  function startInFile(xml: string) {
    const idp = readMetadata(xml, { issuer: null, certificate: null, plainLoopback: () => false });
    assert.ok(!('problem' in idp));
    const said: string[] = [];
    let now = START;
    const waiting: { run: () => void; at: number }[] = [];
    const trust = startTrust({
      config: { name: 'partner', metadata: { kind: 'file', path: 'idp.xml', idp }, issuer: null, timeout: 5 },
      clock: { now: () => now },
      random: () => '_____w',
      log: () => {},
      alert: (event, detail) => said.push(`${event}: ${detail}`),
      schedule: (run, seconds) => {
        waiting.push({ run, at: now + seconds });
        return () => waiting.splice(0);
      },
      fetch: async () => assert.fail('a file is not fetched'),
    });
    const move = (seconds: number): void => {
      now += seconds;
      for (const { run } of waiting.splice(0)) run();
    };
    return { trust, said, waiting, move };
  }

  it('are known at once', () => {
    assert.equal(startInFile(metadata()).trust.knownNow()?.entityId, ENTITY_ID);
  });

  it('are believed until they end, with an alert as soon as that is a week away', async () => {
    const { trust, said, move } = startInFile(endingIn(3 * DAY));
    assert.deepEqual(said, ['provider_metadata_expire: in 3 days']);
    move(3 * DAY - 1);
    assert.equal(trust.knownNow()?.entityId, ENTITY_ID);
    move(1);
    assert.equal(await trust.known(), null);
    assert.equal(said.at(-1), 'provider_metadata_expired: nobody can sign in there until there are newer ones');
  });

  it('are looked at no more once they are closed', () => {
    const { trust, waiting } = startInFile(endingIn(3 * DAY));
    assert.equal(waiting.length, 1);
    trust.close();
    assert.equal(waiting.length, 0);
  });
});

describe('a trust that is closed', () => {
  it('asks no more, and knows nothing', async () => {
    const bench = startBench({ answer: endingIn(30 * DAY) });
    await bench.trust.known();
    bench.trust.close();
    assert.deepEqual(bench.waits(), []);
    assert.equal(await bench.trust.known(), null);
  });

  it('breaks off what is under way, and says nothing of it', async () => {
    const bench = startBench({ answer: (_url, signal) => untilAborted(signal), timeout: 600 });
    const known = bench.trust.known();
    bench.trust.close();
    assert.equal(await known, null);
    assert.deepEqual([bench.news(), bench.waits()], [[], []]);
  });
});

function redirectTo(location: string): Response {
  return new Response(null, { status: 302, headers: { location } });
}

const untilAborted = (signal: AbortSignal): Promise<Response> =>
  new Promise((_resolve, reject) => {
    const give = (): void => reject(signal.reason);
    if (signal.aborted) give();
    else signal.addEventListener('abort', give);
  });

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readFetched, readHere } from '../../../src/providers/saml/read-fetched.ts';
import { aggregate, ENTITY_ID, metadata, PAIR, signedMetadata } from '../../support/fake-metadata.ts';

const FEDERATION = aggregate([
  ...Array.from({ length: 100 }, (_, i) => metadata({ entityId: `urn:idp:${i}` })),
  metadata(),
]);
const WANTED = { url: 'https://federation.example/all', issuer: ENTITY_ID, certificate: null };
const never = (): AbortSignal => new AbortController().signal;

describe('a large metadata document', () => {
  it('is read in another thread as it would be in this one', async () => {
    assert.ok(FEDERATION.length > 64 * 1024);
    const read = await readFetched({ ...WANTED, text: FEDERATION }, never());
    assert.ok(!('problem' in read));
    assert.deepEqual(read, readHere({ ...WANTED, text: FEDERATION }));
  });

  it('is verified there', async () => {
    const fetched = { ...WANTED, certificate: PAIR.certificate };
    const read = await readFetched({ ...fetched, text: signedMetadata(FEDERATION, PAIR) }, never());
    assert.ok('entityId' in read && read.entityId === ENTITY_ID);
    assert.match(JSON.stringify(await readFetched({ ...fetched, text: FEDERATION }, never())), /not signed as a whole/);
  });

  it('leaves this thread to others while it is read', async () => {
    let turns = 0;
    const counting = setInterval(() => {
      turns += 1;
    }, 1);
    await readFetched({ ...WANTED, text: FEDERATION }, never());
    clearInterval(counting);
    assert.ok(turns > 3, `${turns}`);
  });

  it('is given up when nobody wants it any more', async () => {
    const stop = new AbortController();
    const read = readFetched({ ...WANTED, text: FEDERATION }, stop.signal);
    stop.abort();
    assert.deepEqual(await read, { problem: 'it takes too long to read' });
  });
});

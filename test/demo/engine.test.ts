import assert from 'node:assert/strict';
import { it } from 'node:test';
import { loadEngine } from '../../src/demo/oidc/engine.ts';

it('a demo without its optional package says what to install', async () => {
  const missing = () => Promise.reject(new Error('no such package'));
  await assert.rejects(loadEngine(missing), (error: Error & { code?: string }) => {
    assert.equal(error.code, 'STEPGATE_DEMO_UNAVAILABLE');
    assert.match(error.message, /npm install --include=optional/);
    return true;
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findChromium, HOW_TO } from '../../scripts/browser.js';

describe('looking for Chromium', () => {
  it('takes the first place there is', () => {
    assert.equal(
      findChromium({}, (path) => path.startsWith('/usr/bin/google')),
      '/usr/bin/google-chrome',
    );
  });

  it('takes the one that is named, and no other in its place', () => {
    const env = { STEPGATE_CHROMIUM: '/somewhere/chromium' };
    assert.equal(
      findChromium(env, () => true),
      '/somewhere/chromium',
    );
    assert.equal(
      findChromium(env, (path) => path === '/usr/bin/chromium'),
      null,
    );
  });

  it('says how to get one where there is none', () => {
    assert.equal(
      findChromium({}, () => false),
      null,
    );
    assert.match(HOW_TO, /apt-get install chromium/);
    assert.match(HOW_TO, /STEPGATE_CHROMIUM=/);
  });
});

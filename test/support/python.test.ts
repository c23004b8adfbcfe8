import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findPython, HOW_TO } from '../../scripts/python.js';

describe('looking for a Python that verifies', () => {
  it('takes the first one that can', () => {
    assert.equal(
      findPython({}, (python) => python === 'python3'),
      'python3',
    );
  });

  it('takes the one that is named, and no other in its place', () => {
    const env = { STEPGATE_PYTHON: '/somewhere/python' };
    assert.equal(
      findPython(env, () => true),
      '/somewhere/python',
    );
    assert.equal(
      findPython(env, (python) => python === 'python3'),
      null,
    );
  });

  it('says how to get one where there is none', () => {
    assert.equal(
      findPython({}, () => false),
      null,
    );
    assert.match(HOW_TO, /apt-get install python3-jwt python3-cryptography/);
    assert.match(HOW_TO, /STEPGATE_PYTHON=/);
  });
});

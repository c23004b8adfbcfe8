import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import type { Question } from '../../../src/providers/saml/judge.ts';
import { type Verifier, verifyHere } from '../../../src/providers/saml/verifier.ts';
import { createVerifiers, type VerifiersOptions } from '../../../src/providers/saml/verifiers.ts';
import { type SamlBench, startSamlBench } from '../../support/saml-bench.ts';

describe('threads that judge responses', () => {
  const asked: Question[] = [];
  const listening: Verifier = {
    ...verifyHere,
    judge: (question, timeout) => {
      asked.push(question);
      return verifyHere.judge(question, timeout);
    },
  };
  let bench: SamlBench;
  let verifiers: Verifier;
  before(async () => {
    bench = await startSamlBench({}, listening);
    verifiers = createVerifiers();
  });
  after(async () => {
    verifiers.close();
    await bench.stop();
  });

  it('come to the same as this thread does, whatever they are asked', async () => {
    asked.length = 0;
    bench.idp.script.person = { nameId: 'alice', attributes: { groups: ['hr', 'it'], mail: ['alice@corp.example'] } };
    await bench.answer();
    await bench.answer((xml) => xml.replace('alice', 'mallory'));
    await bench.answer(() => 'no XML');
    assert.equal(asked.length, 3);
    for (const question of asked) {
      assert.deepEqual(await verifiers.judge(question, 10), await verifyHere.judge(question, 10));
    }
  });

  it('answer twenty at once, each its own question', async () => {
    asked.length = 0;
    for (let i = 0; i < 20; i += 1) await bench.answer();
    const answers = await Promise.all(asked.map((question) => verifiers.judge(question, 10)));
    assert.deepEqual(
      answers.map((answer) => answer.inResponseTo),
      (await Promise.all(asked.map((question) => verifyHere.judge(question, 10)))).map(
        ({ inResponseTo }) => inResponseTo,
      ),
    );
    assert.ok(answers.every(({ ok }) => ok));
  });

  it('go on for a provider whose configuration was replaced meanwhile', async () => {
    const replaced = await startSamlBench({}, verifiers);
    const answer = replaced.answer();
    replaced.provider.close();
    assert.equal((await answer).ok, true);
    await replaced.stop();
  });
});

describe('a thread that does not do well', () => {
  const ENTRY = new URL('./moody-worker.ts', import.meta.url);
  const moody = (options: VerifiersOptions = {}): Verifier => createVerifiers({ entry: ENTRY, threads: 1, ...options });
  const question = (field: string): Question => ({ field }) as Question;
  const detailOf = async (verifiers: Verifier, field: string, timeout = 20): Promise<string> => {
    const answer = await verifiers.judge(question(field), timeout);
    return answer.ok ? 'believed' : `${answer.failure}: ${answer.detail}`;
  };

  for (const [says, mood, timeout, word] of [
    ['crashes', 'crash', 20, 'verification broke off'],
    ['leaves', 'exit', 20, 'verification broke off'],
    ['takes all the memory it gets', 'hoard', 60, 'verification broke off'],
    ['hangs', 'hang', 0.3, 'response took too long to verify'],
  ] as const) {
    it(`that ${says}: is replaced, and only its own question fails`, async () => {
      const verifiers = moody();
      const [failed, later] = await Promise.all([detailOf(verifiers, mood, timeout), detailOf(verifiers, 'hello')]);
      assert.equal(failed, `invalid_response: ${word}`);
      assert.equal(later, 'invalid_response: hello');
      verifiers.close();
    });
  }

  it('sees nothing of the environment', async () => {
    const verifiers = moody();
    assert.equal(await detailOf(verifiers, 'environment'), 'invalid_response: variables: 0');
    verifiers.close();
  });

  it('lets as many wait as there is room for, and tells the others at once', async () => {
    const verifiers = moody({ waiting: 2 });
    const patient = ['hang', 'one', 'two'].map((mood) => detailOf(verifiers, mood, mood === 'hang' ? 0.3 : 20));
    assert.equal(await detailOf(verifiers, 'three'), 'provider_unavailable: too many responses at once');
    assert.deepEqual(await Promise.all(patient), [
      'invalid_response: response took too long to verify',
      'invalid_response: one',
      'invalid_response: two',
    ]);
    verifiers.close();
  });

  it('makes nobody wait for longer than the timeout', async () => {
    const verifiers = moody();
    const hanging = detailOf(verifiers, 'hang', 20);
    assert.equal(await detailOf(verifiers, 'hello', 0.2), 'provider_unavailable: too many responses at once');
    verifiers.close();
    assert.equal(await hanging, 'invalid_response: verification broke off');
  });

  it('is asked nothing any more once it is closed', async () => {
    const verifiers = moody();
    const [asked, waiting] = [detailOf(verifiers, 'hang'), detailOf(verifiers, 'hello')];
    verifiers.close();
    const broken = 'invalid_response: verification broke off';
    assert.deepEqual(await Promise.all([asked, waiting]), [broken, broken]);
    assert.equal(await detailOf(verifiers, 'hello'), 'provider_unavailable: too many responses at once');
  });

  it('keeps no process alive that has nothing else to do', () => {
    const file = new URL('../../../src/providers/saml/verifiers.ts', import.meta.url);
    const code = `import { createVerifiers } from ${JSON.stringify(file.href)}; createVerifiers().prepare();`;
    const { status, signal } = spawnSync(process.execPath, ['--input-type=module', '-e', code], { timeout: 30_000 });
    assert.deepEqual([status, signal], [0, null]);
  });
});

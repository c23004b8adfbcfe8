import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { check } from '../../src/cli/check.ts';
import type { Command, CommandIo } from '../../src/cli/command.ts';
import { createExplain } from '../../src/cli/explain.ts';
import { GATEWAY, KEY, POLICIES } from '../config/fixture.ts';
import { metadata } from '../support/fake-metadata.ts';
import { MFA_CLASS, PASSWORD_CLASS } from '../support/saml-stage.ts';

const CORP = `  corp:
    type: saml
    metadata: idp.xml
    entity_id: urn:stepgate
    levels: {password: {class_ref: "${PASSWORD_CLASS}"}, mfa: {class_ref: ["${MFA_CLASS}", "urn:example:mfa"]}}
`;
const FILES: Readonly<Record<string, string>> = {
  '/etc/gw/gateway.yaml': GATEWAY.replace(/ {2}corp:\n[\s\S]*?(?= {2}partner:)/, () => CORP),
  '/etc/gw/policies.yaml': POLICIES,
  '/etc/gw/idp.xml': metadata(),
};

async function run(command: Command, args: readonly string[], files = FILES): Promise<{ code: number; out: string }> {
  let out = '';
  const io: CommandIo = {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      out += text;
    },
    env: (name) => ({ KEY, CLIENT: 'x' })[name],
    readFile: (path) => {
      const text = files[path];
      if (text === undefined) throw new Error('ENOENT');
      return Buffer.from(text);
    },
    cwd: '/etc/gw',
  };
  return { code: await command(args, io), out };
}

describe('the commands, where people sign in over SAML', () => {
  it('check finds nothing wrong in what is fine', async () => {
    const { code, out } = await run(check, []);
    assert.equal(code, 0, out);
    assert.match(out, /^gateway\.yaml and policies\.yaml: fine/);
  });

  it('check points to the line that names metadata that cannot be used', async () => {
    const { code, out } = await run(check, [], { ...FILES, '/etc/gw/idp.xml': '<html>' });
    assert.equal(code, 1);
    const message = 'the metadata in idp.xml cannot be used: it is not XML that can be read safely';
    assert.ok(
      out.startsWith(`gateway.yaml:12:15  bad-metadata  ${message}\n  |     metadata: idp.xml\n  |               ^\n`),
      out,
    );
  });

  it('check --without-secrets reads neither keys nor metadata', async () => {
    const { '/etc/gw/idp.xml': _metadata, ...files } = FILES;
    assert.equal((await run(check, ['--without-secrets'], files)).code, 0);
    assert.equal((await run(check, [], files)).code, 1);
  });

  it('check notices metadata that are over', async () => {
    const over = metadata({ entity: 'validUntil="2020-01-01T00:00:00Z"' });
    const { code, out } = await run(check, [], { ...FILES, '/etc/gw/idp.xml': over });
    assert.equal(code, 0);
    assert.match(out, /^gateway\.yaml:12:15 {2}metadata-expired {2}/);
  });

  it('explain says which classes would be asked for', async () => {
    const explain = createExplain({ now: () => 1_795_435_200 });
    const { code, out } = await run(explain, [
      'POST',
      'https://payroll.example.com/pay/runs/7',
      '--session',
      'password=10m',
    ]);
    assert.equal(code, 0, out);
    assert.match(out, /challenge/);
    assert.ok(out.includes(`exact ${MFA_CLASS} urn:example:mfa`), out);
    assert.ok(!out.includes('acr_values'));
  });
});

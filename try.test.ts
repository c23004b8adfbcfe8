import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startFakeIdp } from './test/support/fake-idp.ts';
import { startStage } from './test/support/stage.ts';
const MFA = 'https://refeds.org/profile/mfa', PWD = 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport';
test('saml', async () => {
  const idp = await startFakeIdp();
  const stage = await startStage({ files: { 'idp.xml': idp.metadata }, gateway: (text) => text.replace(/  corp:[\s\S]*?(?=\napps:)/, `  corp:
    type: saml
    metadata: idp.xml
    entity_id: urn:stepgate
    levels: {password: {class_ref: "${PWD}"}, mfa: {class_ref: "${MFA}"}}
`) });
  const v = stage.visitor();
  const go = async (path: string) => {
    const r = await v.open(path);
    assert.equal(r.status, 303, r.text);
    const posted = await idp.visit(r.location ?? '');
    const t=process.hrtime.bigint();
    const acs = await stage.visitor().open(new URL(posted.acs).pathname, { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'cross-site', origin: idp.origin }, body: new URLSearchParams(posted.form).toString() });
    console.log('acs ms', Number(process.hrtime.bigint()-t)/1e6, acs.status, acs.location, posted.form.RelayState.length);
    const u = new URL(acs.location ?? '');
    const back = await v.open(u.pathname + u.search);
    console.log(back.status, back.location, back.status === 303 ? '' : back.text.slice(-400), stage.events("step_up_failed").slice(-1));
    return posted;
  };
  await go('/home');
  console.log((await v.open('/home')).status, stage.upstream.received.at(-1)?.headers['x-auth-level']);
  const p = await go('/admin/x');
  console.log((await v.open('/admin/x')).status, p.request);
  for (let i = 0; i < 5; i++) { const w = stage.visitor(); const r = await w.open('/home'); const posted = await idp.visit(r.location ?? ''); const t=process.hrtime.bigint(); await stage.visitor().open(new URL(posted.acs).pathname, { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: new URLSearchParams(posted.form).toString() }); console.log('acs ms', Number(process.hrtime.bigint()-t)/1e6); }
  console.log((await v.open('/.stepgate/saml/corp/metadata')).text);
  await stage.stop(); await idp.stop();
});

/**
 * The stage with a SAML provider before it: the scripted one of fake-idp.ts.
 *
 *   const stage = await startSamlStage();
 *   stage.idp.script.person = {nameId: 'bob'};
 *   const alice = stage.visitor();
 *   await stage.signIn(alice);                                   // a whole trip
 *   const posted = await stage.depart(alice, '/admin/people');   // as far as the provider's page, which has not posted yet
 *   const handed = await stage.post(posted);                     // the 303 to `continue`, or why not
 *   await alice.open(targetOf(handed.location ?? ''));
 */
import assert from 'node:assert/strict';
import { type FakeIdp, type FakeIdpScript, type Posted, startFakeIdp } from './fake-idp.ts';
import { type Rewritten, type Stage, type StageOptions, startStage } from './stage.ts';
import type { Reply, Sending, Visitor } from './visitor.ts';

export const PASSWORD_CLASS = 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport';
export const MFA_CLASS = 'https://refeds.org/profile/mfa';
export const ACS = '/.stepgate/saml/corp/acs';
export const CONTINUE = '/.stepgate/saml/corp/continue';

export interface SamlStageOptions extends StageOptions {
  /** The metadata that the gateway has of the provider, in place of its own. */
  readonly metadata?: (idp: FakeIdp) => string;
}

export interface SamlStage extends Stage {
  readonly idp: FakeIdp;
  /** What was added to the provider's entry at the start. */
  readonly provider: string;
  /** Text of the files that gateway.yaml names: what is changed here holds from the next reload on. */
  readonly files: Record<string, string>;
  /** Puts the provider's script back to what it was at the start. */
  straighten(): void;
  /** Opens a page and signs in at the provider: what its page is about to post. */
  depart(visitor: Visitor, page: string): Promise<Posted>;
  /** Posts it as a browser does across sites: without any cookie of ours. */
  post(posted: Pick<Posted, 'form'>, sending?: Sending): Promise<Reply>;
  /** Follows redirects as a browser does, through provider and gateway, until a page. A chain of 20 is a loop. */
  browse(visitor: Visitor, target: string): Promise<{ readonly reply: Reply; readonly trips: number }>;
}

/** Path and query of a URL, as a browser puts them on the wire. */
export const targetOf = (url: string | null): string => {
  assert.ok(url !== null, 'nothing to go to');
  const { pathname, search } = new URL(url);
  return pathname + search;
};

/** What a browser says of a form that a page of the provider posts. */
export const postedBy = (origin: string): Readonly<Record<string, string>> => ({
  'content-type': 'application/x-www-form-urlencoded',
  'sec-fetch-site': 'cross-site',
  origin,
});

/** `provider` of the options is text for the entry of the SAML provider, which is called `corp` as the other one is. */
export async function startSamlStage(options: SamlStageOptions = {}): Promise<SamlStage> {
  const { metadata = (one: FakeIdp) => one.metadata, gateway = (text: string) => text } = options;
  const idp = await startFakeIdp();
  const straight: FakeIdpScript = { ...idp.script };
  const files: Record<string, string> = { ...options.files, 'idp.xml': metadata(idp) };
  const overSaml = ({ provider = options.provider ?? '', ...rewritten }: Rewritten): Rewritten => ({
    ...rewritten,
    provider: '',
    gateway: (text) => (rewritten.gateway ?? gateway)(text.replace(/ {2}corp:[\s\S]*?(?=\napps:)/, entry(provider))),
  });
  const stage = await startStage({ ...options, ...overSaml({}), files });

  const post = (posted: Pick<Posted, 'form'>, { headers = {}, ...sending }: Sending = {}): Promise<Reply> =>
    stage.visitor().open(ACS, {
      method: 'POST',
      body: new URLSearchParams(posted.form).toString(),
      headers: { ...postedBy(idp.origin), ...headers },
      ...sending,
    });
  const answered = async (redirect: Reply): Promise<Posted> => {
    assert.equal(redirect.status, 303, redirect.text);
    return idp.visit(redirect.location ?? '');
  };
  /** From the redirect to the provider to whatever answers the browser when it comes back for the result. */
  const passProvider = async (visitor: Visitor, redirect: Reply): Promise<Reply> => {
    const handed = await post(await answered(redirect));
    return handed.status === 303 ? visitor.open(targetOf(handed.location)) : handed;
  };
  return {
    ...stage,
    idp,
    provider: options.provider ?? '',
    files,
    straighten: () => void Object.assign(idp.script, straight),
    depart: async (visitor, page) => answered(await visitor.open(page)),
    post,
    passProvider,
    signIn: async (visitor, target = '/home') => passProvider(visitor, await visitor.open(target)),
    reload: (rewritten = {}) => stage.reload(overSaml(rewritten)),
    async browse(visitor, target) {
      let reply = await visitor.open(target);
      let trips = 0;
      for (let hops = 0; reply.status === 303; hops += 1) {
        assert.ok(hops < 20, 'a loop');
        const { origin } = new URL(reply.location ?? '');
        if (origin === idp.origin) trips += 1;
        reply = await (origin === idp.origin ? passProvider(visitor, reply) : visitor.open(targetOf(reply.location)));
      }
      return { reply, trips };
    },
    async stop() {
      await stage.stop();
      await idp.stop();
    },
  };
}

const entry = (more: string): string => `  corp:
    type: saml
    metadata: idp.xml
    entity_id: urn:stepgate
    claims: {email: mail, name: cn, groups: groups}
    levels:
      password: {class_ref: "${PASSWORD_CLASS}"}
      mfa: {class_ref: "${MFA_CLASS}"}
${more}
`;

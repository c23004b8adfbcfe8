import { randomBytes } from 'node:crypto';
import { SUPPORTED_ACRS } from '../acr.ts';
import { brokenPage, signedOutPage, signOutPage } from '../idp-pages.ts';
import { type DemoPerson, personNamed } from '../people.ts';
import { CLAIMS_OF_SCOPES, claimsOf, GRANTED_CLAIMS, GRANTED_SCOPES } from './claims.ts';
import type { Engine, EngineContext, Grant } from './engine.ts';
import { memoryAdapter } from './memory-adapter.ts';
import { promptPolicy } from './prompting.ts';

/** What the configuration is made of. */
export interface Parts {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly engine: Engine;
  readonly people: readonly DemoPerson[];
  readonly clients: readonly object[];
  readonly jwks: object;
  readonly headers: Readonly<Record<string, string>>;
}

const HOUR = 3600;

/** oidc-provider's configuration. What it would otherwise say on the console about defaults is set here. */
export function engineConfiguration({ engine, people, clients, jwks, headers, now }: Parts): object {
  return {
    acrValues: SUPPORTED_ACRS,
    adapter: memoryAdapter(now),
    claims: CLAIMS_OF_SCOPES,
    clients: clients.map((client) => ({ ...client, grant_types: ['authorization_code'], response_types: ['code'] })),
    clientBasedCORS: () => false,
    // Claims of the scopes come in the ID token too: the gateway asks by name, other clients may not.
    conformIdTokenClaims: false,
    // Ports of one host share cookies: the names must be nobody else's.
    cookies: {
      names: { session: 'demo-idp-session', interaction: 'demo-idp-interaction', resume: 'demo-idp-resume' },
      keys: [randomBytes(32).toString('base64url')],
    },
    features: {
      claimsParameter: { enabled: true },
      devInteractions: { enabled: false },
      pushedAuthorizationRequests: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx: EngineContext, form: string) => {
          const person = personNamed(people, ctx.oidc.session.accountId);
          send(ctx, headers, signOutPage(person?.name ?? 'somebody', { markup: form }));
        },
        postLogoutSuccessSource: (ctx: EngineContext) => send(ctx, headers, signedOutPage()),
      },
    },
    findAccount: (_ctx: unknown, id: string) => accountOf(personNamed(people, id)),
    interactions: {
      policy: promptPolicy(engine, people),
      url: (_ctx: unknown, interaction: { uid: string }) => `/interaction/${interaction.uid}`,
    },
    jwks,
    loadExistingGrant: grantEverything,
    pkce: { required: () => true },
    renderError: (ctx: EngineContext) => renderError(ctx, headers),
    ttl: {
      AccessToken: HOUR,
      AuthorizationCode: 60,
      Grant: 12 * HOUR,
      IdToken: HOUR,
      Interaction: 600,
      Session: 12 * HOUR,
    },
  };
}

function accountOf(person: DemoPerson | null): object | undefined {
  return person === null ? undefined : { accountId: person.username, claims: async () => claimsOf(person) };
}

/** The only clients are ours: nobody is asked whether they may know who signed in. */
async function grantEverything({ oidc }: EngineContext): Promise<Grant | undefined> {
  const { clientId } = oidc.client;
  const accountId = oidc.account?.accountId;
  if (accountId === undefined) return undefined;
  const { Grant } = oidc.provider;
  const grantId = oidc.session.grantIdFor(clientId);
  const known = grantId === undefined ? undefined : await Grant.find(grantId);
  if (known !== undefined) return known;
  const grant = new Grant({ accountId, clientId });
  grant.addOIDCScope(GRANTED_SCOPES);
  grant.addOIDCClaims(GRANTED_CLAIMS);
  await grant.save();
  return grant;
}

function renderError(ctx: EngineContext, headers: Parts['headers']): void {
  const sentence =
    'The application sent a request that this identity provider does not take. Go back to the application and try again.';
  send(ctx, headers, brokenPage('This request cannot be answered', sentence));
}

function send(ctx: EngineContext, headers: Parts['headers'], page: string): void {
  for (const [name, value] of Object.entries(headers)) ctx.set(name, value);
  ctx.body = page;
}

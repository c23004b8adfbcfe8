import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { loadOptional } from '../optional.ts';
import type { Progress } from '../trip.ts';

/**
 * The part of oidc-provider 9 that the demo uses. The package is an optional dependency and brings no types, so what is
 * relied upon is written down here.
 */
export interface Engine {
  readonly Provider: new (issuer: string, configuration: unknown) => EngineProvider;
  readonly interactionPolicy: {
    base(): PromptList;
    readonly Check: new (reason: string, description: string, check: (ctx: EngineContext) => boolean) => object;
  };
}

export interface EngineProvider {
  /** Koa: whether errors stay off the console. */
  silent: boolean;
  callback(): RequestListener;
  interactionDetails(request: IncomingMessage, response: ServerResponse): Promise<Interaction>;
  interactionResult(
    request: IncomingMessage,
    response: ServerResponse,
    result: InteractionResult,
    options: { mergeWithLastSubmission: boolean },
  ): Promise<string>;
  readonly Session: { findByUid(uid: string): Promise<{ destroy(): Promise<void> } | undefined> };
}

/** One interruption of an authorization request to ask the person for something. */
export interface Interaction {
  readonly uid: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly prompt: { readonly name: string; readonly reasons: readonly string[] };
  readonly result?: InteractionResult;
  session?: { readonly accountId: string; readonly uid?: string } | undefined;
  persist(): Promise<unknown>;
}

export interface InteractionResult {
  readonly login?: { readonly accountId: string; readonly acr: string; readonly amr: readonly string[] };
  /** Ours: what was done so far where more is asked. */
  readonly progress?: Progress;
  readonly error?: string;
  readonly error_description?: string;
}

export interface PromptList {
  get(name: string): {
    readonly checks: { add(check: object): void; clear(): void };
  };
}

export interface EngineContext {
  body: unknown;
  type: string;
  set(name: string, value: string): void;
  readonly oidc: {
    readonly account?: { readonly accountId: string };
    readonly client: { readonly clientId: string };
    readonly params: Readonly<Record<string, unknown>>;
    readonly prompts: ReadonlySet<string>;
    readonly result?: InteractionResult;
    readonly session: {
      readonly accountId?: string;
      readonly acr?: string;
      grantIdFor(clientId: string): string | undefined;
    };
    readonly provider: { readonly Grant: GrantModel };
  };
}

interface GrantModel {
  new (of: { accountId: string; clientId: string }): Grant;
  find(id: string): Promise<Grant | undefined>;
}

export interface Grant {
  addOIDCScope(scopes: string): void;
  addOIDCClaims(claims: readonly string[]): void;
  save(): Promise<string>;
}

/** Typed as text: the compiler shall not look for a package that need not be there. */
const PACKAGE: string = 'oidc-provider';

/**
 * Loads oidc-provider.
 *
 * @throws Error with code `STEPGATE_DEMO_UNAVAILABLE` when the package is not installed
 */
export const loadEngine = (load: () => Promise<Engine> = loadQuietly): Promise<Engine> => loadOptional(PACKAGE, load);

/**
 * The modules behind the package's entry: the entry itself does nothing but warn on the console about every Node that
 * does not call itself a long-term one. Should they ever move, the entry will do.
 */
async function loadQuietly(): Promise<Engine> {
  try {
    const { Provider }: Engine = await import(`${PACKAGE}/lib/provider.js`);
    const interactionPolicy: Engine['interactionPolicy'] = await import(
      `${PACKAGE}/lib/helpers/interaction_policy/index.js`
    );
    return { Provider, interactionPolicy };
  } catch {
    return import(PACKAGE);
  }
}

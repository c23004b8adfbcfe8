import * as client from 'openid-client';
import type { OidcProviderConfig } from '../config/world.ts';
import type { Seconds } from '../core/time.ts';
import type { Clock, Random } from '../ports.ts';
import { clientAuthentication } from './client-auth.ts';
import { codesOf } from './failure.ts';
import { isPlainLoopback, metadataProblem, pushesRequests, safeUrl } from './metadata.ts';
import { heldKeys, wholeAnswers } from './transport.ts';

/** Runs something later, once; returns how to call it off. The process does not wait for it. */
export type Schedule = (run: () => void, seconds: Seconds) => () => void;

/** What is known of a provider once it was discovered. */
export interface Discovered {
  readonly configuration: client.Configuration;
  readonly issuer: string;
  readonly takesClaims: boolean;
  /** Requests are pushed before the person is sent (RFC 9126). */
  readonly pushes: boolean;
  /** Where people sign out of the provider (OpenID Connect RP-Initiated Logout 2.1), null where they cannot. */
  readonly endSessionEndpoint: string | null;
}

/** Knowledge of a provider, gathered in the background. */
export interface Discovery {
  /** What is known now. Waits for the first attempt, and for no other; null when there is nothing to wait for. */
  known(): Promise<Discovered | null>;
  /** The same without waiting for anything. */
  knownNow(): Discovered | null;
  close(): void;
}

export interface DiscoveryOptions {
  readonly config: OidcProviderConfig;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: (event: string, detail: string) => void;
  readonly schedule: Schedule;
  readonly fetch: client.CustomFetch;
}

/** Metadata is asked for anew after this, in the background; when that fails, what was known stays. */
export const REFRESH_EVERY: Seconds = 3600;
const LONGEST_WAIT: Seconds = 60;

/** Seconds to wait after the nth failure in a row: doubling from 1 s to 60 s, spread so that instances do not march in step. */
export function backOff(failures: number, random: Random): Seconds {
  const ceiling = Math.min(LONGEST_WAIT, 2 ** failures);
  const bytes = Buffer.from(random(2), 'base64url');
  const fraction = ((bytes[0] ?? 0) * 256 + (bytes[1] ?? 0)) / 65536;
  return ceiling / 2 + (ceiling / 2) * fraction;
}

/** Starts to discover a provider. Nothing that goes wrong is thrown; it is logged and tried again. */
export function startDiscovery(options: DiscoveryOptions): Discovery {
  const { random, log, schedule } = options;
  const stop = new AbortController();
  const answers = wholeAnswers(options.fetch);
  const keys = heldKeys(answers, options.clock);
  let found: Discovered | null = null;
  let failures = 0;
  let cancel = () => {};

  async function attempt(): Promise<void> {
    const outcome = await discover(options, answers, keys, stop.signal);
    if (stop.signal.aborted) return;
    if ('problem' in outcome) {
      failures += 1;
      log('provider_discovery_failed', outcome.problem);
    } else {
      failures = 0;
      if (found === null || !sameMetadata(found, outcome)) {
        found = outcome;
        log('provider_discovered', outcome.issuer);
        if (options.config.logout === 'provider' && outcome.endSessionEndpoint === null) {
          log('provider_without_sign_out', outcome.issuer);
        }
      }
    }
    cancel = schedule(() => void attempt(), found === null ? backOff(failures, random) : REFRESH_EVERY);
  }

  const first = attempt();
  return {
    known: async () => {
      if (found === null && !stop.signal.aborted) await first;
      return stop.signal.aborted ? null : found;
    },
    knownNow: () => (stop.signal.aborted ? null : found),
    close: () => {
      stop.abort();
      cancel();
    },
  };
}

/** One attempt. The configuration it makes keeps its keys, so the old one stays where nothing has changed. */
async function discover(
  { config, clock }: Pick<DiscoveryOptions, 'config' | 'clock'>,
  answers: client.CustomFetch,
  keys: client.CustomFetch,
  stop: AbortSignal,
): Promise<Discovered | { readonly problem: string }> {
  const { issuer, timeout } = config;
  try {
    const configuration = await client.discovery(
      new URL(issuer),
      config.clientId,
      { id_token_signed_response_alg: config.idTokenAlgorithm, [client.clockTolerance]: config.clockTolerance },
      clientAuthentication(config, clock),
      {
        timeout,
        execute: [
          // Without it the library leaves the ID token's signature unchecked in the code flow (Core 3.1.3.7, 6).
          client.enableNonRepudiationChecks,
          ...(isPlainLoopback(issuer) ? [client.allowInsecureRequests] : []),
        ],
        [client.customFetch]: (url, request) =>
          answers(url, { ...request, signal: AbortSignal.any([stop, ...(request.signal ? [request.signal] : [])]) }),
      },
    );
    const metadata = configuration.serverMetadata();
    const problem = metadataProblem(metadata, issuer, config);
    if (problem !== null) return { problem };
    const keysUrl = URL.parse(metadata.jwks_uri ?? '')?.href;
    configuration[client.customFetch] = (url, request) => (url === keysUrl ? keys : answers)(url, request);
    return {
      configuration,
      issuer: metadata.issuer,
      takesClaims: metadata.claims_parameter_supported === true,
      pushes: pushesRequests(metadata, config.par),
      endSessionEndpoint: safeUrl(metadata.end_session_endpoint, issuer),
    };
  } catch (error) {
    return { problem: codesOf(error) };
  }
}

const sameMetadata = (a: Discovered, b: Discovered): boolean =>
  JSON.stringify(a.configuration.serverMetadata()) === JSON.stringify(b.configuration.serverMetadata());

import * as client from 'openid-client';
import type { Failed } from '../ports.ts';
import type { Discovered } from './discovery.ts';
import { codesOf, failed } from './failure.ts';
import { isUnreachable } from './transport.ts';

/** Characters of a `request_uri` that still makes a URL every browser and proxy takes. RFC 9126 2.2: meant to be short. */
const LONGEST_REFERENCE = 1024;

/**
 * Pushes an authorization request to the provider (RFC 9126) and gives the address that refers to it: only `client_id` and
 * `request_uri` go through the browser, where nobody can read or change what is asked for. Good once, for a minute or so, so
 * it is made when the person is sent on and never before.
 */
export async function pushRequest(
  { configuration }: Discovered,
  parameters: URLSearchParams,
): Promise<string | Failed> {
  try {
    const url = await client.buildAuthorizationUrlWithPAR(configuration, parameters);
    const reference = url.searchParams.get('request_uri') ?? '';
    if (reference !== '' && reference.length <= LONGEST_REFERENCE) return url.href;
    return failed('provider_error', 'pushed request: no usable request_uri');
  } catch (error) {
    if (isUnreachable(error)) return failed('provider_unavailable', `pushed request: ${codesOf(error)}`);
    return failed('provider_error', `pushed request refused: ${codesOf(error)}`);
  }
}

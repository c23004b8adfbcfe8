import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { LRUCache } from 'lru-cache';
import { STATUS } from '../../saml/names.ts';
import type { IdpSite } from '../idp-server.ts';
import { interactionPath } from '../interactions.ts';
import { postItselfPage } from '../post-itself.ts';
import type { GivenUp, Progress, Trip, Trips } from '../trip.ts';
import type { AuthnRequest } from './authn-request.ts';
import { COOKIES, readCookie, setCookie } from './cookies.ts';
import { type Answerer, failureResponse, successResponse } from './response.ts';
import type { IdpSession, IdpSessions } from './sessions.ts';

/** A trip that began with an AuthnRequest. */
export interface SamlTrip extends Trip {
  readonly sent: AuthnRequest;
  /** Who is signed in, and how strongly. */
  readonly session: IdpSession | null;
}

interface Kept {
  readonly sent: AuthnRequest;
  /** In the cookie of the browser that brought the request. */
  readonly secret: string;
  readonly progress: Progress;
  /** Milliseconds since 1970. */
  readonly expires: number;
}

const LIFETIME_MS = 600_000;
const MAX_TRIPS = 5000;

/** Statuses (Core 3.2.2.2). */
const STATUS_OF: Readonly<Record<GivenUp | 'passive', string>> = {
  cancelled: STATUS.requestDenied,
  unmet: STATUS.noAuthnContext,
  too_many_codes: STATUS.authnFailed,
  passive: 'urn:oasis:names:tc:SAML:2.0:status:NoPassive',
};

export interface SamlTrips extends Trips<SamlTrip> {
  /** Keeps a request for the browser that brought it, and leads on to the pages. */
  begin(response: ServerResponse, sent: AuthnRequest): void;
}

/** Trips that begin with an AuthnRequest, and end with a page that posts the answer (Profiles 4.1.3). */
export function samlTrips(idp: Answerer, sessions: IdpSessions, { now, show }: IdpSite): SamlTrips {
  const trips = new LRUCache<string, Kept>({ max: MAX_TRIPS });

  function answer({ id, response, sent }: SamlTrip, xml: string): void {
    trips.delete(id);
    const fields = {
      SAMLResponse: Buffer.from(xml).toString('base64'),
      ...(sent.relayState === null ? {} : { RelayState: sent.relayState }),
    };
    show(response, 200, postItselfPage(sent.acs, fields), 'post_itself');
  }

  const refuse = (trip: SamlTrip, why: GivenUp | 'passive'): void =>
    answer(trip, failureResponse(idp, trip.sent, STATUS_OF[why]));

  return {
    begin(response, sent) {
      const id = randomBytes(16).toString('base64url');
      const secret = randomBytes(16).toString('base64url');
      trips.set(id, { sent, secret, progress: {}, expires: now() + LIFETIME_MS });
      setCookie(response, COOKIES.trip, secret, interactionPath(id));
      response.writeHead(303, { Location: interactionPath(id), 'Cache-Control': 'no-store' }).end();
    },

    async find(request: IncomingMessage, response, id) {
      const kept = trips.get(id);
      if (kept === undefined || kept.expires <= now() || readCookie(request, COOKIES.trip) !== kept.secret) return null;
      const { sent, progress } = kept;
      const session = sessions.find(readCookie(request, COOKIES.session));
      const isOther = sent.wanted !== null && sent.wanted !== session?.person.username;
      return {
        request,
        response,
        id,
        sent,
        session,
        asked: sent.asked,
        anew: sent.anew,
        wanted: sent.wanted,
        hint: sent.wanted ?? session?.person.username ?? '',
        remembered: isOther ? null : (session?.person ?? null),
        progress,
      };
    },

    answerAtOnce(trip) {
      const { session, sent } = trip;
      const isEnough = !sent.asked.essential || (session !== null && sent.asked.values.includes(session.acr));
      if (session !== null && trip.remembered !== null && !sent.anew && isEnough) {
        answer(trip, successResponse(idp, sent, session));
        return true;
      }
      if (sent.passive) refuse(trip, 'passive');
      return sent.passive;
    },

    async keep({ id }, progress) {
      const kept = trips.get(id);
      if (kept !== undefined) trips.set(id, { ...kept, progress });
    },

    /** AuthnInstant is the moment at which all of the authentication that the class speaks of was complete: now. */
    async finish(trip, person, acr) {
      const { session, cookie } = sessions.begin(readCookie(trip.request, COOKIES.session), person, acr);
      setCookie(trip.response, COOKIES.session, cookie);
      answer(trip, successResponse(idp, trip.sent, session));
    },

    giveUp: async (trip, why) => refuse(trip, why),
  };
}

import type { FastifyInstance, FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify';
import type { Passage } from './answer.ts';
import { json } from './answers.ts';
import { arrivalOf } from './arrival.ts';
import { answerAssertionKeys } from './assertion-keys.ts';
import { answerClientKeys } from './client-keys.ts';
import { type Answer, type Context, send } from './context.ts';
import { OWN_ROUTES } from './own-routes.ts';
import { refusalAnswer } from './refusals.ts';
import { ACS_LIMIT, answerAcs } from './saml/acs.ts';
import { answerContinue } from './saml/continue.ts';
import { answerMetadata } from './saml/metadata.ts';
import { createPostLimit } from './saml/post-limit.ts';
import { answerSlo, queryOf, SLO_LIMIT } from './saml/slo.ts';
import { answerSession } from './session.ts';
import { askSignOut, doSignOut } from './sign-out.ts';
import { showSignedOut } from './signed-out.ts';
import { answerCallback } from './trip/callback.ts';
import { answerStepUp } from './trip/step-up.ts';

/** Bytes of the largest body one of our own forms sends. */
const FORM_LIMIT = 4096;
/** Milliseconds of silence after which such a form is given up, with its connection. */
const FORM_SILENCE_MS = 10_000;

/** Registers the gateway's own routes. What else lies below `/.stepgate/` is 404, and never proxied. */
export async function ownRoutes(fastify: FastifyInstance, context: Context): Promise<void> {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
    done(null, body),
  );
  const posts = createPostLimit();
  const on = (answer: (passage: Passage, request: FastifyRequest) => Answer | Promise<Answer>) => {
    return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> =>
      send(reply, await answer(passageOf(context, request), request));
  };
  fastify.get(
    OWN_ROUTES.callback,
    on((passage, request) => answerCallback(passage, providerOf(request))),
  );
  fastify.post(
    OWN_ROUTES.acs,
    { onRequest: limitSilence, bodyLimit: ACS_LIMIT },
    on((passage, request) => answerAcs(passage, providerOf(request), request.body, posts)),
  );
  fastify.get(
    OWN_ROUTES.samlContinue,
    on((passage, request) => answerContinue(passage, providerOf(request))),
  );
  fastify.get(
    OWN_ROUTES.samlMetadata,
    on((passage, request) => answerMetadata(passage, providerOf(request))),
  );
  fastify.get(
    OWN_ROUTES.slo,
    on((passage, request) =>
      answerSlo(passage, providerOf(request), { binding: 'redirect', text: queryOf(passage.arrival.target) }),
    ),
  );
  fastify.post(
    OWN_ROUTES.slo,
    { onRequest: limitSilence, bodyLimit: SLO_LIMIT },
    on((passage, request) => answerSlo(passage, providerOf(request), { binding: 'post', text: textOf(request.body) })),
  );
  fastify.get(OWN_ROUTES.stepUp, on(answerStepUp));
  fastify.get(OWN_ROUTES.signOut, on(askSignOut));
  fastify.post(
    OWN_ROUTES.signOut,
    { onRequest: limitSilence, bodyLimit: FORM_LIMIT },
    on((passage, request) => doSignOut(passage, request.body)),
  );
  fastify.get(OWN_ROUTES.signedOut, on(showSignedOut));
  fastify.get(OWN_ROUTES.session, on(answerSession));
  fastify.get(OWN_ROUTES.assertionKeys, on(answerAssertionKeys));
  fastify.get(OWN_ROUTES.clientKeys, on(answerClientKeys));
  fastify.get(
    OWN_ROUTES.healthz,
    on(() => json(200, { status: 'ok' })),
  );
  fastify.get(
    OWN_ROUTES.readyz,
    on(() => (context.ledger.ready() ? json(200, { status: 'ready' }) : json(503, { status: 'ledger_unavailable' }))),
  );
  // Before anything of a body is read, whatever its type.
  const unknown = on(notFound);
  fastify.all('/.stepgate', { onRequest: unknown }, unknown);
  fastify.all('/.stepgate/*', { onRequest: unknown }, unknown);
}

const textOf = (body: unknown): string => (typeof body === 'string' ? body : '');

const providerOf = (request: FastifyRequest): string => (request.params as { provider: string }).provider;

/** Node starts the connection's own time anew once the answer is out. */
const limitSilence: onRequestHookHandler = (request, _reply, done) => {
  request.raw.socket.setTimeout(FORM_SILENCE_MS);
  done();
};

const notFound = ({ arrival, requestId }: Passage): Answer =>
  refusalAnswer('not_found', arrival, { requestId, actions: [{ label: 'Go to the front page', href: '/' }] });

/** The facts of one request, with the world it is judged by: read once. */
export function passageOf(context: Context, request: Pick<FastifyRequest, 'raw' | 'id'>): Passage {
  const { current } = context.live;
  return {
    context,
    current,
    arrival: arrivalOf(request.raw, current.world),
    requestId: request.id,
    now: context.clock.now(),
  };
}

import { type DemoPerson, personNamed } from '../people.ts';
import type { GivenUp, Trip, Trips } from '../trip.ts';
import { askedAcr, askedSubject } from './asked.ts';
import type { EngineProvider, Interaction, InteractionResult } from './engine.ts';
import { demandsAnotherPerson, demandsPassword } from './prompting.ts';

/** A trip as the engine keeps it: an interruption of an authorization request. */
export interface OidcTrip extends Trip {
  readonly interaction: Interaction;
}

/** Errors of OAuth (RFC 6749 section 4.1.2.1) and OpenID Connect (Core Unmet Authentication Requirements 1.0). */
const ERRORS: Readonly<Record<GivenUp, readonly [error: string, description: string]>> = {
  cancelled: ['access_denied', 'the person cancelled'],
  unmet: ['unmet_authentication_requirements', 'the person cannot do this'],
  too_many_codes: ['access_denied', 'too many wrong codes'],
};

/** Trips that began with an authorization request. */
export function oidcTrips(provider: EngineProvider, people: readonly DemoPerson[]): Trips<OidcTrip> {
  /** Another person answered: the session of the one before ends here, as if they had signed out. */
  async function forgetOther(interaction: Interaction, person: DemoPerson): Promise<void> {
    const { session } = interaction;
    if (session === undefined || session.accountId === person.username) return;
    const stored = session.uid === undefined ? undefined : await provider.Session.findByUid(session.uid);
    await stored?.destroy();
    interaction.session = undefined;
    await interaction.persist();
  }

  /** Back to the engine, which answers the application. */
  async function leave(trip: OidcTrip, result: InteractionResult): Promise<void> {
    const back = await remember(trip, result);
    trip.response.writeHead(303, { Location: back, 'Cache-Control': 'no-store' }).end();
  }

  function remember({ request, response }: OidcTrip, result: InteractionResult): Promise<string> {
    return provider.interactionResult(request, response, result, { mergeWithLastSubmission: false });
  }

  return {
    async find(request, response, id) {
      const interaction = await provider.interactionDetails(request, response).catch(() => null);
      if (interaction === null || interaction.uid !== id) return null;
      const { params, prompt, session, result } = interaction;
      const { login_hint } = params;
      const wanted = askedSubject(params);
      return {
        request,
        response,
        id,
        interaction,
        asked: askedAcr(params),
        anew: demandsPassword(prompt.reasons),
        wanted,
        hint: typeof login_hint === 'string' ? login_hint : (wanted ?? session?.accountId ?? ''),
        remembered: demandsAnotherPerson(prompt.reasons) ? null : personNamed(people, session?.accountId),
        progress: result?.progress ?? {},
      };
    },

    // The engine interrupts nobody whose login will do.
    answerAtOnce: () => false,

    keep: (trip, progress) => remember(trip, { progress }),

    /**
     * The engine takes the time of now as `auth_time`, after a second factor alone too: OpenID Connect Core 2 calls it
     * the time when the authentication occurred, and the authentication that `acr` and `amr` speak of was complete only
     * now. Were it left at the password's time, whoever confirmed a second ago would arrive with a proof of hours ago
     * and be sent here again.
     */
    async finish(trip, person, acr, amr) {
      await forgetOther(trip.interaction, person);
      return leave(trip, { login: { accountId: person.username, acr, amr } });
    },

    giveUp(trip, why) {
      const [error, error_description] = ERRORS[why];
      return leave(trip, { error, error_description });
    },
  };
}

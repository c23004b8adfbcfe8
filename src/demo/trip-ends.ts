import type { IncomingMessage, ServerResponse } from 'node:http';
import type { EngineProvider, Interaction, InteractionResult } from './engine.ts';
import type { DemoPerson } from './people.ts';

/** One request on somebody's trip to the provider. */
export interface Trip {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly interaction: Interaction;
}

/** How a trip ends, and what is kept of one that goes on. */
export interface TripEnds {
  finish(trip: Trip, person: DemoPerson, acr: string, amr: readonly string[]): Promise<void>;
  /** Back to the application with an error of OAuth's or OpenID Connect's. */
  giveUp(trip: Trip, error: string, description: string): Promise<void>;
  remember(trip: Trip, result: InteractionResult): Promise<unknown>;
}

export function tripEnds(provider: EngineProvider): TripEnds {
  /**
   * Ends the trip well. The engine takes the time of now as `auth_time`, after a second factor alone too: OpenID
   * Connect Core 2 calls it the time when the authentication occurred, and the authentication that `acr` and `amr`
   * speak of was complete only now. Were it left at the password's time, whoever confirmed a second ago would arrive
   * with a proof of hours ago and be sent here again.
   */
  async function finish(trip: Trip, person: DemoPerson, acr: string, amr: readonly string[]): Promise<void> {
    await forgetOther(trip.interaction, person);
    return leave(trip, { login: { accountId: person.username, acr, amr } });
  }

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
  async function leave(trip: Trip, result: InteractionResult): Promise<void> {
    const back = await remember(trip, result);
    trip.response.writeHead(303, { Location: back, 'Cache-Control': 'no-store' }).end();
  }

  function remember({ request, response }: Trip, result: InteractionResult): Promise<string> {
    return provider.interactionResult(request, response, result, { mergeWithLastSubmission: false });
  }

  return {
    finish,
    giveUp: (trip, error, description) => leave(trip, { error, error_description: description }),
    remember,
  };
}

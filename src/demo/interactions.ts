import type { IncomingMessage, ServerResponse } from 'node:http';
import { ACR_MFA, ACR_PASSKEY, AMR_MFA, AMR_PASSWORD } from './acr.ts';
import { countAttempts } from './attempts.ts';
import { readForm } from './form.ts';
import { brokenPage, secondFactorPage, signInPage } from './idp-pages.ts';
import { passkeyPage, registerPasskeyPage } from './passkey-pages.ts';
import type { Passkeys } from './passkeys.ts';
import { type DemoPerson, personNamed, personWithPassword } from './people.ts';
import { nextStep, type Step } from './step.ts';
import { isTotpCode, totpCode } from './totp.ts';
import type { Progress, Trip, Trips } from './trip.ts';

/** Sends a page of ours. */
export type Show = (response: ServerResponse, status: number, page: string, script?: PageScript) => void;

/** A script that a page may run: the one for passkeys, or the one line that posts a form to the application. */
export type PageScript = 'passkeys' | 'post_itself';

export interface InteractionSetting<T extends Trip> {
  readonly trips: Trips<T>;
  readonly people: readonly DemoPerson[];
  readonly passkeys: Passkeys;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly show: Show;
}

/** One request to the pages between an application's question and the answer. */
interface Visit<T extends Trip> {
  readonly trip: T;
  readonly step: Step;
}

/** Where the pages of one trip are. */
export const interactionPath = (id: string): string => `/interaction/${id}`;

const PATH = /^\/interaction\/([\w-]+)(?:\/([a-z]+))?$/;

/** Status of a page whose form was filled in wrongly. */
const WRONG = 422;

/** More than any browser says about a passkey where no attestation is asked for. */
const MAX_PASSKEY_BYTES = 32_768;

const UNANSWERED =
  'Your browser did not answer. It uses passkeys by JavaScript, which is switched off or did not load.';

/**
 * Serves `/interaction/…`: the sign-in page, the second factor, passkeys, cancelling. Which of them comes next is
 * {@link nextStep}'s to say; nothing is believed of the browser but its answers. Who sent the person and how the answer
 * travels is the protocol's business.
 */
export function serveInteractions<T extends Trip>(setting: InteractionSetting<T>) {
  const { trips, people, passkeys, show } = setting;
  const attempts = countAttempts();
  const posts = new Map([
    ['password', enterPassword],
    ['code', enterCode],
    ['register', registerPasskey],
    ['passkey', usePasskey],
  ]);

  return async (request: IncomingMessage, response: ServerResponse, path: string): Promise<void> => {
    const [, id, verb] = PATH.exec(path) ?? [];
    const trip = id === undefined ? null : await trips.find(request, response, id);
    if (trip === null) return void expired(response);
    const post = posts.get(verb ?? '');
    if (request.method === 'POST' && post !== undefined) return post(visitOf(trip));
    if (request.method !== 'GET') return void show(response, 405, brokenPage('Not possible', 'Go back and try again.'));
    if (verb === 'cancel') return trips.giveUp(trip, 'cancelled');
    if (verb === 'another' || verb === 'mine') return goOn(trip, { ...trip.progress, another: verb === 'another' });
    if (trips.answerAtOnce(trip)) return;
    return proceed(visitOf(trip));
  };

  function expired(response: ServerResponse): void {
    const sentence = 'Go back to the application and open the page you wanted again.';
    show(response, 400, brokenPage('This sign-in has expired', sentence));
  }

  /** Shows the page of the next step, or ends the trip. */
  async function proceed({ trip, step }: Visit<T>, error: string | null = null, typed = ''): Promise<void> {
    const { response, id } = trip;
    const base = interactionPath(id);
    const status = error === null ? 200 : WRONG;
    if (step.kind === 'unmet') return trips.giveUp(trip, 'unmet');
    if (step.kind === 'done') return trips.finish(trip, step.person, step.acr, AMR_PASSWORD);
    if (step.kind === 'password') {
      const username = typed === '' ? trip.hint : typed;
      return show(response, status, signInPage({ base, people, username, error }));
    }
    const { person } = step;
    if (step.kind === 'passkey') {
      const question = await passkeys.askToUse(id, person);
      return show(response, status, passkeyPage({ base, person, question, error }), 'passkeys');
    }
    if (step.kind === 'register_passkey') {
      const question = await passkeys.askToRegister(id, person);
      const hasOne = passkeys.has(person);
      return show(response, status, registerPasskeyPage({ base, person, question, hasOne, error }), 'passkeys');
    }
    if (person.totpSecret === null || attempts.blocked(person.username, setting.now())) {
      return trips.giveUp(trip, 'too_many_codes');
    }
    const code = totpCode(person.totpSecret, setting.now());
    return show(response, status, secondFactorPage({ base, person, code, toRegister: step.toRegister, error }));
  }

  async function enterPassword(visit: Visit<T>): Promise<void> {
    const { trip, step } = visit;
    if (step.kind !== 'password') return proceed(visit);
    const form = await readForm(trip.request);
    const username = form?.get('username') ?? '';
    const person = personWithPassword(people, username, form?.get('password') ?? '');
    if (person === null)
      return proceed(visit, 'That username and password do not belong together. Try again.', username);
    if (trip.wanted !== null && trip.wanted !== person.username) {
      const name = personNamed(people, trip.wanted)?.name ?? 'somebody else';
      return proceed(visit, `The application asks for ${name}. Sign in as that person, or cancel.`, username);
    }
    return goOn(trip, { ...trip.progress, entered: person.username });
  }

  async function enterCode(visit: Visit<T>): Promise<void> {
    const { trip, step } = visit;
    if (step.kind !== 'second_factor' || step.person.totpSecret === null) return proceed(visit);
    const { username, totpSecret } = step.person;
    if (attempts.blocked(username, setting.now())) return proceed(visit);
    const form = await readForm(trip.request);
    if (!isTotpCode(totpSecret, form?.get('code') ?? '', setting.now())) {
      attempts.failed(username, setting.now());
      return proceed(visit, 'That code is not right. Type the six digits that are shown now.');
    }
    attempts.succeeded(username);
    if (!step.toRegister) return trips.finish(trip, step.person, ACR_MFA, AMR_MFA);
    return goOn(trip, { ...trip.progress, confirmed: username });
  }

  /** Saving a passkey proves nothing yet, since nothing was signed with it: it is used right after. */
  async function registerPasskey(visit: Visit<T>): Promise<void> {
    const { trip, step } = visit;
    if (step.kind !== 'register_passkey') return proceed(visit);
    const answer = await readAnswer(trip.request);
    if (answer === '') return proceed(visit, UNANSWERED);
    const saved = await passkeys.register(trip.id, step.person, answer);
    if (!saved) return proceed(visit, 'That passkey was not saved. Try again.');
    return goOn(trip, { ...trip.progress, another: false });
  }

  async function usePasskey(visit: Visit<T>): Promise<void> {
    const { trip, step } = visit;
    if (step.kind !== 'passkey') return proceed(visit);
    const answer = await readAnswer(trip.request);
    if (answer === '') return proceed(visit, UNANSWERED);
    const amr = await passkeys.use(trip.id, step.person, answer);
    if (amr === null) return proceed(visit, 'That passkey was not accepted. Try again.');
    return trips.finish(trip, step.person, ACR_PASSKEY, amr);
  }

  /** Remembers what was done on this trip and shows what comes next. */
  async function goOn(trip: T, progress: Progress): Promise<void> {
    await trips.keep(trip, progress);
    return proceed(visitOf({ ...trip, progress }));
  }

  function visitOf(trip: T): Visit<T> {
    const { asked, anew, remembered, progress } = trip;
    const step = nextStep({
      asked,
      anew,
      remembered,
      entered: personNamed(people, progress.entered),
      confirmed: personNamed(people, progress.confirmed),
      hasPasskey: (person) => progress.another !== true && passkeys.has(person),
    });
    return { trip, step };
  }
}

/** What the script of a page for passkeys sent; empty where no script ran. */
async function readAnswer(request: IncomingMessage): Promise<string> {
  return (await readForm(request, MAX_PASSKEY_BYTES))?.get('answer') ?? '';
}

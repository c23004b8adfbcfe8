import type { Seconds } from '../core/time.ts';
import type { Ledger } from '../ports.ts';

/** One entry of the ledger: which sessions are void. It may be forgotten after `expires`, when they have ended anyway. */
export type Revocation =
  | { readonly kind: 'family'; readonly family: string; readonly expires: Seconds }
  | {
      readonly kind: 'generation';
      readonly family: string;
      /** Generations below this one are superseded. */
      readonly generation: number;
      /** When they were. */
      readonly since: Seconds;
      readonly expires: Seconds;
    }
  | {
      readonly kind: 'subject';
      readonly issuer: string;
      readonly subject: string;
      /** Sessions created at or before it are void. */
      readonly epoch: Seconds;
      readonly expires: Seconds;
    }
  | {
      readonly kind: 'provider_session';
      readonly issuer: string;
      /** Of one session there, or of all sessions of one person. */
      readonly name: string;
      /** Sessions created at or before it are void. */
      readonly epoch: Seconds;
      readonly expires: Seconds;
    }
  | { readonly kind: 'all'; readonly epoch: Seconds; readonly expires: Seconds };

/** The writes of the `Ledger` port that revoke something. */
export type RevocationWrites = Pick<
  Ledger,
  'voidFamily' | 'voidGenerations' | 'voidSubject' | 'voidProviderSessions' | 'voidAll'
>;

/**
 * The port's revoking writes, each brought to the one form that every adapter stores. Times become whole seconds, on
 * the side where more is void for longer.
 */
export function revocationWrites(writeAll: (revocations: readonly Revocation[]) => Promise<void>): RevocationWrites {
  const up = Math.ceil;
  const write = (revocation: Revocation): Promise<void> => writeAll([revocation]);
  return {
    voidFamily: (family, expires) => write({ kind: 'family', family, expires: up(expires) }),
    voidGenerations: (family, generation, now, expires) =>
      write({ kind: 'generation', family, generation, since: Math.floor(now), expires: up(expires) }),
    voidSubject: (issuer, subject, epoch, expires) =>
      write({ kind: 'subject', issuer, subject, epoch: up(epoch), expires: up(expires) }),
    voidProviderSessions: (issuer, names, epoch, expires) =>
      writeAll(
        names.map((name) => ({ kind: 'provider_session', issuer, name, epoch: up(epoch), expires: up(expires) })),
      ),
    voidAll: (epoch, expires) => write({ kind: 'all', epoch: up(epoch), expires: up(expires) }),
  };
}

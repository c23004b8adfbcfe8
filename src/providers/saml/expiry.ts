import type { Seconds } from '../../core/time.ts';
import type { Clock } from '../../ports.ts';
import type { Schedule } from '../discovery.ts';

/** The first alert comes this long before metadata end. */
export const AHEAD: Seconds = 7 * 86_400;
const DAY: Seconds = 86_400;

/** Tells an operator in time that metadata are about to end, and when they have. */
export interface ExpiryWatch {
  /** From now on this end counts; null = there is none. */
  follow(validUntil: Seconds | null): void;
  close(): void;
}

export interface ExpiryWatchOptions {
  readonly clock: Clock;
  readonly schedule: Schedule;
  readonly alert: (event: string, detail: string) => void;
  /** How long before the end the first alert comes, of what is left when the end is first heard of. */
  readonly ahead: (left: Seconds) => Seconds;
}

export function watchExpiry({ clock, schedule, alert, ahead }: ExpiryWatchOptions): ExpiryWatch {
  let until: Seconds | null = null;
  let from: Seconds = 0;
  let cancel = () => {};

  function look(): void {
    if (until === null) return;
    const now = clock.now();
    const left = until - now;
    if (left <= 0) {
      alert('provider_metadata_expired', 'nobody can sign in there until there are newer ones');
      return;
    }
    if (now >= from) {
      alert(
        'provider_metadata_expire',
        `in ${left >= 2 * DAY ? `${Math.floor(left / DAY)} days` : 'less than two days'}`,
      );
    }
    // A day at most: timers do not count further than 24 of them.
    cancel = schedule(look, Math.min(DAY, left, now < from ? from - now : DAY));
  }

  return {
    follow(validUntil) {
      if (validUntil === until) return;
      cancel();
      until = validUntil;
      const left = until === null ? 0 : until - clock.now();
      from = until === null ? 0 : until - ahead(left);
      look();
    },
    close: () => {
      cancel();
      until = null;
    },
  };
}

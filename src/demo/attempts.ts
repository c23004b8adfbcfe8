/** Wrong codes a person may give within the window before every further one is refused. */
const MAX_WRONG_CODES = 5;
const WINDOW_MS = 5 * 60 * 1000;

/** Counts wrong codes per person, so that six digits cannot be guessed by trying. */
export interface Attempts {
  readonly blocked: (username: string, milliseconds: number) => boolean;
  readonly failed: (username: string, milliseconds: number) => void;
  readonly succeeded: (username: string) => void;
}

export function countAttempts(): Attempts {
  const wrong = new Map<string, readonly number[]>();
  const recent = (username: string, now: number): readonly number[] =>
    (wrong.get(username) ?? []).filter((time) => now - time < WINDOW_MS);
  return {
    blocked: (username, now) => recent(username, now).length >= MAX_WRONG_CODES,
    failed: (username, now) => void wrong.set(username, [...recent(username, now), now]),
    succeeded: (username) => void wrong.delete(username),
  };
}

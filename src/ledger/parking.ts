/** Characters of the longest text that is parked: more than fits into a session's cookies. */
export const PARKED_LENGTH = 16 * 1024;

/** Texts that are parked at once, so that they take some 160 MB at the very most. */
export const PARKED_AT_ONCE = 10_000;

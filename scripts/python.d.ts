/** A Python with PyJWT and cryptography, or null. `STEPGATE_PYTHON` names one in an unusual place. */
export function findPython(
  env?: Readonly<Record<string, string | undefined>>,
  works?: (python: string) => boolean,
): string | null;

/** How to get one, in a few lines. */
export const HOW_TO: string;

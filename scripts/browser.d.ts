/** The Chromium to use, or null. `STEPGATE_CHROMIUM` names one in an unusual place. */
export function findChromium(
  env?: Readonly<Record<string, string | undefined>>,
  exists?: (path: string) => boolean,
): string | null;

/** How to get a Chromium, in a few lines. */
export const HOW_TO: string;

/** Whether SimpleSAMLphp and a PHP to run it are there. */
export function isInstalled(exists?: (path: string) => boolean): boolean;

/** How to get them, for people. */
export const HOW_TO: string;

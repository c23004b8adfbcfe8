import { dirname, isAbsolute, join } from 'node:path';

/** A path that a file names, relative to that file. */
export const besideFile = (file: string, path: string): string => (isAbsolute(path) ? path : join(dirname(file), path));

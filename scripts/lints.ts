/** Writes docs/lints.md from the table of lints. A test compares the two. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lintsPage } from '../src/config/lints/page.ts';

writeFileSync(join(import.meta.dirname, '../docs/lints.md'), lintsPage());

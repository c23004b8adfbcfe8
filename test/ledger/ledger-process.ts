import { randomBytes } from 'node:crypto';
import { openSqliteLedger } from '../../src/ledger/sqlite.ts';

/**
 * Another process with the same ledger: does one thing, says what came of it, and stays until it is killed.
 * Arguments: file, now, then `sign-out FAMILY EXPIRES` or `use ID EXPIRES`.
 */
const [file = '', now = '', duty = '', name = '', expires = ''] = process.argv.slice(2);
const ledger = openSqliteLedger({
  file,
  clock: { now: () => Number(now) },
  random: (bytes) => randomBytes(bytes).toString('base64url'),
});
if (duty === 'sign-out') await ledger.voidFamily(name, Number(expires));
const isFirst = duty === 'use' && (await ledger.useOnce(name, Number(expires)));
process.send?.({ birth: ledger.birth, isFirst });

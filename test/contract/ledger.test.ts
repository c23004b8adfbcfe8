import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMemoryLedger } from '../../src/ledger/memory.ts';
import { openLedger } from '../../src/ledger/open.ts';
import type { Random } from '../../src/ports.ts';
import { ledgerContract, PARKED_HERE } from './ledger.ts';

const random: Random = (bytes) => randomBytes(bytes).toString('base64url');

ledgerContract('memory', (_, clock) => createMemoryLedger({ clock, random, parkedAtOnce: PARKED_HERE }));

ledgerContract('sqlite', (t, clock) => {
  const folder = mkdtempSync(join(tmpdir(), 'stepgate-'));
  const location = { kind: 'sqlite', file: join(folder, 'ledger.db') } as const;
  const ledger = openLedger(location, { clock, random, parkedAtOnce: PARKED_HERE });
  t.after(async () => {
    await ledger.close();
    rmSync(folder, { recursive: true });
  });
  return ledger;
});

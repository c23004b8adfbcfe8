import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { type Watching, watchFolders } from '../../src/live/watch.ts';

describe('a watch of folders', () => {
  let folder: string;
  let watching: Watching;
  let notices: number;
  let failures: string[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'stepgate-watch-'));
    notices = 0;
    failures = [];
    watching = watchFolders(
      () => {
        notices += 1;
      },
      (code) => failures.push(code),
    );
  });
  afterEach(() => {
    watching.close();
    rmSync(folder, { recursive: true });
  });

  const at = (...names: readonly string[]): string => join(folder, ...names);
  const noticed = async (change: () => void): Promise<void> => {
    const before = notices;
    change();
    while (notices === before) await turn();
    // What one change causes in all has come when a later one has.
    writeFileSync(at('settle'), '');
    for (let turns = 0; turns < 50; turns += 1) await turn();
  };

  it('tells of a file that is written in place, replaced by a rename, removed and made again', async () => {
    writeFileSync(at('policies.yaml'), '1');
    watching.follow([at('policies.yaml')]);
    await noticed(() => writeFileSync(at('policies.yaml'), '2'));
    for (const content of ['3', '4']) {
      await noticed(() => {
        writeFileSync(at('new'), content);
        renameSync(at('new'), at('policies.yaml'));
      });
    }
    await noticed(() => unlinkSync(at('policies.yaml')));
    await noticed(() => writeFileSync(at('policies.yaml'), '5'));
    assert.deepEqual(failures, []);
  });

  it('tells of a link beside the files that is swapped, as a mounted ConfigMap is, again and again', async () => {
    for (const version of ['1', '2', '3']) {
      mkdirSync(at(`..${version}`));
      writeFileSync(at(`..${version}`, 'policies.yaml'), version);
    }
    symlinkSync('..1', at('..data'));
    symlinkSync('..data/policies.yaml', at('policies.yaml'));
    for (const version of ['2', '3']) {
      watching.follow([at('policies.yaml')]);
      await noticed(() => {
        symlinkSync(`..${version}`, at('..tmp'));
        renameSync(at('..tmp'), at('..data'));
      });
    }
  });

  it('tells of a change behind a link to a file in another folder', async () => {
    mkdirSync(at('elsewhere'));
    writeFileSync(at('elsewhere', 'policies.yaml'), '1');
    mkdirSync(at('here'));
    symlinkSync('../elsewhere/policies.yaml', at('here', 'policies.yaml'));
    watching.follow([at('here', 'policies.yaml')]);
    await noticed(() => writeFileSync(at('elsewhere', 'policies.yaml'), '2'));
  });

  it('finds a folder that was replaced by another one of the same name, when it is called again', async () => {
    mkdirSync(at('config'));
    writeFileSync(at('config', 'policies.yaml'), '1');
    watching.follow([at('config', 'policies.yaml')]);
    renameSync(at('config'), at('config.old'));
    mkdirSync(at('config'));
    writeFileSync(at('config', 'policies.yaml'), '2');
    watching.follow([at('config', 'policies.yaml')]);
    await noticed(() => writeFileSync(at('config', 'policies.yaml'), '3'));
  });

  it('does without what is not there, and without links that lead in a circle', async () => {
    symlinkSync('b', at('a'));
    symlinkSync('a', at('b'));
    watching.follow([at('nowhere', 'policies.yaml'), at('a')]);
    await noticed(() => writeFileSync(at('x'), ''));
    assert.deepEqual(failures, []);
  });
});

/**
 * Debian's SimpleSAMLphp 1.19 as an identity provider on a free loopback port, in a folder of its own that goes when it is
 * stopped. Its people: alice (a code as second factor), bob (a password alone); passwords are `NAME-pw`, the code `123456`.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HOW_TO, isInstalled } from '../../scripts/simplesamlphp.js';
import { makePair, type Pair } from '../support/fake-idp.ts';

const INSTALLED = '/usr/share/simplesamlphp';

/** How one service provider is answered. Keys are those of SimpleSAMLphp's saml20-sp-remote metadata. */
export interface ServiceProvider {
  readonly entityid: string;
  readonly AssertionConsumerService: string;
  readonly [option: string]: unknown;
}

export interface SimpleSamlPhp {
  readonly origin: string;
  readonly entityId: string;
  /** Its own metadata, as it publishes them. */
  metadata(): Promise<string>;
  /** Lets a service provider use it; known at once. A certificate goes by its PEM under `certificatePem`. */
  add(service: ServiceProvider): void;
  stop(): Promise<void>;
}

export interface SimpleSamlPhpOptions {
  /** `stepup` asks for a second factor where a class wants it; `naive` never looks at what is asked, as it is shipped. */
  readonly profile: 'stepup' | 'naive';
}

/** @throws Error that says how to get it, where it is not installed: an interop test is never skipped */
export async function startSimpleSamlPhp({ profile }: SimpleSamlPhpOptions): Promise<SimpleSamlPhp> {
  if (!isInstalled()) throw new Error(HOW_TO);
  const folder = mkdtempSync(join(tmpdir(), 'stepgate-ssp-'));
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const entityId = `${origin}/idp`;
  const code = join(folder, 'code');
  cpSync(INSTALLED, code, { recursive: true, dereference: true });
  cpSync(join(import.meta.dirname, 'simplesamlphp/levels'), join(code, 'modules/levels'), { recursive: true });
  for (const name of ['config', 'metadata', 'data', 'tmp', 'log', 'sessions', 'cert', 'sp', 'docroot']) {
    mkdirSync(join(folder, name));
  }
  symlinkSync(join(code, 'www'), join(folder, 'docroot/simplesaml'));
  writePair(folder, 'idp', makePair('simplesamlphp'));
  writeFileSync(join(folder, 'config/config.php'), configuration(folder, origin));
  writeFileSync(join(folder, 'config/authsources.php'), PEOPLE);
  writeFileSync(join(folder, 'metadata/saml20-idp-hosted.php'), hosted(entityId, profile));
  writeFileSync(join(folder, 'metadata/saml20-sp-remote.php'), remote(folder));
  const server = spawn(
    'php',
    ['-d', 'date.timezone=UTC', '-d', 'display_errors=0', '-S', `127.0.0.1:${port}`, '-t', join(folder, 'docroot')],
    {
      env: { ...process.env, SIMPLESAMLPHP_CONFIG_DIR: join(folder, 'config'), PHP_CLI_SERVER_WORKERS: '4' },
      stdio: 'ignore',
      detached: true,
    },
  );
  const metadataUrl = `${origin}/simplesaml/saml2/idp/metadata.php`;
  try {
    await untilAnswers(metadataUrl, server);
  } catch (error) {
    end(server, folder);
    throw error;
  }
  return {
    origin,
    entityId,
    metadata: async () => (await fetch(metadataUrl)).text(),
    add({ certificatePem, ...service }) {
      if (typeof certificatePem === 'string') writeFileSync(join(folder, 'cert/sp.crt'), certificatePem);
      const certificate = typeof certificatePem === 'string' ? { certificate: 'sp.crt' } : {};
      const name = randomBytes(6).toString('hex');
      writeFileSync(join(folder, 'sp', `${name}.json`), JSON.stringify({ ...service, ...certificate }));
    },
    async stop() {
      end(server, folder);
    },
  };
}

/** The workers are children of the server: the whole group goes. */
function end(server: ChildProcess, folder: string): void {
  if (server.pid !== undefined) {
    try {
      process.kill(-server.pid, 'SIGKILL');
    } catch {
      // It is gone already.
    }
  }
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Its answer is what is waited for; nothing says it is ready. */
async function untilAnswers(url: string, server: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 100 && server.exitCode === null; attempt += 1) {
    const status = await fetch(url).then(
      (reply) => reply.status,
      () => 0,
    );
    if (status === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.fail(`SimpleSAMLphp does not answer at ${url}`);
}

function writePair(folder: string, name: string, { key, certificate }: Pair): void {
  writeFileSync(join(folder, 'cert', `${name}.pem`), key);
  writeFileSync(join(folder, 'cert', `${name}.crt`), certificate);
}

const configuration = (folder: string, origin: string): string => `<?php
$config = [
    'baseurlpath' => '${origin}/simplesaml/',
    'certdir' => '${folder}/cert/', 'loggingdir' => '${folder}/log/', 'datadir' => '${folder}/data/', 'tempdir' => '${folder}/tmp/',
    'metadata.sources' => [['type' => 'flatfile', 'directory' => '${folder}/metadata']],
    'attributenamemapdir' => '/etc/simplesamlphp/attributemap/',
    'secretsalt' => '${randomBytes(24).toString('hex')}', 'auth.adminpassword' => '${randomBytes(12).toString('hex')}',
    'technicalcontact_name' => 'nobody', 'technicalcontact_email' => 'nobody@example.test', 'timezone' => 'UTC',
    'enable.saml20-idp' => true,
    'module.enable' => ['core' => true, 'saml' => true, 'exampleauth' => true, 'levels' => true],
    'showerrors' => true, 'errorreporting' => false, 'logging.level' => 5, 'logging.handler' => 'file', 'logging.logfile' => 'idp.log',
    'statistics.out' => [], 'store.type' => 'phpsession', 'session.phpsession.savepath' => '${folder}/sessions',
    'session.phpsession.cookiename' => 'SSP', 'session.authtoken.cookiename' => 'SSP_auth', 'session.cookie.name' => 'SSP_id',
    'session.cookie.secure' => false, 'session.cookie.samesite' => null, 'language.cookie.secure' => false,
    'language.available' => ['en'], 'language.default' => 'en', 'admin.checkforupdates' => false,
    'authproc.idp' => [], 'authproc.sp' => [], 'production' => true,
];
`;

const PEOPLE = `<?php
$config = [
    'admin' => ['core:AdminPassword'],
    'people' => [
        'exampleauth:UserPass',
        'alice:alice-pw' => ['uid' => ['alice'], 'mail' => ['alice@example.test'], 'groups' => ['staff', 'hr'], 'factors' => ['code']],
        'bob:bob-pw' => ['uid' => ['bob'], 'mail' => ['bob@example.test'], 'groups' => ['staff'], 'factors' => ['none']],
    ],
];
`;

const hosted = (entityId: string, profile: SimpleSamlPhpOptions['profile']): string => `<?php
$metadata['${entityId}'] = [
    'host' => '__DEFAULT__', 'privatekey' => 'idp.pem', 'certificate' => 'idp.crt', 'auth' => 'people',
    'signature.algorithm' => 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256', 'redirect.sign' => true, 'userid.attribute' => 'uid',
    'NameIDFormat' => ['urn:oasis:names:tc:SAML:2.0:nameid-format:persistent', 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient', 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress'],
    'SingleSignOnServiceBinding' => ['urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect', 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST'],
    'SingleLogoutServiceBinding' => ['urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect', 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST'],
    'authproc' => [
        20 => ['class' => 'saml:AttributeNameID', 'attribute' => 'mail', 'Format' => 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress'],
        21 => ['class' => 'saml:PersistentNameID', 'attribute' => 'uid'],
        ${profile === 'stepup' ? "50 => ['class' => 'levels:Level']," : ''}
    ],
];
`;

const remote = (folder: string): string => `<?php
foreach (glob('${folder}/sp/*.json') as $file) {
    $sp = json_decode(file_get_contents($file), true);
    if (is_array($sp)) { $metadata[$sp['entityid']] = $sp; }
}
`;

import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** What a browser and a security key make of one question; each field can be falsified. */
export interface Ceremony {
  readonly challenge: string;
  readonly origin: string;
  /** `webauthn.create` or `webauthn.get` unless given. */
  readonly type?: string;
  readonly rpId?: string;
  /** Whether somebody touched the key, and gave the PIN; both unless given. */
  readonly present?: boolean;
  readonly verified?: boolean;
  readonly counter?: number;
}

/** A security key with one ES256 key pair, in software (Web Authentication Level 3 sections 6.1 and 6.5). */
export interface Authenticator {
  readonly id: string;
  create(ceremony: Ceremony): string;
  get(ceremony: Ceremony): string;
}

/** Makes a security key. @param copied - whether it says that its key is copied between devices */
export function createAuthenticator(copied = false): Authenticator {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const credentialId = randomBytes(16);
  const id = credentialId.toString('base64url');
  let counter = 0;

  const data = (ceremony: Ceremony, attested: Buffer): Buffer => {
    const { origin, present = true, verified = true } = ceremony;
    counter = ceremony.counter ?? counter + 1;
    const rpId = ceremony.rpId ?? new URL(origin).hostname;
    const flags = (present ? 1 : 0) | (verified ? 4 : 0) | (copied ? 0x18 : 0) | (attested.length > 0 ? 0x40 : 0);
    const tail = Buffer.alloc(5);
    tail.writeUInt8(flags, 0);
    tail.writeUInt32BE(counter, 1);
    return Buffer.concat([sha256(rpId), tail, attested]);
  };
  const answer = (response: Readonly<Record<string, unknown>>): string =>
    JSON.stringify({ id, rawId: id, type: 'public-key', clientExtensionResults: {}, response });

  return {
    id,
    create(ceremony) {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(credentialId.length);
      const attested = Buffer.concat([Buffer.alloc(16), length, credentialId, coseKey(publicKey)]);
      const clientDataJSON = clientData('webauthn.create', ceremony).toString('base64url');
      const attestationObject = attestation(data(ceremony, attested)).toString('base64url');
      return answer({ clientDataJSON, attestationObject, transports: ['usb'] });
    },
    get(ceremony) {
      const authenticatorData = data(ceremony, Buffer.alloc(0));
      const client = clientData('webauthn.get', ceremony);
      const signature = sign('sha256', Buffer.concat([authenticatorData, sha256(client)]), privateKey);
      return answer({
        clientDataJSON: client.toString('base64url'),
        authenticatorData: authenticatorData.toString('base64url'),
        signature: signature.toString('base64url'),
      });
    },
  };
}

const sha256 = (of: string | Buffer): Buffer => createHash('sha256').update(of).digest();

const clientData = (usual: string, { type = usual, challenge, origin }: Ceremony): Buffer =>
  Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));

/** `{fmt: "none", attStmt: {}, authData}` as CBOR (RFC 8949). */
function attestation(authData: Buffer): Buffer {
  const head = Buffer.from([0xa3, 0x63, ...Buffer.from('fmt'), 0x64, ...Buffer.from('none')]);
  const statement = Buffer.from([0x67, ...Buffer.from('attStmt'), 0xa0, 0x68, ...Buffer.from('authData'), 0x59]);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(authData.length);
  return Buffer.concat([head, statement, length, authData]);
}

/** `{kty: EC2, alg: ES256, crv: P-256, x, y}` as CBOR (RFC 9053 section 7.1.1). */
function coseKey(key: KeyObject): Buffer {
  const { x = '', y = '' } = key.export({ format: 'jwk' });
  const start = Buffer.from([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20]);
  return Buffer.concat([
    start,
    Buffer.from(x, 'base64url'),
    Buffer.from([0x22, 0x58, 0x20]),
    Buffer.from(y, 'base64url'),
  ]);
}

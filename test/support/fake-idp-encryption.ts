import { constants, createCipheriv, createPublicKey, publicEncrypt, randomBytes, X509Certificate } from 'node:crypto';

const XENC = 'http://www.w3.org/2001/04/xmlenc#';
const XENC11 = 'http://www.w3.org/2009/xmlenc11#';
const DSIG = 'http://www.w3.org/2000/09/xmldsig#';

/** How the fake IdP encrypts assertions. Algorithms are those of XML Encryption, by the last part of their names. */
export interface Encryption {
  /** PEM of whom it is for. */
  readonly certificate: string;
  readonly data?: 'aes128-gcm' | 'aes256-gcm' | 'aes128-cbc' | 'aes256-cbc' | 'tripledes-cbc';
  readonly key?: 'rsa-oaep-mgf1p' | 'rsa-oaep' | 'rsa-1_5';
  /** Of OAEP; both of its hashes with `rsa-oaep`. */
  readonly hash?: 'sha1' | 'sha256';
  /** Whether the encrypted key stands beside the data instead of within. */
  readonly keyBeside?: boolean;
  /** The last word on what is encrypted. */
  readonly bytes?: (data: Buffer) => Buffer;
}

const CIPHERS = {
  'aes128-gcm': { name: 'aes-128-gcm', key: 16, iv: 12, uri: `${XENC11}aes128-gcm` },
  'aes256-gcm': { name: 'aes-256-gcm', key: 32, iv: 12, uri: `${XENC11}aes256-gcm` },
  'aes128-cbc': { name: 'aes-128-cbc', key: 16, iv: 16, uri: `${XENC}aes128-cbc` },
  'aes256-cbc': { name: 'aes-256-cbc', key: 32, iv: 16, uri: `${XENC}aes256-cbc` },
  'tripledes-cbc': { name: 'des-ede3-cbc', key: 24, iv: 8, uri: `${XENC}tripledes-cbc` },
} as const;

/** An EncryptedAssertion that holds this XML. */
export function encrypted(xml: string | Buffer, encryption: Encryption): string {
  const { certificate, data = 'aes256-gcm', key = 'rsa-oaep-mgf1p', hash = 'sha1', keyBeside = false } = encryption;
  const cipher = CIPHERS[data];
  const contentKey = randomBytes(cipher.key);
  const iv = randomBytes(cipher.iv);
  const aes = createCipheriv(cipher.name, contentKey, iv);
  const sealed = [
    iv,
    aes.update(typeof xml === 'string' ? Buffer.from(xml) : xml),
    aes.final(),
    ...('getAuthTag' in aes && data.endsWith('gcm') ? [tagOf(aes)] : []),
  ];
  const { bytes = (all) => all } = encryption;
  const value = bytes(Buffer.concat(sealed)).toString('base64');
  const encryptedKey = `<xenc:EncryptedKey xmlns:xenc="${XENC}">${methodOf(key, hash)}<xenc:CipherData><xenc:CipherValue>${encryptKey(contentKey, certificate, key, hash)}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey>`;
  const keyInfo = keyBeside ? '' : `<ds:KeyInfo xmlns:ds="${DSIG}">${encryptedKey}</ds:KeyInfo>`;
  return `<saml:EncryptedAssertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"><xenc:EncryptedData xmlns:xenc="${XENC}" Type="${XENC}Element"><xenc:EncryptionMethod Algorithm="${cipher.uri}"/>${keyInfo}<xenc:CipherData><xenc:CipherValue>${value}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData>${keyBeside ? encryptedKey : ''}</saml:EncryptedAssertion>`;
}

const tagOf = (cipher: object): Buffer => (cipher as { getAuthTag(): Buffer }).getAuthTag();

function methodOf(key: NonNullable<Encryption['key']>, hash: 'sha1' | 'sha256'): string {
  if (key === 'rsa-1_5') return `<xenc:EncryptionMethod Algorithm="${XENC}rsa-1_5"/>`;
  const digest = `<ds:DigestMethod xmlns:ds="${DSIG}" Algorithm="${hash === 'sha1' ? `${DSIG}sha1` : `${XENC}sha256`}"/>`;
  if (key === 'rsa-oaep-mgf1p')
    return `<xenc:EncryptionMethod Algorithm="${XENC}${key}">${digest}</xenc:EncryptionMethod>`;
  return `<xenc:EncryptionMethod Algorithm="${XENC11}rsa-oaep">${digest}<xenc11:MGF xmlns:xenc11="${XENC11}" Algorithm="${XENC11}mgf1${hash}"/></xenc:EncryptionMethod>`;
}

function encryptKey(contentKey: Buffer, certificate: string, key: Encryption['key'], hash: 'sha1' | 'sha256'): string {
  const padding = key === 'rsa-1_5' ? constants.RSA_PKCS1_PADDING : constants.RSA_PKCS1_OAEP_PADDING;
  const publicKey = createPublicKey(new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'pem' }));
  const oaep = key === 'rsa-1_5' ? {} : { oaepHash: hash };
  return publicEncrypt({ key: publicKey, padding, ...oaep }, contentKey).toString('base64');
}

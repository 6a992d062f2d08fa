// Verifies JSON Web Tokens of other issuers: any signature algorithm of RFC 7518 with a public key, keys as JSON Web Keys (RFC 7517).
// What an issuer may sign with is the caller's to say: a token's own word about its algorithm is believed only within that.

import { constants, createPublicKey, type JsonWebKey, type KeyObject, verify } from 'node:crypto';
import { splitJwt } from './jwt.ts';

/** How each algorithm signs. */
const ALGORITHMS = {
  RS256: { hash: 'sha256', key: 'rsa', padding: constants.RSA_PKCS1_PADDING },
  RS384: { hash: 'sha384', key: 'rsa', padding: constants.RSA_PKCS1_PADDING },
  RS512: { hash: 'sha512', key: 'rsa', padding: constants.RSA_PKCS1_PADDING },
  PS256: { hash: 'sha256', key: 'rsa', padding: constants.RSA_PKCS1_PSS_PADDING },
  PS384: { hash: 'sha384', key: 'rsa', padding: constants.RSA_PKCS1_PSS_PADDING },
  PS512: { hash: 'sha512', key: 'rsa', padding: constants.RSA_PKCS1_PSS_PADDING },
  ES256: { hash: 'sha256', key: 'prime256v1', padding: undefined },
  ES384: { hash: 'sha384', key: 'secp384r1', padding: undefined },
  ES512: { hash: 'sha512', key: 'secp521r1', padding: undefined },
} as const;

/** Name of a signature algorithm. */
export type JwsAlgorithm = keyof typeof ALGORITHMS;

/** The names, for messages. */
export const JWS_ALGORITHMS = Object.keys(ALGORITHMS);

/** Whether this is one of the algorithms. */
function isJwsAlgorithm(name: unknown): name is JwsAlgorithm {
  return typeof name === 'string' && Object.hasOwn(ALGORITHMS, name);
}

/** A public key of an issuer. */
export interface IssuerKey {
  /** Undefined: it may have signed any token. */
  readonly kid: string | undefined;
  /** The only algorithm it is for; undefined: all that fit its kind. */
  readonly algorithm: string | undefined;
  readonly publicKey: KeyObject;
}

/** Reads a member of a JSON Web Key Set; undefined for what is no public key to verify with. */
export function issuerKey(jwk: unknown): IssuerKey | undefined {
  if (typeof jwk !== 'object' || jwk === null) return undefined;
  const { kid, alg, use } = jwk as Record<string, unknown>; // Each is checked.
  if (use !== undefined && use !== 'sig') return undefined;
  try {
    const publicKey = createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' });
    return { kid: typeof kid === 'string' ? kid : undefined, algorithm: typeof alg === 'string' ? alg : undefined, publicKey };
  } catch {
    // A key of a kind that is not known, or for something else: as good as not listed.
    return undefined;
  }
}

/** The key id that a token names; undefined when it names none or is no token. */
export function keyIdOf(token: string): string | undefined {
  const kid = splitJwt(token)?.header['kid'];
  return typeof kid === 'string' ? kid : undefined;
}

/** The claims of a token that one of the keys signed with one of the algorithms; undefined otherwise. Time and audience are the caller's to check. */
export function verifyIssued(
  token: string,
  keys: readonly IssuerKey[],
  algorithms: readonly string[],
): Record<string, unknown> | undefined {
  const parts = splitJwt(token);
  const name = parts?.header['alg'];
  if (!parts || !isJwsAlgorithm(name) || !algorithms.includes(name)) return undefined;
  const { hash, key: kind, padding } = ALGORITHMS[name];
  const kid = parts.header['kid'];
  const signed = keys.some(({ kid: own, algorithm, publicKey }) => {
    if ((algorithm !== undefined && algorithm !== name) || (kid !== undefined && own !== undefined && own !== kid)) return false;
    if ((publicKey.asymmetricKeyDetails?.namedCurve ?? publicKey.asymmetricKeyType) !== kind) return false;
    const options =
      padding === undefined ? { dsaEncoding: 'ieee-p1363' as const } : { padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
    return verify(hash, parts.content, { key: publicKey, ...options }, parts.signature);
  });
  return signed ? parts.claims : undefined;
}

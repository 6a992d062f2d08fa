// JSON Web Tokens as service accounts carry them: signed with ES256, verified with ES256 or RS256. The key decides the algorithm,
// never the token. RFC 7515, 7517, 7518, 7519.

import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';

/** A key that tokens are verified with. */
export interface JwtKey {
  /** Key id: SHA-256 of the public key's DER, base64url. */
  readonly kid: string;
  readonly algorithm: 'ES256' | 'RS256';
  readonly publicKey: KeyObject;
}

/** The verification key of a private or public key in PEM. @throws TypeError for keys other than P-256 and RSA */
export function jwtKey(pem: string): JwtKey {
  const publicKey = createPublicKey(pem);
  const kid = createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64url');
  const { asymmetricKeyType, asymmetricKeyDetails } = publicKey;
  if (asymmetricKeyType === 'rsa') return { kid, algorithm: 'RS256', publicKey };
  if (asymmetricKeyType === 'ec' && asymmetricKeyDetails?.namedCurve === 'prime256v1') return { kid, algorithm: 'ES256', publicKey };
  throw new TypeError('a token key must be RSA or ECDSA P-256');
}

/** Makes a function that signs claims with a private key in PEM. */
export function jwtSigner(pem: string): (claims: object) => string {
  const { kid, algorithm } = jwtKey(pem);
  const key = createPrivateKey(pem);
  const header = encode({ alg: algorithm, kid });
  return (claims) => {
    const content = `${header}.${encode(claims)}`;
    const signature = sign('sha256', Buffer.from(content), { key, dsaEncoding: 'ieee-p1363' });
    return `${content}.${signature.toString('base64url')}`;
  };
}

/** The claims of a token without looking at its signature; undefined when it is not a JWT. */
export function peekJwt(token: string): Record<string, unknown> | undefined {
  return splitJwt(token)?.claims;
}

/** The claims of a token that one of the keys signed; undefined otherwise. Time and audience are the caller's to check. */
export function verifyJwt(token: string, keys: readonly JwtKey[]): Record<string, unknown> | undefined {
  const parts = splitJwt(token);
  if (!parts) return undefined;
  const { header, claims, content, signature } = parts;
  const fits = (key: JwtKey): boolean =>
    header['alg'] === key.algorithm &&
    (header['kid'] === undefined || header['kid'] === key.kid) &&
    verify('sha256', content, { key: key.publicKey, dsaEncoding: 'ieee-p1363' }, signature);
  return keys.some(fits) ? claims : undefined;
}

/** JSON Web Key of a verification key, as a JWKS lists it. */
export function jsonWebKey({ kid, algorithm, publicKey }: JwtKey): Record<string, unknown> {
  return { use: 'sig', kid, alg: algorithm, ...publicKey.export({ format: 'jwk' }) };
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** A token taken apart; nothing of it is verified. */
export interface JwtParts {
  readonly header: Record<string, unknown>;
  readonly claims: Record<string, unknown>;
  readonly content: Buffer;
  readonly signature: Buffer;
}

/** Takes a token apart; undefined when it is not a JWT. */
export function splitJwt(token: string): JwtParts | undefined {
  const match = /^([\w-]+)\.([\w-]+)\.([\w-]+)$/.exec(token);
  if (!match) return undefined;
  const [, head = '', body = '', signature = ''] = match;
  const header = decode(head);
  const claims = decode(body);
  if (!header || !claims) return undefined;
  return { header, claims, content: Buffer.from(`${head}.${body}`), signature: Buffer.from(signature, 'base64url') };
}

function decode(part: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined; // A JSON object.
  } catch {
    return undefined; // Not JSON: not a token of ours.
  }
}

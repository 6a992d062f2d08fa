// Service-account tokens with the cluster's key: issued, reviewed, and published for others to verify.

import { createHash, randomUUID } from 'node:crypto';
import { unauthorized } from '../../api/status-error.ts';
import type { Clock } from '../../base/clock.ts';
import { type JwtKey, jsonWebKey, jwtKey, jwtSigner, peekJwt, verifyJwt } from '../../base/jwt.ts';
import { LruMap } from '../../base/lru-map.ts';
import type { UserInfo } from '../../client/api-backend.ts';
import type { Authenticator, Credentials } from './auth.ts';
import { bearerToken } from './bearer-token.ts';
import type { LegacyTokenTracker } from './legacy-token-tracker.ts';
import {
  claimsFault,
  LEGACY_ISSUER,
  legacySecretOf,
  legacyUser,
  makeClaims,
  makeLegacyClaims,
  type NamedUid,
  readClaims,
  type TokenObjects,
  type TokenSubject,
  userOfClaims,
} from './service-account-claims.ts';

/** Tokens whose signature was verified, by hash: one for each pod of a large cluster, half a KB each. What changes is checked every time. */
const MOST_TOKENS = 4_096;

/** What tokens of a cluster have in common. */
export interface ServiceAccountTokenOptions {
  /** e.g. `https://kubernetes.default.svc.cluster.local`. */
  readonly issuer: string;
  /** Audiences the API itself accepts; the first is the default of new tokens. */
  readonly audiences: readonly string[];
  /** Private key that signs, PEM. */
  readonly key: string;
  /** Further keys that tokens are accepted from (rotation), PEM. */
  readonly olderKeys?: readonly string[];
}

/** The outcome of a review: the user and those of the audiences asked for that the token is meant for, or why it does not hold. */
export type TokenReviewResult = { readonly user: UserInfo; readonly audiences: readonly string[] } | { readonly fault: string };

/** What it needs. */
export interface ServiceAccountTokenDeps {
  readonly objects: TokenObjects;
  readonly clock: Pick<Clock, 'now'>;
  /** Told when a token that lives in a Secret was used. */
  readonly legacyUse?: Pick<LegacyTokenTracker, 'used'>;
}

/** Issues and reviews tokens; authenticates bearers of those meant for the API. */
export class ServiceAccountTokens implements Authenticator {
  readonly #options: ServiceAccountTokenOptions;
  readonly #deps: ServiceAccountTokenDeps;
  readonly #objects: TokenObjects;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #keys: readonly JwtKey[];
  readonly #sign: (claims: object) => string;
  readonly #verified = new LruMap<string, Readonly<Record<string, unknown>>>(MOST_TOKENS);

  constructor(options: ServiceAccountTokenOptions, deps: ServiceAccountTokenDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#objects = deps.objects;
    this.#clock = deps.clock;
    this.#keys = [options.key, ...(options.olderKeys ?? [])].map(jwtKey);
    this.#sign = jwtSigner(options.key);
  }

  /** The audiences that the API accepts. */
  get audiences(): readonly string[] {
    return this.#options.audiences;
  }

  /** A token, and when it expires as TokenRequest reports it (ms). No audiences = the API's. */
  issue(subject: TokenSubject, request: { audiences?: readonly string[]; lifeSeconds: number }): { token: string; expires: number } {
    const now = this.#now();
    const asked = request.audiences?.length ? request.audiences : undefined;
    const forApi = !asked || asked.every((audience) => this.#options.audiences.includes(audience));
    const audiences = asked ?? this.#options.audiences;
    const stretch = forApi && subject.pod ? 'stretch' : 'as-asked';
    const claims = makeClaims(subject, {
      issuer: this.#options.issuer,
      audiences,
      now,
      lifeSeconds: request.lifeSeconds,
      id: randomUUID(),
      stretch,
    });
    return { token: this.#sign(claims), expires: (now + request.lifeSeconds) * 1000 };
  }

  /** A token to be kept in a Secret. */
  issueForSecret(subject: { namespace: string; serviceAccount: NamedUid; secret: string }): string {
    return this.#sign(makeLegacyClaims(subject));
  }

  /** Holds a token against the keys, the time and the cluster. No audiences = the API's. */
  review(token: string, audiences: readonly string[] = this.#options.audiences): TokenReviewResult {
    const raw = this.#verify(token);
    if (!raw) return { fault: 'invalid bearer token' };
    if (raw['iss'] === LEGACY_ISSUER) {
      const user = legacyUser(raw, token, { objects: this.#objects, now: this.#now() });
      if (typeof user === 'string') return { fault: user };
      const place = legacySecretOf(raw);
      this.#deps.legacyUse?.used(place, this.#objects.secret(place.namespace, place.name)?.metadata.labels);
      return { user, audiences: audiences.filter((item) => this.#options.audiences.includes(item)) };
    }
    const claims = readClaims(raw);
    if (!claims) return { fault: 'invalid bearer token' };
    const fault = claimsFault(claims, this.#objects, this.#now());
    if (fault !== undefined) return { fault };
    const common = audiences.filter((audience) => claims.audiences.includes(audience));
    if (common.length === 0)
      return {
        fault: `token audiences ${JSON.stringify(claims.audiences)} is invalid for the target audiences ${JSON.stringify(audiences)}`,
      };
    return { user: userOfClaims(claims), audiences: common };
  }

  /** @throws StatusError Unauthorized for a token of this issuer that does not hold; tokens of others are left to others. */
  async authenticate(credentials: Credentials): Promise<UserInfo | undefined> {
    const token = bearerToken(credentials);
    if (token === undefined || !this.#isOurs(peekJwt(token))) return undefined;
    const result = this.review(token);
    if ('fault' in result) throw unauthorized();
    return result.user;
  }

  /** The JSON Web Key Set at `/openid/v1/jwks`. */
  keySet(): { keys: Record<string, unknown>[] } {
    return { keys: this.#keys.map(jsonWebKey) };
  }

  /** The document at `/.well-known/openid-configuration`; `jwksUri` is where the key set is served. */
  discovery(jwksUri: string): Record<string, unknown> {
    return {
      issuer: this.#options.issuer,
      jwks_uri: jwksUri,
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: [...new Set(this.#keys.map((key) => key.algorithm))],
    };
  }

  #isOurs(claims: Readonly<Record<string, unknown>> | undefined): boolean {
    return claims !== undefined && (claims['iss'] === this.#options.issuer || claims['iss'] === LEGACY_ISSUER);
  }

  #verify(token: string): Readonly<Record<string, unknown>> | undefined {
    const hash = createHash('sha256').update(token).digest('base64');
    const known = this.#verified.get(hash);
    if (known) return known;
    const claims = verifyJwt(token, this.#keys);
    if (!this.#isOurs(claims) || !claims) return undefined;
    this.#verified.set(hash, claims);
    return claims;
  }

  #now(): number {
    return Math.floor(this.#clock.now() / 1000);
  }
}

// The public keys of an OpenID Connect issuer: found by its discovery document when a token of it first comes, kept, and fetched again when a
// token names a key that is not among them. https://openid.net/specs/openid-connect-discovery-1_0.html

import type { Clock } from '../../../base/clock.ts';
import { KtsError } from '../../../base/errors.ts';
import { type IssuerKey, issuerKey } from '../../../base/jws.ts';

/** Fetches are at least this far apart, whatever tokens come: nobody makes the server a hammer. */
const PAUSE_MS = 10_000;
/** Keys are fetched again after this time, so that one that was withdrawn is forgotten. */
const MAX_AGE_MS = 3_600_000;
/** Most keys of a set. */
const MAX_KEYS = 100;

/** What it needs of the world. */
export interface OidcKeysDeps {
  readonly clock: Pick<Clock, 'monotonic'>;
  /** The JSON document at a URL. */
  readonly fetch: (url: string) => Promise<unknown>;
}

/** The keys of one issuer. */
export class OidcKeys {
  readonly #issuerUrl: string;
  readonly #discoveryUrl: string;
  readonly #deps: OidcKeysDeps;
  #keys: readonly IssuerKey[] | undefined;
  #fetchedAt = Number.NEGATIVE_INFINITY;
  #triedAt = Number.NEGATIVE_INFINITY;
  #fetching: Promise<void> | undefined;
  #failure: unknown;

  /** `discoveryUrl` is where the discovery document is, if not below the issuer. */
  constructor({ issuerUrl, discoveryUrl }: { issuerUrl: string; discoveryUrl?: string | undefined }, deps: OidcKeysDeps) {
    this.#issuerUrl = issuerUrl;
    this.#discoveryUrl = discoveryUrl ?? `${issuerUrl.replace(/\/$/, '')}/.well-known/openid-configuration`;
    this.#deps = deps;
  }

  /** The keys, with that of the id if the issuer has it (undefined: any). @throws KtsError when none could be fetched yet */
  async keys(kid: string | undefined): Promise<readonly IssuerKey[]> {
    const now = this.#deps.clock.monotonic();
    const known =
      this.#keys !== undefined && now - this.#fetchedAt < MAX_AGE_MS && (kid === undefined || this.#keys.some((key) => key.kid === kid));
    if (!known) {
      if (now - this.#triedAt >= PAUSE_MS) this.#fetching ??= this.#refresh(now);
      await this.#fetching;
    }
    if (!this.#keys) throw new KtsError('oidc', 'the keys of the OpenID Connect issuer are not known', { cause: this.#failure });
    return this.#keys;
  }

  async #refresh(now: number): Promise<void> {
    this.#triedAt = now;
    try {
      this.#keys = await this.#fetchKeys();
      this.#fetchedAt = now;
    } catch (error) {
      // What is known goes on being used; who has no keys at all says why.
      this.#failure = error;
    } finally {
      this.#fetching = undefined;
    }
  }

  async #fetchKeys(): Promise<IssuerKey[]> {
    const document = (await this.#deps.fetch(this.#discoveryUrl)) as {
      issuer?: unknown;
      jwks_uri?: unknown;
    } | null; // Each is checked.
    if (document?.issuer !== this.#issuerUrl)
      throw new KtsError('oidc', `the discovery document is of the issuer ${JSON.stringify(document?.issuer ?? null)}`);
    if (typeof document.jwks_uri !== 'string' || !document.jwks_uri.startsWith('https://'))
      throw new KtsError('oidc', 'the discovery document names no jwks_uri with https');
    const set = (await this.#deps.fetch(document.jwks_uri)) as { keys?: unknown } | null; // Checked below.
    if (!Array.isArray(set?.keys)) throw new KtsError('oidc', `${document.jwks_uri} is no JSON Web Key Set`);
    return set.keys.slice(0, MAX_KEYS).flatMap((jwk) => issuerKey(jwk) ?? []);
  }
}

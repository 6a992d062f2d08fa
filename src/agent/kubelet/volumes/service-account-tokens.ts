// Tokens of service accounts for projected volumes: asked for with TokenRequest, bound to the pod, renewed at 80 % of their life.

import type { TokenRequest } from '../../../api/types/authentication-v1.gen.ts';
import type { Pod, ServiceAccountTokenProjection } from '../../../api/types/core-v1.gen.ts';
import type { Clock } from '../../../base/clock.ts';
import type { Writer } from '../../../client/client.ts';
import { SERVICE_ACCOUNTS } from '../../../client/resources.ts';
import { VolumeError } from './errors.ts';

/** Life of a token that does not say otherwise (API default). */
const DEFAULT_LIFE_S = 3600;
/** Share of its life after which a token is renewed, and the age at which it is renewed at the latest (KEP-1205). */
const RENEW_AT_SHARE = 0.8;
const RENEW_AT_AGE_MS = 24 * 3600 * 1000;
/** Tokens kept: some for each pod of a full node. The oldest go first; they would only be asked for again. */
const MAX_TOKENS = 2_000;

/** A token and when to ask for the next. */
export interface ServiceAccountToken {
  readonly token: string;
  /** Milliseconds since 1970. */
  readonly renewAtMs: number;
}

/** Gets and keeps tokens. */
export class ServiceAccountTokens {
  readonly #client: Pick<Writer, 'create'>;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #tokens = new Map<string, ServiceAccountToken>();

  constructor(deps: { readonly client: Pick<Writer, 'create'>; readonly clock: Pick<Clock, 'now'> }) {
    this.#client = deps.client;
    this.#clock = deps.clock;
  }

  /** A token that is not due for renewal. @throws StatusError, VolumeError `volume-failed` for an answer without a token */
  async get(pod: Pod, projection: ServiceAccountTokenProjection, signal: AbortSignal): Promise<ServiceAccountToken> {
    const { audience = '', expirationSeconds = DEFAULT_LIFE_S } = projection;
    const { namespace = '', uid = '' } = pod.metadata;
    const account = pod.spec?.serviceAccountName || 'default';
    const key = [uid, namespace, account, audience, expirationSeconds].join('|');
    const kept = this.#tokens.get(key);
    if (kept && kept.renewAtMs > this.#clock.now()) return kept;
    const token = await this.#request(pod, { namespace, name: account }, { audience, expirationSeconds, signal });
    this.#tokens.delete(key);
    this.#tokens.set(key, token);
    for (const oldest of this.#tokens.keys()) {
      if (this.#tokens.size <= MAX_TOKENS) break;
      this.#tokens.delete(oldest);
    }
    return token;
  }

  /** Forgets the tokens of a pod that is gone. */
  forget(podUid: string): void {
    for (const key of this.#tokens.keys()) if (key.startsWith(`${podUid}|`)) this.#tokens.delete(key);
  }

  async #request(
    pod: Pod,
    account: { namespace: string; name: string },
    want: { audience: string; expirationSeconds: number; signal: AbortSignal },
  ): Promise<ServiceAccountToken> {
    const request: TokenRequest = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      metadata: { name: account.name, namespace: account.namespace },
      spec: {
        audiences: want.audience === '' ? [] : [want.audience],
        expirationSeconds: want.expirationSeconds,
        boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: pod.metadata.name ?? '', uid: pod.metadata.uid ?? '' },
      },
    };
    const askedAt = this.#clock.now();
    const answer = await this.#client.create(SERVICE_ACCOUNTS, request, { subresource: 'token', name: account, signal: want.signal });
    const token = answer.status?.token;
    if (!token) throw new VolumeError('volume-failed', `failed to fetch token: empty answer for service account ${account.name}`);
    const expiresAt = Date.parse(answer.status?.expirationTimestamp ?? '') || askedAt + want.expirationSeconds * 1000;
    return { token, renewAtMs: askedAt + Math.min((expiresAt - askedAt) * RENEW_AT_SHARE, RENEW_AT_AGE_MS) };
  }
}

// Who may ask the kubelet what: client certificates of the cluster's CA or tokens (TokenReview), then SubjectAccessReview on
// `nodes/<sub-resource>`. Rules: Kubernetes documentation, "Kubelet authentication/authorization".

import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { TokenReview } from '../../../api/types/authentication-v1.gen.ts';
import type { SubjectAccessReview } from '../../../api/types/authorization-v1.gen.ts';
import type { Clock } from '../../../base/clock.ts';
import type { UserInfo } from '../../../client/api-backend.ts';
import type { Writer } from '../../../client/client.ts';
import { SUBJECT_ACCESS_REVIEWS, TOKEN_REVIEWS } from '../../../client/resources.ts';

/** What authorization is asked about. */
export interface NodeAccess {
  readonly verb: string;
  /** Sub-resources of `nodes`, any of which is enough: the finest first. */
  readonly subresources: readonly string[];
}

/** Verdicts kept: the few users that ask a kubelet, times its sub-resources. */
const MAX_VERDICTS = 512;
/** How long they count; upstream's defaults are 5 min and 30 s, and 2 min for tokens. */
const ALLOWED_MS = 300_000;
const DENIED_MS = 30_000;
const TOKEN_MS = 120_000;
const ALL_METHODS: Readonly<Record<string, string>> = { POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };

/** Paths with sub-resources of their own (KEP-2862); everything else is `proxy`. */
const SUBRESOURCES: readonly (readonly [string, readonly string[]])[] = [
  ['/stats', ['stats']],
  ['/metrics', ['metrics']],
  ['/logs', ['log']],
  ['/healthz', ['healthz', 'proxy']],
  ['/configz', ['configz', 'proxy']],
  ['/pods', ['pods', 'proxy']],
  ['/runningpods', ['pods', 'proxy']],
];

/** What a request must be allowed to do. */
export function nodeAccess(method: string, path: string): NodeAccess {
  const verb = ALL_METHODS[method] ?? 'get';
  const found = SUBRESOURCES.find(([prefix]) => path === prefix || path.startsWith(`${prefix}/`));
  return { verb, subresources: found?.[1] ?? ['proxy'] };
}

/** Needs of KubeletAuth. */
export interface KubeletAuthDeps {
  /** The node's client; its reviews decide. */
  readonly client: Pick<Writer, 'create'>;
  readonly clock: Pick<Clock, 'monotonic'>;
}

interface Kept<T> {
  readonly value: T;
  readonly until: number;
}

/** Authentication and authorization of one kubelet. */
export class KubeletAuth {
  readonly #nodeName: string;
  readonly #deps: KubeletAuthDeps;
  readonly #verdicts = new Map<string, Kept<boolean>>();
  readonly #tokens = new Map<string, Kept<UserInfo | undefined>>();

  constructor(options: { readonly nodeName: string }, deps: KubeletAuthDeps) {
    this.#nodeName = options.nodeName;
    this.#deps = deps;
  }

  /** The user of a request; undefined when it has no valid credentials. @throws StatusError when the API cannot say */
  async authenticate(request: IncomingMessage): Promise<UserInfo | undefined> {
    const user = certificateUser(request);
    if (user) return user;
    const token = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (!token) return undefined;
    const kept = fresh(this.#tokens, token, this.#deps.clock.monotonic());
    if (kept) return kept.value;
    const value = await this.#reviewToken(token);
    keep(this.#tokens, token, { value, until: this.#deps.clock.monotonic() + TOKEN_MS });
    return value;
  }

  /** Whether the user may. The API server's own certificate always may: it has asked before. @throws StatusError */
  async authorize(user: UserInfo, access: NodeAccess): Promise<boolean> {
    if (user.groups.includes('system:masters')) return true;
    for (const subresource of access.subresources) if (await this.#mayAccess(user, access.verb, subresource)) return true;
    return false;
  }

  async #mayAccess(user: UserInfo, verb: string, subresource: string): Promise<boolean> {
    const key = JSON.stringify([user, verb, subresource]);
    const kept = fresh(this.#verdicts, key, this.#deps.clock.monotonic());
    if (kept) return kept.value;
    const review: SubjectAccessReview = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      metadata: {},
      spec: {
        user: user.name,
        groups: [...user.groups],
        resourceAttributes: { verb, group: '', version: 'v1', resource: 'nodes', subresource, name: this.#nodeName },
        ...(user.uid !== undefined && { uid: user.uid }),
        ...(user.extra && { extra: Object.fromEntries(Object.entries(user.extra).map(([name, values]) => [name, [...values]])) }),
      },
    };
    const value = (await this.#deps.client.create(SUBJECT_ACCESS_REVIEWS, review)).status?.allowed === true;
    keep(this.#verdicts, key, { value, until: this.#deps.clock.monotonic() + (value ? ALLOWED_MS : DENIED_MS) });
    return value;
  }

  async #reviewToken(token: string): Promise<UserInfo | undefined> {
    const review: TokenReview = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', metadata: {}, spec: { token } };
    const { status } = await this.#deps.client.create(TOKEN_REVIEWS, review);
    if (!status?.authenticated || !status.user?.username) return undefined;
    const { username, uid, groups = [], extra } = status.user;
    return { name: username, groups, ...(uid !== undefined && { uid }), ...(extra && { extra }) };
  }
}

function fresh<T>(cache: Map<string, Kept<T>>, key: string, now: number): Kept<T> | undefined {
  const kept = cache.get(key);
  return kept && kept.until > now ? kept : undefined;
}

function keep<T>(cache: Map<string, Kept<T>>, key: string, kept: Kept<T>): void {
  cache.delete(key);
  cache.set(key, kept);
  for (const oldest of cache.keys()) {
    if (cache.size <= MAX_VERDICTS) break;
    cache.delete(oldest);
  }
}

/** The user a verified client certificate names: CN is the user, O are the groups. */
function certificateUser(request: IncomingMessage): UserInfo | undefined {
  const socket = request.socket as TLSSocket; // The server listens with TLS only.
  if (!socket.authorized) return undefined;
  const subject = socket.getPeerCertificate().subject as { CN?: string | string[]; O?: string | string[] } | undefined; // Types say one each.
  const name = [subject?.CN ?? []].flat()[0];
  return name ? { name, groups: [...[subject?.O ?? []].flat(), 'system:authenticated'] } : undefined;
}

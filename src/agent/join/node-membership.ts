// A node's membership of its cluster: joins at the first start, remembers, and renews its certificates. The server's own agent
// joins in the same way, with the token of its own data directory.

import type { Clock } from '../../base/clock.ts';
import { type Component, TaskGroup } from '../../base/component.ts';
import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import type { CertifiedKey } from '../../base/x509.ts';
import type { ClusterConfig } from '../../client/cluster-config.ts';
import type { HttpClient, HttpClientOptions } from '../../client/http-client.ts';
import { requestCertificate } from './certificate-request.ts';
import { isFinalJoinError, joinError } from './errors.ts';
import { authorityHashOf, fetchAuthority, requestJoin } from './join-client.ts';
import { NodeFiles, type PairName, renewalTime } from './node-files.ts';

/** Pauses between attempts to join: 0.5 s, doubling, up to this. */
const RETRY_MAX_MS = 30_000;
/** How often a running node looks whether a certificate is due. */
const LOOK_MS = 6 * 3_600_000;
/** How soon it tries again when renewing failed. */
const RENEWAL_RETRY_MS = 5 * 60_000;
/** How long a node that has joined before waits for news of the configuration before it goes on with what it knows. */
const NEWS_TIMEOUT_MS = 3000;

/** Options of a membership. */
export interface NodeMembershipOptions {
  /** `https://host:port` */
  readonly server: string;
  readonly token: string;
  readonly nodeName: string;
  /** Addresses that the kubelet answers under. */
  readonly nodeIps: readonly string[];
  /** `<data-dir>/agent` */
  readonly directory: string;
}

/** What it needs. `newClient` makes API clients: client/http-client.ts. */
export interface NodeMembershipDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly newClient: (options: HttpClientOptions) => HttpClient;
}

/** The component. After `start` the node has its certificates; `client` is the API as `system:node:<name>`. */
export class NodeMembership implements Component {
  readonly name = 'membership';
  readonly #options: NodeMembershipOptions;
  readonly #deps: NodeMembershipDeps;
  readonly #log: Logger;
  readonly #files: NodeFiles;
  readonly #tasks: TaskGroup;
  readonly #pairs = new Map<PairName, CertifiedKey>();
  readonly #listeners = new Set<(name: PairName) => void>();
  #authority = '';
  #config: ClusterConfig | undefined;
  #client: HttpClient | undefined;

  constructor(options: NodeMembershipOptions, deps: NodeMembershipDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#log = deps.log.child('join');
    this.#files = new NodeFiles(options.directory);
    this.#tasks = new TaskGroup(this.#log);
  }

  /** Joins, or picks up where it was. Waits for a server that is away, however long. @throws KtsError of errors.ts that trying again cannot mend. */
  async start(): Promise<void> {
    const { signal } = this.#tasks;
    await this.#load(signal);
    this.#tasks.run('renew', (stopped) => this.#keepRenewed(stopped));
  }

  async stop(): Promise<void> {
    await this.#tasks.stop();
    await this.#client?.close();
  }

  /** The API as this node. @throws RangeError before `start`. */
  get client(): HttpClient {
    if (!this.#client) throw new RangeError('the node has not joined yet');
    return this.#client;
  }

  /** What the node was told of the cluster. @throws RangeError before `start`. */
  get config(): ClusterConfig {
    if (!this.#config) throw new RangeError('the node has not joined yet');
    return this.#config;
  }

  /** Authority of the API server's certificate, PEM. */
  get authority(): string {
    return this.#authority;
  }

  /** The pair in force, PEM. @throws RangeError before `start`. */
  pair(name: PairName): CertifiedKey {
    const pair = this.#pairs.get(name);
    if (!pair) throw new RangeError('the node has not joined yet');
    return pair;
  }

  /** Calls `fn` when a pair was renewed. Returns the function that ends it. */
  onRenewed(fn: (name: PairName) => void): () => void {
    this.#listeners.add(fn);
    return () => this.#listeners.delete(fn);
  }

  /** Certificates that hold go on being used, server or not; without them the node must join. */
  async #load(signal: AbortSignal): Promise<void> {
    const kept = { authority: this.#files.authority(), config: this.#files.config(), client: this.#files.pair('client-kubelet') };
    const { name, ips } = this.#names();
    const isMember =
      kept.authority !== undefined && kept.config !== undefined && renewalTime(kept.client, { name, ips: [] }) > this.#deps.clock.now();
    if (isMember && kept.client && kept.authority !== undefined && kept.config) {
      this.#adopt(kept.authority, kept.config);
      this.#pairs.set('client-kubelet', kept.client);
      await this.#hearNews(signal);
    } else await this.#retrying(() => this.#join(signal), signal);
    this.#client = this.#nodeClient();
    const serving = this.#files.pair('serving-kubelet');
    if (serving && renewalTime(serving, { name, ips }) > this.#deps.clock.now()) this.#pairs.set('serving-kubelet', serving);
    else await this.#retrying(() => this.#renew('serving-kubelet', signal), signal);
  }

  #names() {
    return { name: this.#options.nodeName, ips: this.#options.nodeIps };
  }

  #adopt(authority: string, config: ClusterConfig): void {
    this.#authority = authority;
    this.#config = config;
  }

  /** The whole way in: authority, token, first certificate. */
  async #join(signal: AbortSignal): Promise<void> {
    const bootstrapToken = await this.#present(signal);
    const client = this.#deps.newClient({
      server: this.#options.server,
      tls: () => ({ ca: this.#authority }),
      token: () => bootstrapToken,
    });
    try {
      const wanted = {
        signer: 'kubernetes.io/kube-apiserver-client-kubelet',
        nodeName: this.#options.nodeName,
        sans: { dns: [], ips: [] },
      } as const;
      this.#take('client-kubelet', await requestCertificate(wanted, { client, clock: this.#deps.clock }, signal));
    } finally {
      await client.close();
    }
    this.#log.info('joined the cluster', { server: this.#options.server, node: this.#options.nodeName });
  }

  /** Shows token and password; keeps what the server tells; resolves to the bootstrap token. */
  async #present(signal: AbortSignal): Promise<string> {
    const { server, token, nodeName } = this.#options;
    const authority = await fetchAuthority({ server, token }, signal);
    this.#checkAuthority(authority);
    const node = { name: nodeName, password: this.#files.password() };
    const reply = await requestJoin({ server, token, authority }, node, signal);
    this.#files.saveJoin(authority, reply.config);
    this.#adopt(authority, reply.config);
    return reply.bootstrapToken;
  }

  /** A bare password names no authority: the first one seen is trusted, and from then on no other. */
  #checkAuthority(authority: string): void {
    if (authorityHashOf(this.#options.token) !== undefined) return;
    const kept = this.#files.authority();
    if (kept === undefined)
      this.#log.warn('the token pins no authority: trusting the one that this server shows', { server: this.#options.server });
    else if (kept !== authority) {
      throw joinError('join-authority-mismatch', `${this.#options.server} is not the server this node joined: its authority is another`);
    }
  }

  /** A member asks for the present configuration, but not for long: its pods must not wait for the server. */
  async #hearNews(signal: AbortSignal): Promise<void> {
    try {
      await this.#present(AbortSignal.any([signal, AbortSignal.timeout(NEWS_TIMEOUT_MS)]));
    } catch (error) {
      if (signal.aborted) throw error;
      this.#log.warn('the server gave no configuration; going on with the last one', { error: messageOf(error) });
    }
  }

  async #renew(name: PairName, signal: AbortSignal): Promise<void> {
    const { nodeName, nodeIps } = this.#options;
    const isServing = name === 'serving-kubelet';
    const wanted = {
      signer: isServing ? 'kubernetes.io/kubelet-serving' : 'kubernetes.io/kube-apiserver-client-kubelet',
      nodeName,
      sans: isServing ? { dns: [nodeName], ips: nodeIps } : { dns: [], ips: [] },
    } as const;
    this.#take(name, await requestCertificate(wanted, { client: this.client, clock: this.#deps.clock }, signal));
    this.#log.info('certificate renewed', { name });
  }

  #take(name: PairName, pair: CertifiedKey): void {
    this.#files.savePair(name, pair);
    this.#pairs.set(name, pair);
    if (name === 'client-kubelet') this.#client?.renew();
    for (const fn of this.#listeners) fn(name);
  }

  #nodeClient(): HttpClient {
    return this.#deps.newClient({
      server: this.#options.server,
      tls: () => {
        const { certificate, key } = this.pair('client-kubelet');
        return { ca: this.#authority, cert: certificate, key };
      },
    });
  }

  async #retrying(attempt: () => Promise<void>, signal: AbortSignal): Promise<void> {
    for (let pause = 500; ; pause = Math.min(pause * 2, RETRY_MAX_MS)) {
      try {
        await attempt();
        return;
      } catch (error) {
        if (signal.aborted || isFinalJoinError(error)) throw error;
        this.#log.warn('cannot join yet', { error: messageOf(error), retryInMs: pause });
        await this.#deps.clock.sleep(pause, signal);
      }
    }
  }

  async #keepRenewed(signal: AbortSignal): Promise<void> {
    for (;;) {
      let pause = LOOK_MS;
      try {
        for (const name of this.#due()) await this.#renew(name, signal);
      } catch (error) {
        if (signal.aborted) throw error;
        this.#log.warn('certificate was not renewed', { error: messageOf(error) });
        pause = RENEWAL_RETRY_MS;
      }
      await this.#deps.clock.sleep(pause, signal);
    }
  }

  #due(): PairName[] {
    const { name, ips } = this.#names();
    const now = this.#deps.clock.now();
    return [...this.#pairs]
      .filter(([pair, kept]) => renewalTime(kept, { name, ips: pair === 'serving-kubelet' ? ips : [] }) <= now)
      .map(([pair]) => pair);
  }
}

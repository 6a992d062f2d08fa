// The cluster's DNS on this node: every node answers the same address itself.

import { readFile } from 'node:fs/promises';
import type { Clock } from '../../base/clock.ts';
import { type Component, TaskGroup } from '../../base/component.ts';
import { messageOf } from '../../base/errors.ts';
import { type Exec, runOk } from '../../base/exec.ts';
import type { Logger } from '../../base/log.ts';
import type { InformerFactory } from '../../client/informer.ts';
import { DnsCache } from './cache.ts';
import { answerQuery, type ChainContext } from './chain.ts';
import { readQuery, writeReply } from './codec.ts';
import { Forwarder } from './forwarder.ts';
import { DnsListener } from './listener.ts';
import { type DnsReply, rcodeReply } from './message.ts';
import { parseResolvConf } from './upstreams.ts';
import { zoneDataFrom } from './zone-data.ts';

/** How long resolv.conf is taken as read. */
const RESOLV_CONF_MS = 10_000;

/** Options of the server. */
export interface DnsServerOptions {
  /** The address to answer on, e.g. `10.43.0.10`. */
  readonly address: string;
  /** Default 53. 0 takes any free one. */
  readonly port?: number;
  /** Link that gets the address, e.g. `lo`; absent = the address is there already. */
  readonly link?: string;
  /** e.g. `cluster.local`. */
  readonly domain: string;
  /** Prefixes of pods and Services. */
  readonly clusterCidrs: readonly string[];
  /** Servers for all other names; absent = those of `resolvConf`. */
  readonly upstreams?: readonly string[];
  /** Default `/etc/resolv.conf`. */
  readonly resolvConf?: string;
  /** Port of the upstream servers. Default 53. */
  readonly upstreamPort?: number;
}

/** What the server needs. */
export interface DnsServerDeps {
  readonly informers: InformerFactory;
  readonly exec: Exec;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The component. It listens from `start` on; until the cluster's objects have arrived it answers SERVFAIL, so that clients ask again. */
export class DnsServer implements Component {
  readonly name = 'dns';
  readonly #options: DnsServerOptions;
  readonly #deps: DnsServerDeps;
  readonly #log: Logger;
  readonly #listener: DnsListener;
  readonly #tasks: TaskGroup;
  readonly #synced = Promise.withResolvers<void>();
  readonly #servers: () => Promise<readonly string[]>;
  #context: ChainContext | undefined;

  constructor(options: DnsServerOptions, deps: DnsServerDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#log = deps.log.child('dns');
    this.#listener = new DnsListener({ address: options.address, port: options.port ?? 53 }, (m, t) => this.#answer(m, t));
    this.#tasks = new TaskGroup(this.#log);
    this.#servers = options.upstreams ? async () => options.upstreams ?? [] : rememberedServers(options, deps.clock);
  }

  /** The port that is listened on. */
  get port(): number {
    return this.#listener.port;
  }

  /** @throws when the address cannot be set or is taken. */
  async start(): Promise<void> {
    const { address, link } = this.#options;
    // Scope host: the kernel must not choose it as the source of packets that leave.
    if (link !== undefined) {
      await runOk(this.#deps.exec, 'ip', ['addr', 'replace', `${address}/32`, 'dev', link, 'scope', 'host']);
    }
    await this.#listener.start();
    this.#tasks.run('sync', (signal) => this.#sync(signal));
  }

  /** The address stays, so that a restart is short; `cleanUpDns` removes it. */
  async stop(): Promise<void> {
    await this.#tasks.stop();
    await this.#listener.stop();
  }

  /** Resolves when questions are answered. */
  ready(): Promise<void> {
    return this.#synced.promise;
  }

  async #sync(signal: AbortSignal): Promise<void> {
    const { domain, address, clusterCidrs, upstreamPort } = this.#options;
    const data = zoneDataFrom(this.#deps.informers);
    await data.synced(signal);
    const forwarder = new Forwarder(
      { servers: this.#servers, ...(upstreamPort !== undefined && { port: upstreamPort }) },
      { clock: this.#deps.clock, log: this.#log },
    );
    this.#context = { zone: { domain, address }, data, clusterCidrs, cache: new DnsCache(this.#deps), forwarder };
    this.#synced.resolve();
  }

  async #answer(message: Uint8Array, transport: 'udp' | 'tcp'): Promise<Uint8Array | undefined> {
    const received = readQuery(message, transport);
    if (!received || 'refusal' in received) return received?.refusal;
    const { query } = received;
    const context = this.#context;
    try {
      return writeReply(query, context ? await answerQuery(query, context) : rcodeReply('SERVFAIL'));
    } catch (error) {
      this.#log.warn('question was not answered', { name: query.name, type: query.type, error: messageOf(error) });
      const failed: DnsReply = rcodeReply('SERVFAIL');
      return writeReply(query, failed);
    }
  }
}

/** Reads resolv.conf, at most every RESOLV_CONF_MS. A file that cannot be read has no servers. */
function rememberedServers(options: DnsServerOptions, clock: Clock): () => Promise<readonly string[]> {
  let servers: readonly string[] = [];
  let readAt = Number.NEGATIVE_INFINITY;
  return async () => {
    if (clock.monotonic() - readAt < RESOLV_CONF_MS) return servers;
    readAt = clock.monotonic();
    const text = await readFile(options.resolvConf ?? '/etc/resolv.conf', 'utf8').catch(() => '');
    servers = parseResolvConf(text, new Set([options.address]));
    return servers;
  };
}

/** Takes the address off its link: for uninstalling. Safe to repeat. */
export async function cleanUpDns(options: Pick<DnsServerOptions, 'address' | 'link'>, exec: Exec): Promise<void> {
  if (options.link !== undefined) await exec.run('ip', ['addr', 'del', `${options.address}/32`, 'dev', options.link]);
}

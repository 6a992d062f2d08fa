// The Service dataplane of a node: follows Services and EndpointSlices, keeps the rules of each, and brings the kernel's table
// to their sum. Changes that arrive while nft runs are taken together in the next run.

import { keyOf } from '../../api/object.ts';
import type { Service } from '../../api/types/core-v1.gen.ts';
import type { EndpointSlice } from '../../api/types/discovery-v1.gen.ts';
import type { Clock } from '../../base/clock.ts';
import type { Component } from '../../base/component.ts';
import type { Exec } from '../../base/exec.ts';
import type { Logger } from '../../base/log.ts';
import { ControllerLoop, source } from '../../client/controller-loop.ts';
import type { Change, Informer, InformerFactory } from '../../client/informer.ts';
import type { WorkQueue } from '../../client/reconciler.ts';
import { ENDPOINT_SLICES, SERVICES } from '../../client/resources.ts';
import type { HostPort } from '../../cni/bridge-plugin.ts';
import { type HealthPort, HealthPorts, healthPortOf } from './health-ports.ts';
import { NftTable, removeNftTable } from './nft-table.ts';
import { type BaseRules, buildRuleset, type Fragment, TABLE } from './ruleset.ts';
import { RulesetFile } from './ruleset-file.ts';
import { hostPortFragment, serviceFragment } from './service-rules.ts';
import { SLICES_BY_SERVICE, serviceKeysOf } from './service-slices.ts';
import { dropFlows, type FlowFilter, staleFlows } from './stale-flows.ts';

/** How often to look whether the table is still there: a reload of the host's firewall may have flushed it. Upstream resyncs as often. */
const CHECK_MS = 30_000;
/** Most stale flows remembered while nft fails; beyond it the oldest are left to their time. */
const FLOWS_MAX = 1000;
/** The only key of the loop: all changes are applied together. */
const SYNC = 'table';

/** Options of the proxy. */
export interface ServiceProxyOptions {
  readonly nodeName: string;
  /** Prefixes of all pods, e.g. `['10.42.0.0/16']`. */
  readonly clusterCidrs: readonly string[];
  /** Prefixes of Services, e.g. `['10.43.0.0/16']`. */
  readonly serviceCidrs: readonly string[];
  /** Cluster addresses that this node answers itself, e.g. that of DNS. */
  readonly localAddresses?: readonly string[];
  /** File that tells the next process what this one left in the kernel; on a file system that a boot empties. */
  readonly statePath: string;
}

/** What the proxy needs. */
export interface ServiceProxyDeps {
  readonly informers: InformerFactory;
  readonly exec: Exec;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The component. `start` returns at once; the table is loaded when Services and EndpointSlices have arrived. */
export class ServiceProxy implements Component {
  readonly name = 'proxy';
  readonly #options: ServiceProxyOptions;
  readonly #deps: ServiceProxyDeps;
  readonly #loop: ControllerLoop;
  readonly #table: NftTable;
  readonly #localAddresses: ReadonlySet<string>;
  readonly #fragments = new Map<string, Fragment>();
  readonly #health = new Map<string, HealthPort>();
  readonly #healthPorts: HealthPorts;
  /** Flows to drop once the table is right. */
  #flows: FlowFilter[] = [];
  /** Services whose rules may have changed: at most one entry a Service. */
  #dirty = new Set<string>();
  #hostPorts: Fragment = hostPortFragment([]);
  #zone = '';
  #maskLocalCidr: string | undefined;
  #queue: WorkQueue | undefined;
  #synced = false;
  #waiting: { resolve(): void; reject(error: unknown): void }[] = [];
  readonly #ready = Promise.withResolvers<void>();
  #services: Informer<Service> | undefined;
  #slices: Informer<EndpointSlice> | undefined;

  constructor(options: ServiceProxyOptions, deps: ServiceProxyDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#localAddresses = new Set(options.localAddresses);
    this.#table = new NftTable(new RulesetFile(options.statePath), { exec: deps.exec, log: deps.log.child('proxy') });
    this.#healthPorts = new HealthPorts({ log: deps.log.child('proxy') });
    this.#loop = new ControllerLoop({ name: 'proxy', workers: 1, setup: (queue) => this.#setup(queue) }, deps);
  }

  async start(): Promise<void> {
    await this.#loop.start();
  }

  /** The table stays: pods keep their Services while kts restarts. */
  async stop(): Promise<void> {
    await this.#loop.stop();
    await this.#healthPorts.stop();
    this.#release();
  }

  /** Resolves when the table has been loaded with all Services known by then. */
  ready(): Promise<void> {
    return this.#ready.promise;
  }

  /**
   * Takes the host ports of all pods of the node. Resolves when they are in force, or at once before the first load.
   * @throws when nft refuses the table now; it is tried again, with these ports, until it succeeds.
   */
  async setHostPorts(ports: readonly HostPort[]): Promise<void> {
    this.#hostPorts = hostPortFragment(ports);
    this.#queue?.add(SYNC);
    if (this.#synced) await this.#next();
  }

  /** Tells the node's zone, and its pod prefix if the kernel lacks br_netfilter (see BaseRules.maskLocalCidr). */
  setNodeFacts(facts: { readonly zone: string; readonly maskLocalCidr: string | undefined }): void {
    if (facts.zone !== this.#zone) for (const key of this.#fragments.keys()) this.#dirty.add(key);
    this.#zone = facts.zone;
    this.#maskLocalCidr = facts.maskLocalCidr;
    this.#queue?.add(SYNC);
  }

  #setup(queue: WorkQueue) {
    this.#queue = queue;
    this.#services = this.#deps.informers.informer(SERVICES);
    this.#slices = this.#deps.informers.informer(ENDPOINT_SLICES, { indexers: { [SLICES_BY_SERVICE]: serviceKeysOf } });
    const note = (keys: readonly string[]): readonly string[] => {
      for (const key of keys) this.#dirty.add(key);
      return keys.length > 0 ? [SYNC] : [];
    };
    const slicesOf = ({ object, old }: Change<EndpointSlice>) => note([...serviceKeysOf(object), ...(old ? serviceKeysOf(old) : [])]);
    return {
      sources: [source(this.#services, ({ object }) => note([keyOf(object)])), source(this.#slices, slicesOf)],
      reconcile: () => this.#sync(),
      onSynced: () => queue.add(SYNC),
    };
  }

  async #sync(): Promise<{ requeueAfterMs: number }> {
    const waiting = this.#waiting.splice(0);
    const dirty = this.#dirty;
    this.#dirty = new Set();
    try {
      for (const key of dirty) this.#flows.push(...this.#renew(key));
      this.#flows = this.#flows.slice(-FLOWS_MAX);
      await this.#checkTable(dirty.size === 0 && waiting.length === 0);
      await this.#table.apply(this.#wanted());
      await dropFlows(this.#flows.splice(0), { exec: this.#deps.exec, log: this.#deps.log });
      await this.#healthPorts.apply([...this.#health.values()]);
    } catch (error) {
      for (const { reject } of waiting) reject(error);
      throw error;
    }
    this.#synced = true;
    this.#ready.resolve();
    for (const { resolve } of waiting) resolve();
    return { requeueAfterMs: CHECK_MS };
  }

  /** Computes the rules of one Service anew; returns the flows that are stale by it. */
  #renew(key: string): FlowFilter[] {
    const before = this.#fragments.get(key);
    const service = this.#services?.lister.get(key);
    const slices = this.#slices?.lister.byIndex(SLICES_BY_SERVICE, key) ?? [];
    const node = { name: this.#options.nodeName, zone: this.#zone };
    const context = { node, localAddresses: this.#localAddresses };
    const after = service && serviceFragment(service, slices, context);
    if (after) this.#fragments.set(key, after);
    else this.#fragments.delete(key);
    const health = service && healthPortOf(service, slices, node);
    if (health) this.#health.set(key, health);
    else this.#health.delete(key);
    return staleFlows(before, after);
  }

  #wanted() {
    const base: BaseRules = {
      clusterCidrs: this.#options.clusterCidrs,
      serviceCidrs: this.#options.serviceCidrs,
      ...(this.#maskLocalCidr !== undefined && { maskLocalCidr: this.#maskLocalCidr }),
    };
    return buildRuleset(base, [this.#hostPorts, ...this.#fragments.values()]);
  }

  /** In a run that has nothing else to do: is the table still there? */
  async #checkTable(idle: boolean): Promise<void> {
    if (!idle || !this.#table.current) return;
    const result = await this.#deps.exec.run('nft', ['list', 'chain', ...TABLE.split(' '), 'nat-prerouting']);
    if (result.code === 0) return;
    this.#deps.log.warn('the nftables table was removed by another program; loading it again');
    this.#table.forget();
  }

  /** Ends as the next run ends that began after this call. */
  #next(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#queue?.add(SYNC);
    });
  }

  #release(): void {
    for (const { resolve } of this.#waiting.splice(0)) resolve();
  }
}

/** Removes everything the proxy made in this network namespace. */
export async function cleanUpProxy(exec: Exec): Promise<void> {
  await removeNftTable(exec);
}

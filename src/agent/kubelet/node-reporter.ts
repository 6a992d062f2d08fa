// Registers the node, keeps its status true (sent when it changed, or every 5 minutes), and renews its lease every 10 s.

import { deepEqual } from '../../api/copy.ts';
import { isAlreadyExists, isNotFound } from '../../api/status-error.ts';
import type { Lease } from '../../api/types/coordination-v1.gen.ts';
import type { Node, NodeStatus, Taint } from '../../api/types/core-v1.gen.ts';
import { type Clock, rfc3339Micro } from '../../base/clock.ts';
import { type Component, TaskGroup } from '../../base/component.ts';
import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import type { Client } from '../../client/client.ts';
import { LEASES, NODES } from '../../client/resources.ts';
import type { ImageService } from '../../cri/runtime.ts';
import { type NodeFacts, readNodeFacts } from './node-facts.ts';
import { type NodeSettings, nodeStatus, resources } from './node-status.ts';

/** Options of the reporter. */
export interface NodeReporterOptions extends NodeSettings {
  readonly nodeName: string;
  /** Labels beyond kubernetes.io/{hostname,os,arch}. The API refuses node-role labels from a node: the server sets those. */
  readonly labels: Readonly<Record<string, string>>;
  /** Set when the node is registered for the first time. */
  readonly taints: readonly Taint[];
  readonly directories: { readonly root: string; readonly images: string };
  readonly providerId?: string;
}

/** What the reporter needs. */
export interface NodeReporterDeps {
  readonly client: Client;
  readonly images: Pick<ImageService, 'listImages'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Why the node cannot run pods; undefined = it can. */
  notReady(): Promise<string | undefined>;
}

const LEASE_EVERY_MS = 10_000;
const LEASE_SECONDS = 40;
const LOOK_EVERY_MS = 10_000;
/** While the node is not ready: what it waits for (its pod network, containerd) comes within moments. */
const LOOK_UNREADY_MS = 100;
/** For so long after the start; a node that is not ready for longer has a fault that nobody mends in moments. */
const EAGER_MS = 60_000;
const SEND_AT_LEAST_MS = 300_000;
const RETRY_MS = 1000;
const LEASE_NAMESPACE = 'kube-node-lease';

/** The node of this kubelet. `start` resolves when it is registered with its first status. */
export class NodeReporter implements Component {
  readonly name = 'node-reporter';
  readonly #options: NodeReporterOptions;
  readonly #deps: NodeReporterDeps;
  readonly #tasks: TaskGroup;
  #node: Node | undefined;
  #facts: NodeFacts | undefined;
  #sentMs = Number.NEGATIVE_INFINITY;
  #wake: () => void = () => {};
  readonly #ready = Promise.withResolvers<void>();
  #isReady = false;
  #lease: Lease | undefined;
  #leaseFailed = false;

  constructor(options: NodeReporterOptions, deps: NodeReporterDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#tasks = new TaskGroup(deps.log);
  }

  /** The node as the API has it, with the newest status. @throws RangeError before `start` has resolved */
  get node(): Node {
    if (!this.#node) throw new RangeError('the node is not registered');
    return this.#node;
  }

  /** Reads the node anew from the API and returns it. */
  async refresh(): Promise<Node> {
    this.#node = await this.#deps.client.get(NODES, { namespace: '', name: this.#options.nodeName });
    return this.#node;
  }

  /** Facts read last. @throws RangeError before `prepare` or `start` */
  get facts(): NodeFacts {
    if (!this.#facts) throw new RangeError('the facts of the node were not read');
    return this.#facts;
  }

  /** What pods may use, by resource name. */
  allocatable(): Readonly<Record<string, string>> {
    return resources(this.#options, this.facts).allocatable;
  }

  /** Reads the facts for the first time. */
  async prepare(): Promise<void> {
    this.#facts = await readNodeFacts(this.#options.directories);
  }

  async start(): Promise<void> {
    await this.prepare();
    await this.#retry('registering the node', () => this.#register());
    await this.#retry('sending the first node status', () => this.#look());
    this.#tasks.run('lease', (signal) => this.#every(LEASE_EVERY_MS, () => this.#renew(signal), signal));
    this.#tasks.run('status', (signal) => this.#follow(signal));
  }

  async stop(): Promise<void> {
    await this.#tasks.stop();
  }

  /** Resolves when the API has been told for the first time that the node is ready. */
  ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** Look at the node again now: something changed that its status shows. */
  poke(): void {
    this.#wake();
  }

  /** Until it succeeds or the reporter stops: at start the API may not be there yet. */
  async #retry(what: string, work: () => Promise<void>): Promise<void> {
    const { signal } = this.#tasks;
    for (let attempt = 0; ; attempt++) {
      try {
        await work();
        return;
      } catch (error) {
        signal.throwIfAborted();
        if (attempt % 10 === 0) this.#deps.log.warn('a step of the node failed, trying again', { step: what, error: messageOf(error) });
        await this.#deps.clock.sleep(RETRY_MS, signal);
      }
    }
  }

  #labels(): Record<string, string> {
    const { architecture } = this.facts;
    const { hostname, labels } = this.#options;
    return {
      'beta.kubernetes.io/arch': architecture,
      'beta.kubernetes.io/os': 'linux',
      'kubernetes.io/arch': architecture,
      'kubernetes.io/hostname': hostname,
      'kubernetes.io/os': 'linux',
      ...labels,
    };
  }

  async #register(): Promise<void> {
    const { client } = this.#deps;
    const { nodeName, taints, providerId } = this.#options;
    const labels = this.#labels();
    const annotations = { 'volumes.kubernetes.io/controller-managed-attach-detach': 'true' };
    const spec = { ...(taints.length > 0 && { taints: [...taints] }), ...(providerId && { providerID: providerId }) };
    try {
      this.#node = await client.create(NODES, { apiVersion: 'v1', kind: 'Node', metadata: { name: nodeName, labels, annotations }, spec });
      this.#deps.log.info('registered the node', { node: nodeName });
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      const body = { metadata: { labels, annotations } };
      this.#node = await client.patch(NODES, { namespace: '', name: nodeName }, { type: 'strategic', body });
    }
  }

  async #look(): Promise<void> {
    const { client, clock } = this.#deps;
    this.#facts = await readNodeFacts(this.#options.directories);
    // As the API has it, not as it was sent: meanwhile the node may have been declared lost, or been deleted.
    const old = (await this.#present()).status ?? {};
    const [images, notReady] = await Promise.all([this.#deps.images.listImages().catch(() => []), this.#deps.notReady()]);
    this.#isReady = notReady === undefined;
    const status = nodeStatus({ settings: this.#options, facts: this.#facts, images, notReady, nowMs: clock.now(), old });
    if (!isNews(old, status) && clock.monotonic() - this.#sentMs < SEND_AT_LEAST_MS) return;
    const { addresses: _, ...rest } = status;
    const body = { status: { ...rest, ...addressPatch(old, status) } };
    const name = { namespace: '', name: this.#options.nodeName };
    this.#node = await client.patch(NODES, name, { type: 'strategic', body }, { subresource: 'status' });
    this.#sentMs = clock.monotonic();
    if (this.#isReady) this.#ready.resolve();
  }

  /** The node, registered anew when somebody deleted it: it is still here. */
  async #present(): Promise<Node> {
    try {
      return await this.refresh();
    } catch (error) {
      if (!isNotFound(error)) throw error;
      await this.#register();
      return this.node;
    }
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const { clock } = this.#deps;
    const eagerUntil = clock.monotonic() + EAGER_MS;
    while (!signal.aborted) {
      const eager = !this.#isReady && clock.monotonic() < eagerUntil;
      await this.#pause(eager ? LOOK_UNREADY_MS : LOOK_EVERY_MS, signal);
      try {
        await this.#look();
      } catch (error) {
        if (!signal.aborted) this.#deps.log.warn('updating the node status failed', { error: messageOf(error) });
      }
    }
  }

  /** Waits, but not longer than until `poke`. */
  #pause(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const done = (): void => {
        timer.cancel();
        signal.removeEventListener('abort', onAbort);
        resolve();
      };
      const onAbort = (): void => {
        timer.cancel();
        reject(signal.reason);
      };
      const timer = this.#deps.clock.after(ms, done);
      this.#wake = done;
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  async #every(ms: number, work: () => Promise<void>, signal: AbortSignal): Promise<void> {
    for (;;) {
      try {
        const isBack = this.#leaseFailed;
        await work();
        this.#leaseFailed = false;
        if (isBack) this.#wake(); // The node may have been declared lost.
      } catch (error) {
        if (signal.aborted) return;
        this.#lease = undefined;
        this.#leaseFailed = true;
        this.#deps.log.warn('renewing the node lease failed', { error: messageOf(error) });
      }
      await this.#deps.clock.sleep(ms, signal);
    }
  }

  async #renew(signal: AbortSignal): Promise<void> {
    const { client, clock } = this.#deps;
    const { nodeName } = this.#options;
    const renewTime = rfc3339Micro(clock.now());
    this.#lease ??= await this.#readLease(signal);
    if (this.#lease) {
      const next: Lease = {
        ...this.#lease,
        spec: { ...this.#lease.spec, renewTime, holderIdentity: nodeName, leaseDurationSeconds: LEASE_SECONDS },
      };
      this.#lease = await client.update(LEASES, next, { signal });
      return;
    }
    const owner = { apiVersion: 'v1', kind: 'Node', name: nodeName, uid: this.node.metadata.uid ?? '' };
    this.#lease = await client.create(
      LEASES,
      {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name: nodeName, namespace: LEASE_NAMESPACE, ownerReferences: [owner] },
        spec: { holderIdentity: nodeName, leaseDurationSeconds: LEASE_SECONDS, renewTime },
      },
      { signal },
    );
  }

  async #readLease(signal: AbortSignal): Promise<Lease | undefined> {
    try {
      return await this.#deps.client.get(LEASES, { namespace: LEASE_NAMESPACE, name: this.#options.nodeName }, { signal });
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }
}

/** Whether the status says something new: heartbeat times alone are no news. */
function isNews(old: NodeStatus, status: NodeStatus): boolean {
  const bare = ({ conditions = [], ...rest }: NodeStatus) => ({
    ...rest,
    conditions: conditions.map(({ lastHeartbeatTime: _, ...c }) => c).sort((a, b) => (a.type < b.type ? -1 : 1)),
  });
  const keys = Object.keys(status) as (keyof NodeStatus)[]; // The status is ours: its keys are of its type.
  const [before, after] = [bare(old), bare({ ...status, conditions: mergedConditions(old, status) })];
  return keys.some((key) => !deepEqual(before[key], after[key]));
}

/** Conditions of others (network, problem detectors) stay. */
function mergedConditions(old: NodeStatus, status: NodeStatus) {
  const own = status.conditions ?? [];
  return [...own, ...(old.conditions ?? []).filter((c) => !own.some((o) => o.type === c.type))];
}

/** Addresses merge by type: when they differ the list is replaced as a whole. */
function addressPatch(old: NodeStatus, status: NodeStatus): { addresses?: unknown[] } {
  return deepEqual(old.addresses, status.addresses) ? {} : { addresses: [...(status.addresses ?? []), { $patch: 'replace' }] };
}

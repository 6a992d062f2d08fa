// The node IPAM controller: gives each node its block of pod addresses, and takes it back when the node is deleted.

import { keyOf } from '../../api/object.ts';
import type { Node } from '../../api/types/core-v1.gen.ts';
import type { Component } from '../../base/component.ts';
import { ControllerLoop, source } from '../../client/controller-loop.ts';
import type { Change, Lister } from '../../client/informer.ts';
import type { EventRecorder } from '../../client/recorder.ts';
import { NODES } from '../../client/resources.ts';
import type { ControllerDeps } from './controller.ts';
import { type CidrPool, cidrPools, firstFreeCidr } from './node-ipam-plan.ts';

/** What the controller needs beside. */
export interface NodeIpamDeps extends ControllerDeps {
  /** The pod networks of the cluster, one per address family, e.g. `['10.42.0.0/16']`. */
  readonly clusterCidrs: readonly string[];
}

class NodeIpam {
  readonly #deps: NodeIpamDeps;
  readonly #recorder: EventRecorder;
  readonly #pools: readonly CidrPool[];
  readonly #nodes: Lister<Node>;
  /** Blocks given out that the informer may not show yet, by node. */
  readonly #given = new Map<string, readonly string[]>();

  constructor(deps: NodeIpamDeps, nodes: Lister<Node>) {
    this.#deps = deps;
    this.#recorder = deps.recorder('cidrAllocator');
    this.#pools = cidrPools(deps.clusterCidrs);
    this.#nodes = nodes;
  }

  /** A deleted node frees a block that another may wait for. */
  keys({ type, object }: Change<Node>): string[] {
    if (type !== 'deleted') return object.spec?.podCIDR ? [] : [keyOf(object)];
    this.#given.delete(keyOf(object));
    return this.#nodes
      .list()
      .filter((node) => !node.spec?.podCIDR)
      .map(keyOf);
  }

  async reconcile(name: string, signal: AbortSignal): Promise<undefined> {
    const node = this.#nodes.get(name);
    if (!node || node.spec?.podCIDR || node.metadata.deletionTimestamp) return undefined;
    const used = [...this.#nodes.list().flatMap((n) => n.spec?.podCIDRs ?? n.spec?.podCIDR ?? []), ...this.#given.values()].flat();
    const mine = this.#given.get(name) ?? this.#pools.flatMap((pool) => firstFreeCidr(pool, used) ?? []);
    if (mine.length < this.#pools.length) {
      this.#recorder.event(node, 'Normal', 'CIDRNotAvailable', `Node ${name} status is now: CIDRNotAvailable`);
      return undefined;
    }
    this.#given.set(name, mine);
    const body = { metadata: { uid: node.metadata.uid }, spec: { podCIDR: mine[0], podCIDRs: mine } };
    await this.#deps.client.patch(NODES, { namespace: '', name }, { type: 'merge', body }, { signal });
    return undefined;
  }
}

/** Hands out pod CIDRs. One worker: two nodes must not be given the same block. */
export function nodeIpamController(deps: NodeIpamDeps): Component {
  return new ControllerLoop(
    {
      name: 'node-ipam',
      workers: 1,
      setup: () => {
        const nodes = deps.informers.informer(NODES);
        const ipam = new NodeIpam(deps, nodes.lister);
        return { sources: [source(nodes, (change) => ipam.keys(change))], reconcile: (key, signal) => ipam.reconcile(key, signal) };
      },
    },
    deps,
  );
}

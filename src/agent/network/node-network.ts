// The pod network of this node: bridge, ways to the other nodes, and the CNI plugin that attaches pods. Follows the Node objects.

import { mkdir, rename, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Node } from '../../api/types/core-v1.gen.ts';
import { writeFileAtomic } from '../../base/atomic-file.ts';
import type { Clock } from '../../base/clock.ts';
import type { Component } from '../../base/component.ts';
import { messageOf } from '../../base/errors.ts';
import { type Exec, runOk } from '../../base/exec.ts';
import type { Logger } from '../../base/log.ts';
import { ControllerLoop, source } from '../../client/controller-loop.ts';
import type { Informer, InformerFactory } from '../../client/informer.ts';
import type { WorkQueue } from '../../client/reconciler.ts';
import { NODES } from '../../client/resources.ts';
import { AttachmentJournal } from '../../cni/attachment-journal.ts';
import { BridgePlugin, type HostPort } from '../../cni/bridge-plugin.ts';
import { gatewayOf, isIpv4, parseCidr } from '../../cni/cidr.ts';
import { CONFLIST_FILE, conflistText } from '../../cni/conflist.ts';
import { CniServer } from './cni-server.ts';
import { type KernelFacts, prepareKernel, setKernel } from './kernel-settings.ts';
import { readNetworkState } from './link-state.ts';
import {
  type Backend,
  type DesiredNetwork,
  desiredNetwork,
  type NetworkSettings,
  type Peer,
  planCleanUp,
  planNetwork,
} from './network-plan.ts';
import { chooseNodeAddress, type NodeAddressOptions } from './node-address.ts';

/** Annotation by which a node tells the address others reach it at, where that is not its InternalIP. */
const PUBLIC_IP_ANNOTATION = 'kts.io/public-ip';
const ZONE_LABEL = 'topology.kubernetes.io/zone';
/** How often links and routes are compared with what they should be, for what others changed (DHCP, an operator). Four `ip` runs. */
const REPAIR_MS = 60_000;
const SYNC = 'network';

/** Options of the node's network. */
export interface NodeNetworkOptions extends NodeAddressOptions {
  readonly nodeName: string;
  /** Default `kts0`. */
  readonly bridge?: string;
  /** Default `kts.vx`. */
  readonly vxlan?: string;
  /** Default 1. */
  readonly vni?: number;
  /** Default 8472, as flannel. */
  readonly port?: number;
  /** Default `vxlan`. */
  readonly backend?: Backend;
  /** Directory of the attachments' journal; its own. */
  readonly dataDir: string;
  /** The agent's CNI socket, e.g. `/run/kts/cni.sock`. */
  readonly socketPath: string;
  /** The container runtime's CNI configuration directory. */
  readonly confDir: string;
  /** The container runtime's CNI plugin directory, and the client to link into it; absent = someone else puts it there. */
  readonly plugins?: { readonly binDir: string; readonly clientPath: string };
}

/** The part of the Service proxy that the network talks to. */
export interface NetworkProxy {
  setHostPorts(ports: readonly HostPort[]): Promise<void>;
  setNodeFacts(facts: { readonly zone: string; readonly maskLocalCidr: string | undefined }): void;
}

/** What the network needs. */
export interface NodeNetworkDeps {
  readonly informers: InformerFactory;
  readonly proxy: NetworkProxy;
  /** Ids of the sandboxes the runtime has. */
  sandboxIds(): Promise<ReadonlySet<string>>;
  readonly exec: Exec;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The component. `start` resolves when CNI requests are taken; `ready` when pods can be attached. */
export class NodeNetwork implements Component {
  readonly name = 'network';
  readonly #options: NodeNetworkOptions;
  readonly #settings: NetworkSettings;
  readonly #deps: NodeNetworkDeps;
  readonly #log: Logger;
  readonly #server: CniServer;
  readonly #journal: AttachmentJournal;
  readonly #loop: ControllerLoop;
  readonly #ready = Promise.withResolvers<void>();
  #nodes: Informer<Node> | undefined;
  #kernel: KernelFacts = { bridgeNetfilter: true };
  #plugin: BridgePlugin | undefined;
  /** What was brought about last, as text, to tell a change that matters from a heartbeat. */
  #applied = '';
  #repairAt = 0;
  #wasReady = false;

  constructor(options: NodeNetworkOptions, deps: NodeNetworkDeps) {
    const { bridge = 'kts0', vxlan = 'kts.vx', vni = 1, port = 8472, backend = 'vxlan' } = options;
    this.#options = options;
    this.#settings = { bridge, vxlan, vni, port, backend };
    this.#deps = deps;
    this.#log = deps.log.child('network');
    this.#server = new CniServer({ socketPath: options.socketPath }, { log: this.#log });
    this.#journal = new AttachmentJournal({ dir: options.dataDir }, { log: this.#log });
    this.#loop = new ControllerLoop({ name: 'network', workers: 1, setup: (queue) => this.#setup(queue) }, deps);
  }

  async start(): Promise<void> {
    this.#kernel = await prepareKernel({ exec: this.#deps.exec, log: this.#log });
    await this.#journal.load();
    await this.#installClient();
    await mkdir(dirname(this.#options.socketPath), { recursive: true });
    await this.#server.start();
    await this.#loop.start();
  }

  /** Links and routes stay: pods keep their network while kts restarts. */
  async stop(): Promise<void> {
    await this.#loop.stop();
    await this.#server.stop();
  }

  /** Resolves when this node has its pod CIDR and its bridge: CNI requests are then served. */
  ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** Frees what sandboxes left that the runtime no longer knows: their DEL never came. Before ADDs are taken: what is being made is not listed yet. */
  async #releaseOrphans(plugin: BridgePlugin): Promise<void> {
    try {
      const live = await this.#deps.sandboxIds();
      await plugin.gc(this.#journal.all().filter((a) => live.has(a.containerId)));
    } catch (error) {
      this.#log.warn('addresses of pods that are gone were not looked for', { error: messageOf(error) });
    }
  }

  #setup(queue: WorkQueue) {
    this.#nodes = this.#deps.informers.informer(NODES);
    return { sources: [source(this.#nodes, () => [SYNC])], reconcile: () => this.#sync(), onSynced: () => queue.add(SYNC) };
  }

  async #sync(): Promise<{ requeueAfterMs: number } | undefined> {
    const own = this.#nodes?.lister.get(this.#options.nodeName);
    const podCidr = own?.spec.podCIDR ?? '';
    if (!own || podCidr === '') return undefined; // The change that brings it wakes us.
    const peers = peersOf(this.#nodes?.lister.list() ?? [], this.#options.nodeName);
    const zone = own.metadata.labels?.[ZONE_LABEL] ?? '';
    const wanted = JSON.stringify([podCidr, peers, zone]);
    // A node that was lost and is back may have lost its link, and with the link its routes.
    const isReady = own.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') === true;
    if (isReady && !this.#wasReady) this.#repairAt = 0;
    this.#wasReady = isReady;
    const left = this.#repairAt - this.#deps.clock.monotonic();
    if (wanted === this.#applied && left > 0) return { requeueAfterMs: left };
    const { desired, links } = await this.#applyLinks(podCidr, peers);
    if (wanted !== this.#applied) await this.#serve(desired, { podCidr, zone, links });
    this.#applied = wanted;
    this.#repairAt = this.#deps.clock.monotonic() + REPAIR_MS;
    return { requeueAfterMs: REPAIR_MS };
  }

  async #applyLinks(podCidr: string, peers: readonly Peer[]): Promise<{ desired: DesiredNetwork; links: ReadonlySet<string> }> {
    const { exec } = this.#deps;
    const state = await readNetworkState(exec, this.#settings.vxlan);
    const address = chooseNodeAddress(this.#options, state);
    const desired = desiredNetwork(this.#settings, { address, podCidr }, peers);
    const steps = planNetwork(desired, state);
    if (steps.ip.length > 0) await runOk(exec, 'ip', ['-batch', '-'], { input: `${steps.ip.join('\n')}\n` });
    if (steps.bridge.length > 0) await runOk(exec, 'bridge', ['-batch', '-'], { input: `${steps.bridge.join('\n')}\n` });
    if (steps.ip.length > 0) {
      // Host ports on 127.0.0.1: packets of that source may leave by the bridge (their address is hidden on the way).
      await setKernel(exec, `net/ipv4/conf/${this.#settings.bridge}/route_localnet`, 1);
      this.#log.info('pod network set', { podCidr, address: address.ip, device: address.device, peers: peers.length });
    }
    return { desired, links: new Set(state.links.map((link) => link.name)) };
  }

  async #serve(desired: DesiredNetwork, node: { podCidr: string; zone: string; links: ReadonlySet<string> }): Promise<void> {
    const { proxy } = this.#deps;
    const maskLocalCidr = this.#kernel.bridgeNetfilter ? undefined : node.podCidr;
    proxy.setNodeFacts({ zone: node.zone, maskLocalCidr });
    const { name: bridge, mtu } = desired.bridge;
    const network = { bridge, mtu, subnet: node.podCidr, gateway: gatewayOf(parseCidr(node.podCidr)) };
    const isFirst = this.#plugin === undefined;
    this.#plugin = new BridgePlugin(network, {
      exec: this.#deps.exec,
      log: this.#log,
      journal: this.#journal,
      setHostPorts: (ports) => proxy.setHostPorts(ports),
    });
    if (isFirst) {
      await this.#plugin.releaseDead(node.links);
      await this.#releaseOrphans(this.#plugin);
    }
    // Not waited for: the proxy brings them into force as soon as it can, pods need not wait.
    proxy.setHostPorts(this.#plugin.hostPorts()).catch((error: unknown) => {
      this.#log.warn('host ports are not in force yet', { error: messageOf(error) });
    });
    this.#server.setPlugin(this.#plugin);
    await writeConflist(this.#options.confDir, this.#options.socketPath);
    this.#ready.resolve();
  }

  /** `kts` is our plugin's name, `loopback` the one the runtime calls itself. */
  async #installClient(): Promise<void> {
    const { plugins } = this.#options;
    if (!plugins) return;
    await mkdir(plugins.binDir, { recursive: true });
    for (const name of ['kts', 'loopback']) {
      const path = join(plugins.binDir, name);
      await rm(`${path}.new`, { force: true });
      await symlink(plugins.clientPath, `${path}.new`);
      await rename(`${path}.new`, path);
    }
  }
}

/** The other nodes that have a pod CIDR and an address, by name. */
export function peersOf(nodes: readonly Node[], ownName: string): Peer[] {
  return nodes
    .flatMap((node): Peer[] => {
      const name = node.metadata.name ?? '';
      const podCidr = node.spec.podCIDR ?? '';
      const internal = node.status?.addresses?.find((a) => a.type === 'InternalIP' && isIpv4(a.address))?.address ?? '';
      const ip = node.metadata.annotations?.[PUBLIC_IP_ANNOTATION] ?? internal;
      return name === ownName || podCidr === '' || !isIpv4(ip) ? [] : [{ name, podCidr, ip }];
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function writeConflist(dir: string, socket: string): Promise<void> {
  await mkdir(dir, { recursive: true });
  writeFileAtomic(join(dir, CONFLIST_FILE), conflistText({ socket }), { mode: 0o644 });
}

/** What `cleanUpNetwork` removes. */
export interface NetworkResidue {
  readonly bridge?: string;
  readonly vxlan?: string;
  readonly confDir: string;
  readonly socketPath: string;
}

/** Removes links, routes, configuration and socket: for uninstalling. Safe to repeat; stop the pods first. */
export async function cleanUpNetwork(residue: NetworkResidue, exec: Exec): Promise<void> {
  const { bridge = 'kts0', vxlan = 'kts.vx' } = residue;
  const lines = planCleanUp({ bridge, vxlan }, await readNetworkState(exec, vxlan));
  // -force: a veth whose pod ends meanwhile is gone before its line; the rest must go on.
  if (lines.length > 0) await exec.run('ip', ['-force', '-batch', '-'], { input: `${lines.join('\n')}\n` });
  await rm(join(residue.confDir, CONFLIST_FILE), { force: true });
  await rm(residue.socketPath, { force: true });
}

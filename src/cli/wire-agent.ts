// Builds the graph of a node: the only place that knows how its parts fit together, and the order in which they start.

import { join } from 'node:path';
import { DnsServer } from '../agent/dns/dns-server.ts';
import { NodeMembership } from '../agent/join/node-membership.ts';
import { ImageArchives } from '../agent/kubelet/image-archives.ts';
import { LogRotation } from '../agent/kubelet/logs/log-rotation.ts';
import { detectNodeAddress } from '../agent/network/node-address.ts';
import { NodeNetwork, type NodeNetworkDeps } from '../agent/network/node-network.ts';
import { ServiceProxy } from '../agent/proxy/service-proxy.ts';
import { assetBytes, extractAsset } from '../base/assets.ts';
import { systemChildren } from '../base/child.ts';
import { systemClock } from '../base/clock.ts';
import { type Component, startAll, stopAll } from '../base/component.ts';
import { systemExec } from '../base/exec.ts';
import type { Logger } from '../base/log.ts';
import { ApiEventRecorder } from '../client/event-recorder.ts';
import { HttpClient } from '../client/http-client.ts';
import { SharedInformerFactory } from '../client/shared-informer.ts';
import { Containerd } from '../cri/containerd.ts';
import { findProgram } from '../cri/containerd-programs.ts';
import type { AgentSettings } from './agent-settings.ts';
import { DEMO_IMAGE } from './demo-app.ts';
import { DNS_LINK } from './uninstall/machine.ts';
import { type AgentCommon as Common, makeKubelet, makeKubeletServer } from './wire-kubelet.ts';

/** The image of pods' sandboxes that is built in. */
const PAUSE_IMAGE = 'kts.local/pause:1';

/** A node. `start` resolves when pods can run on it and DNS answers. */
export class Agent implements Component {
  readonly name = 'agent';
  readonly #settings: AgentSettings;
  readonly #log: Logger;
  #parts: readonly Component[] = [];

  constructor(settings: AgentSettings, deps: { readonly log: Logger }) {
    this.#settings = settings;
    this.#log = deps.log;
  }

  async start(): Promise<void> {
    const { options } = this.#settings;
    const found = await detectNodeAddress(options.nodeIp === undefined ? {} : { nodeIp: options.nodeIp }, systemExec);
    const common: Common = { settings: this.#settings, clock: systemClock, log: this.#log, address: found.ip };
    const containerd = makeContainerd(common);
    const membership = makeMembership(common);
    // Both take their time and need nothing of each other.
    const outcomes = await Promise.allSettled([containerd.start(), membership.start()]);
    this.#parts = [containerd, membership];
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
    const graph = makeNode(common, containerd, membership);
    this.#parts = [containerd, membership, ...graph.parts];
    await startAll(graph.parts);
    await graph.ready();
  }

  async stop(): Promise<void> {
    await stopAll(this.#parts);
  }
}

function makeContainerd({ settings, clock, log }: Common): Containerd {
  const { options, searchPath } = settings;
  const agentData = join(options.directories.data, 'agent');
  return new Containerd(
    {
      dataDir: join(agentData, 'containerd'),
      runDir: join(options.directories.run, 'containerd'),
      cniBinDir: join(agentData, 'cni/bin'),
      cniConfDir: join(agentData, 'etc/cni/net.d'),
      sandboxImage: options.pauseImage,
      searchPath,
      snapshotter: options.snapshotter,
      ...(options.runtime && { runtime: options.runtime }),
    },
    { children: systemChildren, exec: systemExec, clock, log: log.child('containerd') },
  );
}

function makeMembership({ settings, clock, log, address }: Common): NodeMembership {
  const { server, token, nodeName, options } = settings;
  return new NodeMembership(
    {
      server,
      token,
      nodeName,
      nodeIps: [address, ...(options.nodeExternalIp ? [options.nodeExternalIp] : []), '127.0.0.1'],
      directory: join(options.directories.data, 'agent'),
    },
    { clock, log, newClient: (clientOptions) => new HttpClient({ userAgent: 'kubelet', ...clientOptions }, { clock }) },
  );
}

interface NodeGraph {
  /** In the order they start. */
  readonly parts: readonly Component[];
  /** Resolves when pods can run and names are answered. */
  ready(): Promise<void>;
}

function makeNode(common: Common, containerd: Containerd, membership: NodeMembership): NodeGraph {
  const { settings, clock, log } = common;
  const { nodeName } = settings;
  const { client, config } = membership;
  const informers = new SharedInformerFactory({ client, clock, log: log.child('informer') });
  const recorder = new ApiEventRecorder({ host: nodeName }, { client, clock, log: log.child('events') });
  const proxy = new ServiceProxy(
    {
      nodeName,
      clusterCidrs: config.clusterCidrs,
      serviceCidrs: config.serviceCidrs,
      localAddresses: [config.clusterDns],
      statePath: join(common.settings.options.directories.run, 'proxy.json'),
    },
    { informers, exec: systemExec, clock, log },
  );
  const network = makeNetwork(common, membership, {
    informers,
    proxy,
    sandboxIds: async () => new Set((await containerd.client.listPodSandboxes()).map(({ id }) => id)),
  });
  const dns = makeDns(common, membership, informers);
  const archives = makeArchives(common, containerd);
  const { kubelet, volumes } = makeKubelet(common, membership, { containerd, archives, informers, recorder });
  const server = makeKubeletServer(common, membership, { kubelet, containerd });
  const rotation = new LogRotation({}, { pods: kubelet, clock, log: log.child('log-rotation') });
  return {
    parts: [
      recorder,
      archives, // The pause image must be there before the first sandbox.
      network, // Bridges and the CNI socket before the kubelet asks for sandboxes.
      proxy,
      dns,
      volumes,
      server, // Before the kubelet registers the node, so that whoever sees the node can reach it.
      kubelet,
      rotation,
      { name: 'informers', start: async () => {}, stop: () => informers.stop() },
    ],
    async ready() {
      await network.ready();
      await proxy.ready();
      await dns.ready();
      await kubelet.ready();
    },
  };
}

function makeNetwork(
  common: Common,
  membership: NodeMembership,
  deps: Pick<NodeNetworkDeps, 'sandboxIds'> & { informers: SharedInformerFactory; proxy: ServiceProxy },
): NodeNetwork {
  const { settings, clock, log, address } = common;
  const { directories } = settings.options;
  return new NodeNetwork(
    {
      nodeName: settings.nodeName,
      nodeIp: address,
      backend: membership.config.backend,
      dataDir: join(directories.data, 'agent/network'),
      socketPath: join(directories.run, 'cni.sock'),
      confDir: join(directories.data, 'agent/etc/cni/net.d'),
      plugins: { binDir: join(directories.data, 'agent/cni/bin'), clientPath: extractAsset('cni-client', settings.buildDirectory) },
    },
    { ...deps, exec: systemExec, clock, log },
  );
}

function makeDns({ settings, clock, log }: Common, { config }: NodeMembership, informers: SharedInformerFactory): DnsServer {
  return new DnsServer(
    {
      address: config.clusterDns,
      link: DNS_LINK,
      domain: config.clusterDomain,
      clusterCidrs: [...config.clusterCidrs, ...config.serviceCidrs],
      resolvConf: settings.options.resolvConf,
    },
    { informers, exec: systemExec, clock, log },
  );
}

function makeArchives({ settings, clock, log }: Common, containerd: Containerd): ImageArchives {
  const { options, searchPath } = settings;
  return new ImageArchives(
    {
      directory: join(options.directories.data, 'agent/images'),
      recordPath: join(options.directories.data, 'agent/imported-archives.json'),
      builtin: [
        { name: PAUSE_IMAGE, archive: () => assetBytes('pause.tar') },
        { name: DEMO_IMAGE, archive: () => assetBytes('demo.tar') },
      ],
    },
    {
      importer: () => ({
        ctr: findProgram('ctr', searchPath) ?? 'ctr',
        socket: containerd.socket,
        snapshotter: options.snapshotter,
        children: systemChildren,
      }),
      images: containerd.client,
      clock,
      log: log.child('images'),
    },
  );
}

// Builds the kubelet of a node with what it needs, and its server.

import { join } from 'node:path';
import type { NodeMembership } from '../agent/join/node-membership.ts';
import { KubeletAuth } from '../agent/kubelet/http/kubelet-auth.ts';
import { KubeletServer } from '../agent/kubelet/http/kubelet-server.ts';
import type { ImageArchives } from '../agent/kubelet/image-archives.ts';
import { Kubelet } from '../agent/kubelet/kubelet.ts';
import { NodeProbeManager } from '../agent/kubelet/probes/probe-manager.ts';
import { NodeVolumeManager } from '../agent/kubelet/volumes/volume-manager.ts';
import type { Clock } from '../base/clock.ts';
import { systemExec } from '../base/exec.ts';
import type { Logger } from '../base/log.ts';
import { VERSION } from '../base/version.ts';
import type { ApiEventRecorder } from '../client/event-recorder.ts';
import type { SharedInformerFactory } from '../client/shared-informer.ts';
import type { Containerd } from '../cri/containerd.ts';
import type { AgentSettings } from './agent-settings.ts';

/** What every part of the agent is made with. */
export interface AgentCommon {
  readonly settings: AgentSettings;
  readonly clock: Clock;
  readonly log: Logger;
  readonly address: string;
}

interface KubeletParts {
  readonly containerd: Containerd;
  readonly archives: ImageArchives;
  readonly informers: SharedInformerFactory;
  readonly recorder: ApiEventRecorder;
}

/** The kubelet, and the volumes it mounts for pods; both are started by the caller, volumes first. */
export function makeKubelet(
  common: AgentCommon,
  membership: NodeMembership,
  parts: KubeletParts,
): { readonly kubelet: Kubelet; readonly volumes: NodeVolumeManager } {
  const { settings, clock, log } = common;
  const { client } = membership;
  const { containerd, archives, informers } = parts;
  const recorder = parts.recorder.recorder('kubelet');
  const exec = systemExec;
  const volumes = new NodeVolumeManager(
    { rootDirectory: settings.options.directories.kubelet },
    { client, exec, clock, log: log.child('volumes'), allocatable: () => kubelet.allocatable() },
  );
  const probes = new NodeProbeManager({
    clock,
    recorder,
    runtime: { execSync: (id, command, ms) => kubelet.execSync(id, command, ms) },
  });
  const kubelet: Kubelet = new Kubelet(kubeletOptions(common, membership), {
    client,
    informers,
    containerd,
    runtime: containerd.client,
    images: containerd.client,
    archives,
    volumes,
    probes,
    recorder,
    clock,
    log: log.child('kubelet'),
    exec,
  });
  return { kubelet, volumes };
}

function kubeletOptions({ settings, address }: AgentCommon, { config }: NodeMembership): ConstructorParameters<typeof Kubelet>[0] {
  const { nodeName, options } = settings;
  return {
    nodeName,
    hostname: nodeName,
    nodeIPs: [address],
    ...(options.nodeExternalIp && { externalIPs: [options.nodeExternalIp] }),
    dirs: { root: options.directories.kubelet, podLogs: options.directories.podLogs, containerLogs: options.directories.containerLogs },
    imageDir: join(options.directories.data, 'agent/containerd'),
    clusterDns: [config.clusterDns],
    clusterDomain: config.clusterDomain,
    resolvConf: options.resolvConf,
    nodeLabels: options.nodeLabels,
    nodeTaints: options.nodeTaints,
    cgroupRoot: options.cgroupRoot === '/' ? '' : options.cgroupRoot,
    maxPods: options.maxPods,
    kubeletVersion: VERSION,
  };
}

/** The server on port 10250. Its certificate follows the node's. */
export function makeKubeletServer(
  common: AgentCommon,
  membership: NodeMembership,
  deps: { kubelet: Kubelet; containerd: Containerd },
): KubeletServer {
  const { settings, clock, log } = common;
  const { nodeName, options } = settings;
  const tls = () => {
    const { certificate, key } = membership.pair('serving-kubelet');
    return { cert: certificate, key, clientCa: membership.config.clientCa };
  };
  const server = new KubeletServer(
    { nodeName, tls: tls(), rootDirectory: options.directories.kubelet },
    {
      pods: deps.kubelet,
      runtime: deps.containerd.client,
      auth: new KubeletAuth({ nodeName }, { client: membership.client, clock }),
      clock,
      log: log.child('kubelet-server'),
      config: () => ({
        kind: 'KubeletConfiguration',
        apiVersion: 'kubelet.config.k8s.io/v1beta1',
        maxPods: options.maxPods,
        clusterDNS: [membership.config.clusterDns],
        clusterDomain: membership.config.clusterDomain,
      }),
    },
  );
  membership.onRenewed((name) => {
    if (name === 'serving-kubelet') server.setTls(tls());
  });
  return server;
}

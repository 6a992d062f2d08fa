// A kubelet on real containerd with an API in memory, in a directory of its own under /tmp with a cgroup root of its own.
// Pods of the host's network need no CNI; others get an address from a CNI script that makes no interface.

import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildAssets } from '../../scripts/images/build-assets.ts';
import { TEST_IMAGE, testImage } from '../../scripts/images/test-image.ts';
import { ImageArchives } from '../../src/agent/kubelet/image-archives.ts';
import { Kubelet } from '../../src/agent/kubelet/kubelet.ts';
import { NodeProbeManager } from '../../src/agent/kubelet/probes/probe-manager.ts';
import { NodeVolumeManager } from '../../src/agent/kubelet/volumes/volume-manager.ts';
import type { KubeObject } from '../../src/api/object.ts';
import { applyStrategicMergePatch } from '../../src/api/patch/strategic-merge-patch.ts';
import { builtinSchema } from '../../src/api/schema/schema.ts';
import type { Event, Pod } from '../../src/api/types/core-v1.gen.ts';
import { systemChildren } from '../../src/base/child.ts';
import { systemClock } from '../../src/base/clock.ts';
import { type Component, startAll, stopAll } from '../../src/base/component.ts';
import { systemExec } from '../../src/base/exec.ts';
import { type Logger, silentLogger } from '../../src/base/log.ts';
import type { Client, Patch, TypedResource, WriteOptions } from '../../src/client/client.ts';
import { ApiEventRecorder } from '../../src/client/event-recorder.ts';
import { LocalClient } from '../../src/client/local-client.ts';
import { EVENTS, PODS } from '../../src/client/resources.ts';
import { SharedInformerFactory } from '../../src/client/shared-informer.ts';
import { Containerd } from '../../src/cri/containerd.ts';
import { FakeApi } from './fake-api.ts';

/** Path programs are looked for in. */
export const SEARCH_PATH = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** A client of the fake API that knows strategic patches. */
class PatchingClient extends LocalClient {
  override async patch<T extends KubeObject>(
    resource: TypedResource<T>,
    name: { namespace: string; name: string },
    patch: Patch,
    options?: WriteOptions,
  ): Promise<T> {
    if (patch.type !== 'strategic') return super.patch(resource, name, patch, options);
    const old = await this.get(resource, name);
    const message = builtinSchema().kind(resource.group, resource.version, resource.kind);
    if (!message) throw new RangeError(`no schema of ${resource.kind}`);
    const next = applyStrategicMergePatch(old, patch.body, message) as T & KubeObject;
    return super.patch(resource, name, { type: 'merge', body: withNulls(old, next) }, options);
  }
}

/** A merge patch that also removes what is gone. */
function withNulls(old: unknown, next: unknown): unknown {
  if (typeof old !== 'object' || typeof next !== 'object' || !old || !next || Array.isArray(next) || Array.isArray(old)) return next;
  const out: Record<string, unknown> = {};
  for (const key of new Set([...Object.keys(old), ...Object.keys(next)])) {
    if (key === 'resourceVersion') continue;
    out[key] = key in next ? withNulls((old as Record<string, unknown>)[key], (next as Record<string, unknown>)[key]) : null;
  }
  return out;
}

const CNI_SCRIPT = `#!/bin/sh
case "$CNI_COMMAND" in
ADD) n=$(( (0x$(printf %s "$CNI_CONTAINERID" | head -c 2)) % 250 + 2 ))
  printf '{"cniVersion":"0.4.0","interfaces":[{"name":"eth0","sandbox":"%s"}],"ips":[{"version":"4","interface":0,"address":"10.99.0.%s/24"}]}' "$CNI_NETNS" $n;;
VERSION) printf '{"cniVersion":"0.4.0","supportedVersions":["0.4.0"]}';;
esac
`;

/** The world. Call `stop` at the end: it leaves nothing behind. */
export class KubeletWorld {
  readonly dir = mkdtempSync(join(tmpdir(), 'kts-kubelet-'));
  readonly cgroupRoot = `/kts-test-${randomBytes(4).toString('hex')}`;
  readonly api = new FakeApi(systemClock);
  readonly client: Client = new PatchingClient(this.api, { name: 'test', groups: ['system:masters'] });
  readonly log: Logger;
  containerd: Containerd;
  #node: { kubelet: Kubelet; components: Component[]; informers: SharedInformerFactory } | undefined;

  constructor(log: Logger = silentLogger) {
    this.log = log;
    this.containerd = this.#makeContainerd();
  }

  get kubelet(): Kubelet {
    if (!this.#node) throw new RangeError('not started');
    return this.#node.kubelet;
  }

  #makeContainerd(): Containerd {
    return new Containerd(
      {
        dataDir: join(this.dir, 'containerd'),
        runDir: join(this.dir, 'run'),
        cniBinDir: join(this.dir, 'cni/bin'),
        cniConfDir: join(this.dir, 'cni/net.d'),
        sandboxImage: 'kts.local/pause:1',
        searchPath: SEARCH_PATH,
      },
      { children: systemChildren, exec: systemExec, clock: systemClock, log: this.log },
    );
  }

  /** Files the node needs; containerd; the kubelet. */
  async start(): Promise<void> {
    for (const d of ['cni/bin', 'cni/net.d', 'images', 'assets', 'kubelet']) mkdirSync(join(this.dir, d), { recursive: true });
    for (const plugin of ['fake', 'loopback']) writeFileSync(join(this.dir, 'cni/bin', plugin), CNI_SCRIPT, { mode: 0o755 });
    writeFileSync(
      join(this.dir, 'cni/net.d/10-fake.conflist'),
      JSON.stringify({ cniVersion: '0.4.0', name: 'fake', plugins: [{ type: 'fake' }] }),
    );
    await buildAssets(join(this.dir, 'assets'), process.arch === 'arm64' ? 'arm64' : 'amd64');
    writeFileSync(join(this.dir, 'images/busybox.tar'), await testImage());
    await this.containerd.start();
    await this.startNode();
  }

  /** The kubelet alone: after `stopNode`, as a restart of kts. */
  async startNode(): Promise<void> {
    const { client, containerd, log } = this;
    const base = { clock: systemClock, log };
    const images = containerd.client;
    const archives = new ImageArchives(
      {
        directory: join(this.dir, 'images'),
        recordPath: join(this.dir, 'imported-archives.json'),
        builtin: [{ name: 'kts.local/pause:1', archive: () => readFileSync(join(this.dir, 'assets/pause.tar')) }],
      },
      {
        ...base,
        images,
        importer: () => ({ ctr: '/usr/bin/ctr', socket: containerd.socket, snapshotter: 'overlayfs', children: systemChildren }),
      },
    );
    const informers = new SharedInformerFactory({ ...base, client });
    const events = new ApiEventRecorder({ host: 'n1' }, { ...base, client });
    const recorder = events.recorder('kubelet');
    const volumes = new NodeVolumeManager(
      { rootDirectory: join(this.dir, 'kubelet') },
      { ...base, client, exec: systemExec, allocatable: () => kubelet.allocatable() },
    );
    const probes = new NodeProbeManager({ ...base, recorder, runtime: containerd.client });
    const kubelet: Kubelet = new Kubelet(
      {
        nodeName: 'n1',
        hostname: 'n1',
        nodeIPs: ['192.0.2.1'],
        dirs: { root: join(this.dir, 'kubelet'), podLogs: join(this.dir, 'logs/pods'), containerLogs: join(this.dir, 'logs/containers') },
        imageDir: join(this.dir, 'containerd'),
        clusterDns: ['10.43.0.10'],
        clusterDomain: 'cluster.local',
        nodeLabels: { zone: 'a' },
        nodeTaints: [],
        cgroupRoot: this.cgroupRoot,
        kubeletVersion: 'v1.36.0+kts1',
      },
      { ...base, client, informers, containerd, runtime: containerd.client, images, archives, volumes, probes, recorder, exec: systemExec },
    );
    const components: Component[] = [archives, events, volumes, kubelet];
    await startAll(components);
    this.#node = { kubelet, components, informers };
  }

  /** Ends the kubelet; pods run on. */
  async stopNode(): Promise<void> {
    if (!this.#node) return;
    await stopAll(this.#node.components);
    await this.#node.informers.stop();
    this.#node = undefined;
  }

  async stop(): Promise<void> {
    await this.stopNode();
    const { client } = this.containerd;
    for (const { id } of await client.listPodSandboxes()) {
      await client.stopPodSandbox(id);
      await client.removePodSandbox(id);
    }
    await this.containerd.terminate();
    await systemExec.run('sh', ['-c', `awk '{print $2}' /proc/self/mounts | grep '^${this.dir}/' | sort -r | xargs -r -n1 umount -l`]);
    for (const controller of readdirSync('/sys/fs/cgroup')) removeCgroup(join('/sys/fs/cgroup', controller, this.cgroupRoot));
    removeCgroup(join('/sys/fs/cgroup', this.cgroupRoot));
    rmSync(this.dir, { recursive: true, force: true });
  }

  /** Creates a pod bound to the node. By default it has the host's network, one second of grace and the test image. */
  run(
    name: string,
    spec: Partial<Pod['spec']> & { containers: { name: string; image?: string }[] },
    labels: Record<string, string> = {},
  ): Promise<Pod> {
    const whole = {
      nodeName: 'n1',
      hostNetwork: true,
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 1,
      enableServiceLinks: true,
      ...spec,
    };
    const containers = spec.containers.map((c) => ({ image: TEST_IMAGE, imagePullPolicy: 'IfNotPresent', ...c }));
    const initContainers = spec.initContainers?.map((c) => ({ ...c, image: c.image ?? TEST_IMAGE, imagePullPolicy: 'IfNotPresent' }));
    const pod: Pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'default', labels },
      spec: { ...whole, containers, ...(initContainers && { initContainers }) },
      status: { phase: 'Pending' },
    };
    return this.client.create(PODS, pod);
  }

  /** The pod now; undefined when it is gone. */
  async pod(name: string): Promise<Pod | undefined> {
    const { items } = await this.client.list(PODS, { namespace: 'default' });
    return items.find((p) => p.metadata.name === name);
  }

  /** Waits until the pod (undefined when gone) is as `check` wants it. @throws RangeError with the last status after `timeoutMs` */
  async until(name: string, check: (pod: Pod | undefined) => boolean, timeoutMs = 20_000): Promise<Pod | undefined> {
    const end = systemClock.monotonic() + timeoutMs;
    for (;;) {
      const pod = await this.pod(name);
      if (check(pod)) return pod;
      if (systemClock.monotonic() > end) throw new RangeError(`${name}: ${JSON.stringify(pod?.status, undefined, 1)}`);
      await systemClock.sleep(10);
    }
  }

  /** `type reason message` of the events about a pod, oldest first. */
  async events(name: string): Promise<string[]> {
    const { items } = await this.client.list(EVENTS, { namespace: 'default' });
    const own = items.filter((e: Event) => e.involvedObject.name === name);
    return own.map((e) => `${e.type} ${e.reason} ${e.message}`);
  }
}

function removeCgroup(path: string): void {
  try {
    for (const entry of readdirSync(path, { withFileTypes: true })) if (entry.isDirectory()) removeCgroup(join(path, entry.name));
    rmdirSync(path);
  } catch {
    // not in this hierarchy
  }
}

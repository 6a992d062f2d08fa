// The kubelet: the pods the API binds to this node become containers. Builds the parts, gives each pod its worker, and answers for
// the pods to the kubelet's HTTP server (PodDirectory).

import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import type { Node, Pod } from '../../api/types/core-v1.gen.ts';
import { type Component, startAll, stopAll, TaskGroup } from '../../base/component.ts';
import { messageOf } from '../../base/errors.ts';
import type { Change, Informer } from '../../client/informer.ts';
import { PODS, SERVICES } from '../../client/resources.ts';
import { cgroupLayout } from '../../cri/cgroup-layout.ts';
import { Backoffs } from './crash-backoff.ts';
import { ImageGc } from './image-gc.ts';
import { ImagePuller } from './image-puller.ts';
import type { KubeletDeps, KubeletOptions } from './kubelet-options.ts';
import { KubeletPaths } from './kubelet-paths.ts';
import { readNodeFacts } from './node-facts.ts';
import { NodeReporter } from './node-reporter.ts';
import { admitPod } from './pod-admission.ts';
import { PodCgroups } from './pod-cgroups.ts';
import type { PodContext } from './pod-context.ts';
import type { ContainerInstance, PodDirectory, StreamOptions } from './pod-directory.ts';
import { parseResolvConf, type ResolvConf } from './pod-dns.ts';
import { podObjects } from './pod-objects.ts';
import { refuseResize } from './pod-sizes.ts';
import { removeOrphan, removePod } from './pod-termination.ts';
import { PodWorker } from './pod-worker.ts';
import { RuntimeHealth } from './runtime-fault.ts';
import { RuntimeView } from './runtime-view.ts';
import { Semaphore } from './semaphore.ts';
import { StatusManager } from './status-manager.ts';

/** Orphans and what is left of pods are looked for at start and then this often. */
const HOUSEKEEPING_MS = 120_000;

/** The kubelet of one node. */
export class Kubelet implements Component, PodDirectory {
  readonly name = 'kubelet';
  readonly #options: KubeletOptions;
  readonly #deps: KubeletDeps;
  readonly #tasks: TaskGroup;
  /** By pod uid. */
  readonly #workers = new Map<string, PodWorker>();
  readonly #view: RuntimeView;
  readonly #node: NodeReporter;
  readonly #statuses: StatusManager;
  readonly #gc: ImageGc;
  #pods: Informer<Pod> | undefined;
  #context: PodContext | undefined;
  #resolv: ResolvConf = { servers: [], searches: [], options: [] };
  readonly #unsubscribe: (() => void)[] = [];

  constructor(options: KubeletOptions, deps: KubeletDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#tasks = new TaskGroup(deps.log);
    const { clock, log } = deps;
    const paths = new KubeletPaths(options.dirs);
    this.#view = new RuntimeView(
      { terminationMessageFile: (uid, container, attempt) => paths.terminationFile(uid, container, attempt) },
      { runtime: deps.runtime, clock, log: log.child('runtime') },
    );
    this.#statuses = new StatusManager({ client: deps.client, clock, log: log.child('status') });
    const health = new RuntimeHealth(deps);
    this.#node = new NodeReporter(
      {
        ...options,
        externalIPs: options.externalIPs ?? [],
        maxPods: options.maxPods ?? 110,
        kubeletPort: options.kubeletPort ?? 10250,
        labels: options.nodeLabels,
        taints: options.nodeTaints,
        directories: { root: options.dirs.root, images: options.imageDir },
        get containerdVersion() {
          return deps.containerd.version;
        },
      },
      { client: deps.client, images: deps.images, clock, log: log.child('node'), notReady: () => health.fault() },
    );
    this.#gc = new ImageGc(options.imageGc ?? {}, {
      images: deps.images,
      clock,
      log: log.child('image-gc'),
      used: () => new Set(this.#view.all().flatMap((p) => p.containers.flatMap((c) => [c.image, c.imageId]))),
      pinned: () => deps.archives.pinned,
      disk: async () => (await readNodeFacts({ root: options.dirs.root, images: options.imageDir })).imageDisk,
    });
  }

  /** Resolves when the API has been told that the node is ready. */
  ready(): Promise<void> {
    return this.#node.ready();
  }

  /** The node's allocatable resources by name, for volumes. @throws RangeError before `start` */
  allocatable(): Readonly<Record<string, string>> {
    return this.#node.allocatable();
  }

  /** Registers the node and takes over the pods that run; resolves when the node is registered and all known pods have workers. */
  async start(): Promise<void> {
    const { informers, containerd, probes } = this.#deps;
    const pods = informers.informer(PODS, { fieldSelector: `spec.nodeName=${this.#options.nodeName}` });
    const services = informers.informer(SERVICES);
    this.#pods = pods;
    await this.#node.prepare();
    await this.#readResolvConf();
    this.#context = await this.#makeContext(services.lister);
    await startAll([this.#view, this.#node, this.#gc]);
    const { signal } = this.#tasks;
    await Promise.all([pods.synced(signal), services.synced(signal)]);
    this.#unsubscribe.push(
      this.#view.onChange((uid) => this.#workers.get(uid)?.wake()),
      probes.onChange((uid) => this.#workers.get(uid)?.wake()),
      containerd.onRestart(() => this.#tasks.run('relist', () => this.#view.relist())),
      pods.onChange((change) => this.#onPod(change)),
    );
    await Promise.resolve(); // the informer tells of the pods that are there in the next microtask
    this.#tasks.run('housekeeping', (stop) => this.#housekeepForever(stop));
  }

  /** Stops working; pods run on. */
  async stop(): Promise<void> {
    for (const off of this.#unsubscribe.splice(0)) off();
    await this.#tasks.stop();
    await Promise.all([...this.#workers.values()].map((w) => w.stop()));
    await stopAll([this.#view, this.#node, this.#gc]);
    await this.#statuses.stop();
  }

  /** Look at the node's state again now: e.g. its network came up. */
  pokeNode(): void {
    this.#node.poke();
  }

  async #makeContext(services: Parameters<typeof podObjects>[1]): Promise<PodContext> {
    const { client, containerd, clock, log, exec, ...deps } = this.#deps;
    const layout = cgroupLayout(await readFile('/proc/self/mountinfo', 'utf8'));
    const naming = { root: this.#options.cgroupRoot, driver: containerd.systemdCgroup ? 'systemd' : 'cgroupfs' } as const;
    const node = this.#node;
    return {
      ...deps,
      clock,
      log: log.child('pods'),
      view: this.#view,
      statuses: this.#statuses,
      puller: new ImagePuller({ parallel: this.#options.parallelPulls ?? 1 }, { images: deps.images, clock }),
      cgroups: new PodCgroups({ naming, layout, pidsLimit: 0 }, { exec }),
      objects: podObjects(client, services),
      paths: new KubeletPaths(this.#options.dirs),
      restarts: new Backoffs(),
      starts: new Semaphore(this.#options.parallelStarts ?? 2 * availableParallelism()),
      node: { memoryCapacity: node.facts.memoryTotal, cgroupVersion: layout.version },
      hostIPs: () => this.#options.nodeIPs,
      allocatable: () => node.allocatable(),
      dns: () => ({ clusterDns: this.#options.clusterDns, clusterDomain: this.#options.clusterDomain, host: this.#resolv }),
      hostsFile: () => readFile('/etc/hosts', 'utf8').catch(() => ''),
      admit: (pod) => this.#admit(pod),
      refuseResize: async (pod) => refuseResize(pod, this.#others(pod), this.#node.node),
    };
  }

  async #readResolvConf(): Promise<void> {
    const path = this.#options.resolvConf ?? '/etc/resolv.conf';
    this.#resolv = parseResolvConf(await readFile(path, 'utf8').catch(() => ''));
  }

  async #admit(pod: Pod): ReturnType<PodContext['admit']> {
    const refusal = (node: Node) => {
      return admitPod(pod, this.#others(pod), node, { allowedSysctls: this.#options.allowedSysctls ?? [] });
    };
    // Labels may have changed a moment ago: a refusal counts by the node as it is now only.
    return refusal(this.#node.node) && refusal(await this.#node.refresh());
  }

  /** The other active pods, with the resources they were given. */
  #others(pod: Pod): readonly Pod[] {
    return [...this.#workers.values()].filter((w) => w.isActive && w.uid !== pod.metadata.uid).map((w) => w.allocated);
  }

  #onPod({ type, object, old }: Change<Pod>): void {
    const context = this.#context;
    const uid = object.metadata.uid ?? '';
    if (!context) return;
    // The informer may show a pod that was made anew under its name as a change of the old one.
    if (old && old.metadata.uid !== uid) this.#workers.get(old.metadata.uid ?? '')?.remove(old);
    const worker = this.#workers.get(uid);
    if (type === 'deleted') {
      worker?.remove(object);
      return;
    }
    if (worker) {
      worker.update(object);
      return;
    }
    const made = new PodWorker(object, context, () => this.#workers.delete(uid));
    this.#workers.set(uid, made);
    made.wake();
  }

  async #housekeepForever(signal: AbortSignal): Promise<void> {
    for (;;) {
      try {
        await this.#readResolvConf();
        await this.#cleanUp();
      } catch (error) {
        if (signal.aborted) return;
        this.#deps.log.warn('cleaning up after pods failed', { error: messageOf(error) });
      }
      await this.#deps.clock.sleep(HOUSEKEEPING_MS, signal);
    }
  }

  /** Removes what is left of pods the API does not have: containers, volumes, cgroups. */
  async #cleanUp(): Promise<void> {
    const context = this.#context;
    if (!context || !this.#pods?.hasSynced) return;
    const known = (uid: string): boolean => this.#workers.has(uid);
    const strangers = this.#view.all().filter((p) => !known(p.uid));
    await Promise.all(strangers.map((p) => removeOrphan(p, context)));
    const leftovers = new Set([...(await context.volumes.podUids()), ...(await context.cgroups.podUids())]);
    for (const uid of leftovers) if (!known(uid) && !this.#view.last(uid)) await removePod(uid, context);
  }

  pods(): readonly Pod[] {
    return [...this.#workers.values()].map((w) => w.pod);
  }

  pod(namespace: string, name: string, uid = ''): Pod | undefined {
    return this.pods().find(
      (p) => p.metadata.namespace === namespace && p.metadata.name === name && (uid === '' || p.metadata.uid === uid),
    );
  }

  containers(podUid: string): readonly ContainerInstance[] {
    return this.#view.last(podUid)?.containers ?? [];
  }

  container(
    podUid: string,
    name: string,
    { previous }: { readonly previous: boolean } = { previous: false },
  ): ContainerInstance | undefined {
    return this.containers(podUid).filter((c) => c.name === name)[previous ? 1 : 0];
  }

  sandboxId(podUid: string): string | undefined {
    return this.#view.last(podUid)?.sandboxes[0]?.id;
  }

  execUrl(containerId: string, command: readonly string[], streams: StreamOptions): Promise<string> {
    return this.#deps.runtime.exec({ containerId, cmd: command, ...streams });
  }

  attachUrl(containerId: string, streams: StreamOptions): Promise<string> {
    return this.#deps.runtime.attach({ containerId, ...streams });
  }

  portForwardUrl(podSandboxId: string, ports: readonly number[]): Promise<string> {
    return this.#deps.runtime.portForward({ podSandboxId, port: ports });
  }

  execSync(containerId: string, command: readonly string[], timeoutMs: number): ReturnType<PodDirectory['execSync']> {
    return this.#deps.runtime.execSync(containerId, command, timeoutMs);
  }

  reopenLog(containerId: string): Promise<void> {
    return this.#deps.runtime.reopenContainerLog(containerId);
  }

  get healthy(): boolean {
    return this.#view.healthy;
  }
}

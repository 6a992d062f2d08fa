// The volumes of this node's pods: makes them, keeps ConfigMap, Secret, token and pod-field content up to date, removes them.
// What is on disk is the truth: after a restart everything is set up again over what is there, and nothing is lost or doubled.

import { mkdir, readdir, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pod, Volume } from '../../../api/types/core-v1.gen.ts';
import type { Clock, Timer } from '../../../base/clock.ts';
import { type Component, TaskGroup } from '../../../base/component.ts';
import { isAbort, messageOf } from '../../../base/errors.ts';
import type { Exec } from '../../../base/exec.ts';
import type { Logger } from '../../../base/log.ts';
import type { Client } from '../../../client/client.ts';
import type { MountedVolume, SubPathMount, VolumeManager } from '../ports.ts';
import type { Allocatable } from './downward-api.ts';
import { VolumeError } from './errors.ts';
import { Mounter } from './mounter.ts';
import { ServiceAccountTokens } from './service-account-tokens.ts';
import { SourceObjects } from './source-objects.ts';
import { bindSubPath } from './sub-path.ts';
import type { PreparedVolume, VolumePlugin } from './volume-plugin.ts';
import { pluginFor, volumePlugins } from './volume-plugins.ts';

/** Where volumes are. */
export interface NodeVolumeManagerOptions {
  /** The kubelet's root directory, `/var/lib/kubelet`. */
  readonly rootDirectory: string;
}

/** What the manager needs. */
export interface NodeVolumeManagerDeps {
  /** The node's client: get and watch of ConfigMaps and Secrets, get of claims and volumes, create of tokens. */
  readonly client: Client;
  readonly exec: Exec;
  readonly clock: Clock;
  readonly log: Logger;
  /** The node's allocatable resources. */
  readonly allocatable: () => Allocatable;
}

/** Delay after a refresh that failed. */
const REFRESH_RETRY_MS = 10_000;
/** Longest wait for the next refresh: Node's timers hold 24 days, a clock that jumps should not cost a token. */
const MAX_TIMER_MS = 3_600_000;

/** A volume that was set up. */
interface Entry {
  readonly prepared: PreparedVolume;
  readonly unwatch: readonly (() => void)[];
  refreshAtMs: number;
}

/** What is known of a pod. Work on one pod is done one after the other. */
interface PodVolumes {
  pod: Pod;
  readonly entries: Map<string, Entry>;
  /** Volumes whose content has to be brought up to date. */
  readonly dirty: Set<string>;
  tail: Promise<void>;
  removed: boolean;
}

/** The volume manager of a node. */
export class NodeVolumeManager implements VolumeManager, Component {
  readonly name = 'volumes';
  #podsDirectory: string;
  readonly #deps: NodeVolumeManagerDeps;
  readonly #mounter: Mounter;
  readonly #objects: SourceObjects;
  readonly #tokens: ServiceAccountTokens;
  readonly #plugins: readonly VolumePlugin[];
  readonly #tasks: TaskGroup;
  readonly #pods = new Map<string, PodVolumes>();
  #timer: Timer | undefined;
  #timerAt = Number.POSITIVE_INFINITY;

  constructor(options: NodeVolumeManagerOptions, deps: NodeVolumeManagerDeps) {
    this.#podsDirectory = join(options.rootDirectory, 'pods');
    this.#deps = deps;
    this.#mounter = new Mounter(deps);
    this.#objects = new SourceObjects(deps);
    this.#tokens = new ServiceAccountTokens(deps);
    this.#tasks = new TaskGroup(deps.log);
    const { client, clock, allocatable } = deps;
    this.#plugins = volumePlugins({ client, clock, allocatable, mounter: this.#mounter, objects: this.#objects, tokens: this.#tokens });
  }

  async start(): Promise<void> {
    await mkdir(this.#podsDirectory, { recursive: true, mode: 0o750 });
    // The kernel's table names mounts by their real paths: through a link none would be found, and removal would go into them.
    this.#podsDirectory = await realpath(this.#podsDirectory);
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    await this.#tasks.stop();
    await this.#objects.stop();
  }

  mount(pod: Pod, signal: AbortSignal): Promise<ReadonlyMap<string, MountedVolume>> {
    const uid = pod.metadata.uid ?? '';
    const state = this.#pods.get(uid) ?? { pod, entries: new Map(), dirty: new Set(), tail: Promise.resolve(), removed: false };
    this.#pods.set(uid, state);
    return this.#inTurn(state, async () => {
      if (state.removed) return this.mount(pod, signal);
      if (contentChanged(state.pod, pod)) for (const [name, { prepared }] of state.entries) if (prepared.followsPod) state.dirty.add(name);
      state.pod = pod;
      const mounted = new Map<string, MountedVolume>();
      for (const volume of pod.spec?.volumes ?? []) mounted.set(volume.name, await this.#ensure(state, volume, signal));
      return mounted;
    });
  }

  async unmount(podUid: string): Promise<void> {
    const state = this.#pods.get(podUid);
    if (!state) return this.#removeDirectory(podUid);
    await this.#inTurn(state, async () => {
      state.removed = true;
      for (const entry of state.entries.values()) for (const unwatch of entry.unwatch) unwatch();
      state.entries.clear();
      this.#tokens.forget(podUid);
      await this.#removeDirectory(podUid);
      this.#pods.delete(podUid);
    });
  }

  async subPath(podUid: string, mount: SubPathMount): Promise<string> {
    return bindSubPath(join(this.#podsDirectory, podUid), mount, { mounter: this.#mounter });
  }

  async podUids(): Promise<readonly string[]> {
    const entries = await readdir(this.#podsDirectory, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  }

  async #ensure(state: PodVolumes, volume: Volume, signal: AbortSignal): Promise<MountedVolume> {
    const entry = state.entries.get(volume.name);
    if (entry && !state.dirty.has(volume.name)) return entry.prepared.mounted;
    try {
      return (await this.#setUp(state, volume, signal)).mounted;
    } catch (error) {
      // A volume that is in use stays as it is; its content is tried again later.
      if (entry) this.#retryLater(state, volume.name, error);
      if (entry) return entry.prepared.mounted;
      throw named(error, volume.name);
    }
  }

  async #setUp(state: PodVolumes, volume: Volume, signal: AbortSignal): Promise<PreparedVolume> {
    const plugin = pluginFor(this.#plugins, volume);
    const directory = join(this.#podsDirectory, state.pod.metadata.uid ?? '', 'volumes', plugin.directory, volume.name);
    state.dirty.delete(volume.name);
    const known = state.entries.get(volume.name);
    const prepared = await plugin.setUp({ pod: state.pod, volume, directory, signal });
    const unwatch = known?.unwatch ?? this.#follow(state, volume.name, prepared);
    const refreshAtMs = prepared.refreshAtMs ?? Number.POSITIVE_INFINITY;
    state.entries.set(volume.name, { prepared, unwatch, refreshAtMs });
    this.#schedule(refreshAtMs);
    return prepared;
  }

  #follow(state: PodVolumes, volumeName: string, prepared: PreparedVolume): readonly (() => void)[] {
    return (prepared.sources ?? []).map((source) =>
      this.#objects.watch(source, () => {
        state.dirty.add(volumeName);
        this.#refresh(state);
      }),
    );
  }

  /** Brings the dirty volumes of a pod up to date in the background. */
  #refresh(state: PodVolumes): void {
    this.#tasks.run('refresh volumes', (signal) =>
      this.#inTurn(state, async () => {
        if (state.removed) return;
        for (const volume of state.pod.spec?.volumes ?? []) if (state.dirty.has(volume.name)) await this.#ensure(state, volume, signal);
      }),
    );
  }

  #retryLater(state: PodVolumes, volumeName: string, error: unknown): void {
    if (isAbort(error)) return;
    this.#deps.log.warn('volume not refreshed', { pod: state.pod.metadata.uid, volume: volumeName, error: messageOf(error) });
    const entry = state.entries.get(volumeName);
    if (!entry) return;
    entry.refreshAtMs = this.#deps.clock.now() + REFRESH_RETRY_MS;
    this.#schedule(entry.refreshAtMs);
  }

  /** One timer for all volumes: it rings at the earliest time known. */
  #schedule(atMs: number): void {
    if (atMs >= this.#timerAt) return;
    this.#timer?.cancel();
    this.#timerAt = atMs;
    const wait = Math.min(Math.max(atMs - this.#deps.clock.now(), 0), MAX_TIMER_MS);
    this.#timer = this.#deps.clock.after(wait, () => this.#onTimer());
  }

  #onTimer(): void {
    this.#timerAt = Number.POSITIVE_INFINITY;
    const now = this.#deps.clock.now();
    let next = Number.POSITIVE_INFINITY;
    for (const state of this.#pods.values()) {
      const due = [...state.entries].filter(([, entry]) => entry.refreshAtMs <= now);
      for (const [name, entry] of due) {
        entry.refreshAtMs = Number.POSITIVE_INFINITY;
        state.dirty.add(name);
      }
      if (due.length > 0) this.#refresh(state);
      for (const entry of state.entries.values()) next = Math.min(next, entry.refreshAtMs);
    }
    this.#schedule(next);
  }

  async #removeDirectory(podUid: string): Promise<void> {
    if (!/^[^./][^/]*$/.test(podUid)) throw new VolumeError('volume-invalid', `not a pod's UID: ${JSON.stringify(podUid)}`);
    const directory = join(this.#podsDirectory, podUid);
    for (const mount of await this.#mounter.mountsBelow(directory)) await this.#mounter.unmount(mount);
    const left = await this.#mounter.mountsBelow(directory);
    // Removing files below a mount would remove what belongs to others.
    if (left.length > 0) throw new VolumeError('volume-busy', `still mounted: ${left.join(', ')}`);
    await rm(directory, { recursive: true, force: true });
  }

  /** Runs `work` after all earlier work on the pod. */
  #inTurn<T>(state: PodVolumes, work: () => Promise<T>): Promise<T> {
    const result = state.tail.then(work);
    state.tail = result.then(
      () => {},
      () => {}, // Told to who asked for it.
    );
    return result;
  }
}

function contentChanged(before: Pod, after: Pod): boolean {
  if (before === after) return false;
  const content = (pod: Pod): string =>
    JSON.stringify([pod.metadata.labels, pod.metadata.annotations, pod.spec?.containers.map((c) => c.resources)]);
  return content(before) !== content(after);
}

function named(error: unknown, volume: string): unknown {
  if (isAbort(error)) return error;
  const code = error instanceof VolumeError ? error.code : 'volume-failed';
  return new VolumeError(code, messageOf(error), { cause: error, fields: { volume } });
}

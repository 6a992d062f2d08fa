// Makes and removes the cgroups of pods with their pod-level limits: cgroup v1 (every hierarchy), v2, or systemd slices.

import { constants } from 'node:fs';
import { access, mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type QosClass, qosClass } from '../../api/pod-resources.ts';
import type { Pod } from '../../api/types/core-v1.gen.ts';
import { messageOf } from '../../base/errors.ts';
import { type Exec, runOk } from '../../base/exec.ts';
import type { CgroupHierarchy, CgroupLayout } from '../../cri/cgroup-layout.ts';
import { type CgroupNaming, cgroupPath, podCgroup, podUidOfCgroup, qosCgroup } from './cgroup-names.ts';
import { CPU_PERIOD, cpuWeight, type PodCgroupResources, podCgroupResources } from './container-resources.ts';
import { kubeletError } from './errors.ts';

/** Options of the cgroups of a node. */
export interface PodCgroupsOptions {
  readonly naming: CgroupNaming;
  readonly layout: CgroupLayout;
  /** Most processes of a pod; 0 = no limit. */
  readonly pidsLimit: number;
}

const QOS: readonly QosClass[] = ['Guaranteed', 'Burstable', 'BestEffort'];
/** v2 controllers that pods need; those the machine lacks are left out. */
const CONTROLLERS = ['cpu', 'cpuset', 'memory', 'pids', 'io', 'hugetlb'];
const SYSTEMD = ['org.freedesktop.systemd1', '/org/freedesktop/systemd1', 'org.freedesktop.systemd1.Manager'];

/** The pods' cgroups. */
export class PodCgroups {
  readonly #options: PodCgroupsOptions;
  readonly #exec: Exec;

  constructor(options: PodCgroupsOptions, deps: { readonly exec: Exec }) {
    this.#options = options;
    this.#exec = deps.exec;
  }

  /** The name of the pod's cgroup for the CRI. */
  parent(pod: Pod): string {
    return podCgroup(this.#options.naming, qosClass(pod), pod.metadata.uid ?? '');
  }

  /** Makes the pod's cgroup and sets its limits. Idempotent. @throws KtsError `kubelet-cgroup` */
  async ensure(pod: Pod): Promise<void> {
    const resources = podCgroupResources(pod);
    try {
      if (this.#options.naming.driver === 'systemd') await this.#startSlice(this.parent(pod), resources);
      else await this.#makeDirectories(this.parent(pod), resources);
    } catch (error) {
      throw kubeletError('kubelet-cgroup', `failed to ensure that the pod's cgroup exists: ${messageOf(error)}`, { cause: error });
    }
  }

  /** Removes the pod's cgroup when its containers are gone. The QoS class need not be known. */
  async remove(podUid: string): Promise<void> {
    const { naming } = this.#options;
    for (const qos of QOS) {
      const name = podCgroup(naming, qos, podUid);
      if (naming.driver === 'systemd') await this.#stopSlice(name);
      else for (const { mountpoint } of this.#options.layout.hierarchies) await removeTree(join(mountpoint, name));
    }
  }

  /** UIDs of pods that have a cgroup here. */
  async podUids(): Promise<readonly string[]> {
    const uids = new Set<string>();
    for (const { mountpoint } of this.#options.layout.hierarchies)
      for (const qos of QOS) {
        const path = join(mountpoint, cgroupPath(this.#options.naming, qosCgroup(this.#options.naming, qos)));
        for (const name of await names(path)) {
          const uid = podUidOfCgroup(name);
          if (uid) uids.add(uid);
        }
      }
    return [...uids];
  }

  async #makeDirectories(cgroup: string, resources: PodCgroupResources): Promise<void> {
    const { layout, pidsLimit } = this.#options;
    for (const hierarchy of layout.hierarchies) {
      const path = join(hierarchy.mountpoint, cgroup);
      const isV2 = hierarchy.controllers.length === 0;
      if (isV2) await enableControllers(hierarchy.mountpoint, cgroup);
      await mkdir(path, { recursive: true, mode: 0o755 });
      if (!isV2) await fillCpuset(hierarchy, cgroup);
      const files = isV2 ? (layout.version === 2 ? v2Files(resources, pidsLimit) : []) : v1Files(hierarchy, resources, pidsLimit);
      for (const [file, value] of files) await writeExisting(join(path, file), value);
    }
  }

  async #startSlice(name: string, resources: PodCgroupResources): Promise<void> {
    const properties = sliceProperties(resources, this.#options.pidsLimit);
    const flat = properties.flat();
    const args = [name, 'fail', String(properties.length), ...flat, '0'];
    const result = await this.#exec.run('busctl', ['call', '--system', ...SYSTEMD, 'StartTransientUnit', 'ssa(sv)a(sa(sv))', ...args]);
    if (result.code === 0) return;
    if (/already (exists|loaded)/.test(result.stderr)) return this.#changeSlice(name, properties);
    throw kubeletError('kubelet-cgroup', result.stderr.trim());
  }

  async #changeSlice(name: string, properties: ReturnType<typeof sliceProperties>): Promise<void> {
    // Accounting is set when a unit starts.
    const limits = properties.filter(([property]) => !property.endsWith('Accounting'));
    const args = [name, 'true', String(limits.length), ...limits.flat()];
    const result = await this.#exec.run('busctl', ['call', '--system', ...SYSTEMD, 'SetUnitProperties', 'sba(sv)', ...args]);
    if (result.code !== 0) throw kubeletError('kubelet-cgroup', result.stderr.trim());
  }

  async #stopSlice(name: string): Promise<void> {
    // An unknown unit is what is wanted; a real failure shows in the next start of a pod of that uid, which never comes.
    await this.#exec.run('busctl', ['call', '--system', ...SYSTEMD, 'StopUnit', 'ss', name, 'replace']);
  }

  /** Whether systemd answers, for a clear error at start instead of at each pod. @throws KtsError of base/exec.ts */
  async check(): Promise<void> {
    if (this.#options.naming.driver === 'systemd') await runOk(this.#exec, 'busctl', ['--version']);
  }
}

/** Properties of a slice with limits: systemd.resource-control(5). */
function sliceProperties(resources: PodCgroupResources, pidsLimit: number): readonly (readonly [string, string, string])[] {
  return [
    ['CPUWeight', 't', String(cpuWeight(resources.cpuShares))],
    ...(resources.cpuQuota ? [['CPUQuotaPerSecUSec', 't', String((resources.cpuQuota * 1_000_000) / CPU_PERIOD)] as const] : []),
    ...(resources.memoryBytes ? [['MemoryMax', 't', String(resources.memoryBytes)] as const] : []),
    ...(pidsLimit ? [['TasksMax', 't', String(pidsLimit)] as const] : []),
    ['MemoryAccounting', 'b', 'true'],
    ['CPUAccounting', 'b', 'true'],
    ['TasksAccounting', 'b', 'true'],
    ['IOAccounting', 'b', 'true'],
  ];
}

type FileValue = readonly [file: string, value: string];

function v2Files({ cpuShares, cpuQuota, memoryBytes }: PodCgroupResources, pidsLimit: number): readonly FileValue[] {
  return [
    ['cpu.weight', String(cpuWeight(cpuShares))],
    ['cpu.max', `${cpuQuota ?? 'max'} ${CPU_PERIOD}`],
    ['memory.max', String(memoryBytes ?? 'max')],
    ['pids.max', pidsLimit ? String(pidsLimit) : 'max'],
  ];
}

function v1Files(hierarchy: CgroupHierarchy, { cpuShares, cpuQuota, memoryBytes }: PodCgroupResources, pids: number): readonly FileValue[] {
  const has = (controller: string): boolean => hierarchy.controllers.includes(controller);
  if (has('memory')) return memoryBytes ? [['memory.limit_in_bytes', String(memoryBytes)]] : [];
  if (has('pids')) return pids ? [['pids.max', String(pids)]] : [];
  if (!has('cpu')) return [];
  return [
    ['cpu.shares', String(cpuShares)],
    ['cpu.cfs_period_us', String(CPU_PERIOD)],
    ['cpu.cfs_quota_us', String(cpuQuota ?? -1)],
  ];
}

/** Levels of a path: `/a/b` → `''`, `/a`. */
function ancestors(cgroup: string): string[] {
  const parts = cgroup.split('/').filter((p) => p !== '');
  return parts.map((_, i) => parts.slice(0, i).join('/'));
}

/** In v2 a controller reaches a cgroup only when every level above passes it on. */
async function enableControllers(mountpoint: string, cgroup: string): Promise<void> {
  for (const level of [...ancestors(cgroup), cgroup]) {
    const path = join(mountpoint, level);
    await mkdir(path, { recursive: true, mode: 0o755 });
    const there = (await readFile(join(path, 'cgroup.controllers'), 'utf8')).trim().split(/\s+/);
    for (const controller of CONTROLLERS.filter((c) => there.includes(c)))
      await writeExisting(join(path, 'cgroup.subtree_control'), `+${controller}`);
  }
}

/** In v1 an empty cpuset takes no process: each level starts with its parent's. */
async function fillCpuset({ controllers, mountpoint }: CgroupHierarchy, cgroup: string): Promise<void> {
  if (!controllers.includes('cpuset')) return;
  for (const level of [...ancestors(cgroup).slice(1), cgroup])
    for (const file of ['cpuset.cpus', 'cpuset.mems']) {
      const path = join(mountpoint, level);
      if ((await readFile(join(path, file), 'utf8')).trim() !== '') continue;
      await writeFile(join(path, file), await readFile(join(path, '..', file), 'utf8'));
    }
}

/** Writes a control file; one the kernel does not have (no CFS bandwidth, no pids) is passed over. */
async function writeExisting(path: string, value: string): Promise<void> {
  try {
    await access(path, constants.W_OK);
  } catch {
    return;
  }
  await writeFile(path, value);
}

async function names(path: string): Promise<string[]> {
  try {
    return (await readdir(path, { withFileTypes: true })).filter((e) => e.isDirectory()).map((e) => e.name);
  } catch {
    return []; // no such cgroup
  }
}

/** Removes a cgroup and those in it, deepest first. One that still has processes stays. */
async function removeTree(path: string): Promise<void> {
  for (const name of await names(path)) await removeTree(join(path, name));
  try {
    await rmdir(path);
  } catch {
    // Not there, or a process is still dying in it: the orphan cleaning comes again.
  }
}

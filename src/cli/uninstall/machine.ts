// The steps of `kts uninstall`, each safe to repeat and finding its work by looking, not by remembering.

import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { cleanUpDns } from '../../agent/dns/dns-server.ts';
import { cleanUpNetwork } from '../../agent/network/node-network.ts';
import { cleanUpProxy } from '../../agent/proxy/service-proxy.ts';
import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import type { Exec } from '../../base/exec.ts';
import { removeResults } from '../../cri/cni-cache.ts';
import type { Directories } from '../options.ts';
import { runningPid } from '../pid-file.ts';
import { cgroupRoots, findMounts, podCgroups, processesIn, runtimeProcesses } from './residue.ts';

/** Names under which install.sh makes services. */
const UNITS = ['kts', 'kts-agent'];
const CONFIG_DIRECTORY = '/etc/kts';
const LOG_FILE = '/var/log/kts.log';
const DEFAULT_DATA = '/var/lib/kts';
/** Pods get this long to end by themselves. */
const GRACE_MS = 5_000;
const SERVICE_STOP_MS = 20_000;
const LOOK_MS = 50;
/** Where the agent puts the address of the cluster's DNS. */
export const DNS_LINK = 'lo';

/** What is to be removed and what it takes. */
export interface UninstallContext {
  readonly directories: Directories;
  readonly cgroupRoot: string;
  /** The address the node's DNS answers at. */
  readonly clusterDns: string;
  readonly keepData: boolean;
  /** The executable that runs, removed at last; `''` = leave it. */
  readonly executable: string;
  readonly exec: Exec;
  readonly clock: Clock;
}

/** One step: what the user reads, and the work. */
export interface UninstallStep {
  readonly title: string;
  run(context: UninstallContext): Promise<void> | void;
}

/** The steps, in order; each says why it stands where it does. */
export const UNINSTALL_STEPS: readonly UninstallStep[] = [
  { title: 'stop the service', run: stopServices }, // First, or it would start everything again.
  { title: 'end the pods', run: endPods },
  { title: 'end containerd', run: endRuntime }, // After the pods, so that shims see them end.
  { title: 'unmount', run: unmount }, // Nothing uses the mounts now.
  { title: 'remove links, routes and rules', run: removeNetwork },
  { title: 'remove network results', run: removeNetworkResults }, // Before the files: they name what is ours.
  { title: 'remove cgroups', run: removeCgroups },
  { title: 'remove files', run: removeFiles },
];

async function waitUntil(context: UninstallContext, ms: number, done: () => boolean): Promise<boolean> {
  const end = context.clock.monotonic() + ms;
  while (!done()) {
    if (context.clock.monotonic() > end) return false;
    await context.clock.sleep(LOOK_MS);
  }
  return true;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended by itself.
  }
}

async function endProcess(context: UninstallContext, pid: number | undefined, graceMs: number): Promise<void> {
  if (pid === undefined || pid === process.pid) return;
  signal(pid, 'SIGTERM');
  if (await waitUntil(context, graceMs, () => !existsSync(`/proc/${pid}`))) return;
  signal(pid, 'SIGKILL');
  await waitUntil(context, graceMs, () => !existsSync(`/proc/${pid}`));
}

async function stopServices(context: UninstallContext): Promise<void> {
  const { exec, directories } = context;
  const files = installedFiles(context);
  for (const unit of UNITS) {
    if (
      files.includes(`/etc/systemd/system/${unit}.service`) &&
      existsSync(`/etc/systemd/system/${unit}.service`) &&
      existsSync('/run/systemd/system')
    ) {
      await exec.run('systemctl', ['disable', '--now', '--quiet', unit], { timeoutMs: 60_000 });
    }
    if (files.includes(`/etc/init.d/${unit}`) && existsSync(`/etc/init.d/${unit}`)) {
      await exec.run('rc-service', [unit, 'stop'], { timeoutMs: 60_000 });
      await exec.run('rc-update', ['del', unit, 'default']);
    }
    await endProcess(context, runningPid(join(directories.run, `${unit}-supervise.pid`)), SERVICE_STOP_MS);
    await endProcess(context, runningPid(join(directories.run, `${unit}.pid`)), SERVICE_STOP_MS);
  }
}

async function endPods(context: UninstallContext): Promise<void> {
  const pods = (): number[] => processesIn(podCgroups(context.cgroupRoot));
  for (const pid of pods()) signal(pid, 'SIGTERM');
  if (await waitUntil(context, GRACE_MS, () => pods().length === 0)) return;
  for (const pid of pods()) signal(pid, 'SIGKILL');
  await waitUntil(context, GRACE_MS, () => pods().length === 0);
}

async function endRuntime(context: UninstallContext): Promise<void> {
  const found = (): number[] => runtimeProcesses(context.directories).map(({ pid }) => pid);
  // containerd must not bring back what ends, so it is first and at once; shims follow.
  for (const name of ['SIGKILL', 'SIGKILL'] as const) {
    for (const pid of found()) signal(pid, name);
    if (await waitUntil(context, GRACE_MS, () => found().length === 0)) return;
  }
}

async function unmount(context: UninstallContext): Promise<void> {
  const { data, run, kubelet } = context.directories;
  for (const point of findMounts([run, kubelet, data])) {
    const result = await context.exec.run('umount', [point]);
    // A mount that something outside still uses goes when that ends; the files below it are not ours to delete until then.
    if (result.code !== 0) await context.exec.run('umount', ['-l', point]);
  }
}

async function removeNetwork(context: UninstallContext): Promise<void> {
  const { directories, exec } = context;
  if (!existsSync('/usr/sbin/ip') && !existsSync('/sbin/ip') && !existsSync('/usr/bin/ip')) return;
  await cleanUpNetwork({ confDir: join(directories.data, 'agent/etc/cni/net.d'), socketPath: join(directories.run, 'cni.sock') }, exec);
  await cleanUpProxy(exec);
  await cleanUpDns({ address: context.clusterDns, link: DNS_LINK }, exec);
}

function removeNetworkResults({ directories }: UninstallContext): void {
  removeResults(join(directories.data, 'agent/containerd/root'));
}

async function removeCgroups(context: UninstallContext): Promise<void> {
  const left = podCgroups(context.cgroupRoot);
  // Slices are systemd's: it brings back what is removed behind its back.
  const slices = left.map((path) => basename(path)).filter((name) => name === 'kubepods.slice');
  if (slices.length > 0) await context.exec.run('systemctl', ['stop', ...slices], { timeoutMs: 60_000 });
  // The root that --cgroup-root named is made by the first pod; where others use it too it is not empty and stays.
  for (const path of [...podCgroups(context.cgroupRoot), ...cgroupRoots(context.cgroupRoot)]) {
    try {
      rmdirSync(path);
    } catch {
      // Busy or gone: leftovers() reports what is still there of the pods.
    }
  }
}

function filesToRemove(context: UninstallContext): string[] {
  const { directories, keepData } = context;
  return [
    directories.run,
    directories.kubelet,
    directories.podLogs,
    ...logLinks(directories),
    ...(keepData ? [] : [directories.data]),
    ...installedFiles(context),
  ];
}

/** The scripts that install.sh put beside the executable; none beside one that was started by hand. */
function uninstallScripts(executable: string): string[] {
  return executable === '' ? [] : UNITS.map((unit) => join(dirname(executable), `${unit}-uninstall.sh`)).filter((path) => existsSync(path));
}

/** Removes the executable and its scripts, if install.sh put them there: when nothing else is left, for without them nobody could run it again. */
export function removeExecutable({ executable }: UninstallContext): void {
  const scripts = uninstallScripts(executable);
  if (scripts.length > 0) for (const path of [...scripts, executable]) rmSync(path, { force: true });
}

/** What install.sh made, and the files of the machine's one installation; none for a cluster that was started beside it in directories of its own. */
function installedFiles({ directories, keepData, executable }: UninstallContext): string[] {
  if (uninstallScripts(executable).length === 0 && directories.data !== DEFAULT_DATA) return [];
  const services = UNITS.flatMap((unit) => [
    `/etc/systemd/system/${unit}.service`,
    `/etc/init.d/${unit}`,
    `${CONFIG_DIRECTORY}/${unit}.env`,
    `${CONFIG_DIRECTORY}/${unit}-supervise.sh`,
  ]);
  return [...services, ...(keepData ? [] : [CONFIG_DIRECTORY, LOG_FILE])];
}

/** Links in the directory of container logs that lead to our pods' logs; the directory goes when it is empty. */
function logLinks({ containerLogs }: Directories): string[] {
  return existsSync(containerLogs) ? [containerLogs] : [];
}

async function removeFiles(context: UninstallContext): Promise<void> {
  for (const path of filesToRemove(context)) {
    try {
      rmSync(path, { recursive: true, force: true, maxRetries: 3 });
    } catch (error) {
      process.stderr.write(`kts: ${path}: ${messageOf(error)}\n`);
    }
  }
  if (existsSync('/run/systemd/system')) await context.exec.run('systemctl', ['daemon-reload']);
}

/** What is still there after all steps, a line each; empty when nothing is. */
export function leftovers(context: UninstallContext): string[] {
  const { data, run, kubelet } = context.directories;
  return [
    ...runtimeProcesses(context.directories).map(({ pid, command }) => `process ${pid}: ${command}`),
    ...findMounts([run, kubelet, data]).map((point) => `mount ${point}`),
    ...podCgroups(context.cgroupRoot).map((path) => `cgroup ${path}`),
    ...filesToRemove(context)
      .filter((path) => existsSync(path) && !isEmptyDirectory(path))
      .map((path) => `file ${path}`),
  ];
}

function isEmptyDirectory(path: string): boolean {
  try {
    return readdirSync(path).length === 0;
  } catch {
    return basename(path) === ''; // Not a directory.
  }
}

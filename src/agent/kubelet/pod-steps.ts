// Does the steps of a pod's plan. What stops a container from starting becomes its waiting reason, not an exception.

import type { Pod, PodStatus } from '../../api/types/core-v1.gen.ts';
import { hasCode, KtsError, messageOf } from '../../base/errors.ts';
import type { Input } from '../../cri/codec.ts';
import type { Image, PodSandboxConfig } from '../../cri/messages.gen.ts';
import { containerConfig } from './container-config.ts';
import { containerEnv } from './container-env.ts';
import { containerMounts } from './container-mounts.ts';
import type { WaitingReason } from './container-status.ts';
import { stopContainer } from './container-stop.ts';
import { formatDelay } from './crash-backoff.ts';
import { kubeletError } from './errors.ts';
import { runHook } from './lifecycle-hooks.ts';
import { instancesOf, type ObservedPod, type ObservedSandbox } from './observed-pod.ts';
import { containerFieldPath, type PodContainer, podText } from './pod-containers.ts';
import type { PodContext } from './pod-context.ts';
import { hostsFile, podDns, podHostname } from './pod-dns.ts';
import { linkLog, makeContainerFiles, makePodDirectories, writeHostsFile } from './pod-files.ts';
import type { PodStep } from './pod-plan.ts';
import type { MountedVolume } from './ports.ts';
import { beganRound, earlierRound } from './restart-rounds.ts';
import { sandboxConfig } from './sandbox-config.ts';
import { serviceEnv } from './service-env.ts';

/** A step with its surroundings. */
export interface StepScene {
  readonly pod: Pod;
  readonly observed: ObservedPod;
  readonly volumes: ReadonlyMap<string, MountedVolume>;
  readonly signal: AbortSignal;
}

/** What a step did. */
export interface StepResult {
  /** Something changed in the runtime: plan again. */
  readonly progress: boolean;
  /** The waiting reason of the container the step is about, when it could not be started. */
  readonly waiting?: WaitingReason;
  /** Try again after this time. */
  readonly retryMs?: number;
}

/** Delay after a container that could not be started: upstream's back-off period of pod workers. */
const RETRY_MS = 10_000;
const DONE: StepResult = { progress: true };

type Runner<T extends PodStep['type']> = (
  step: Extract<PodStep, { type: T }>,
  scene: StepScene,
  context: PodContext,
) => Promise<StepResult>;

const RUNNERS: { readonly [T in PodStep['type']]: Runner<T> } = {
  'stop-sandboxes': stopSandboxes,
  'create-sandbox': createSandbox,
  'kill-container': killContainer,
  'start-container': startContainer,
  'back-off': backOff,
};

/** Does one step. @throws what concerns the pod as a whole (no sandbox, no cgroup); a container's own failure is in the result. */
export function runStep(step: PodStep, scene: StepScene, context: PodContext): Promise<StepResult> {
  return (RUNNERS[step.type] as Runner<PodStep['type']>)(step, scene, context); // The table pairs each type with its runner.
}

/** An event about a container of a pod. */
function sayOf(pod: Pod, target: PodContainer, context: PodContext) {
  return (type: 'Normal' | 'Warning', reason: string, message: string): void =>
    context.recorder.event({ object: pod, fieldPath: containerFieldPath(target) }, type, reason, message);
}

async function stopSandboxes(_: PodStep, { pod, observed, signal }: StepScene, context: PodContext): Promise<StepResult> {
  context.recorder.event(pod, 'Normal', 'SandboxChanged', 'Pod sandbox changed, it will be killed and re-created.');
  const running = observed.containers.filter((c) => c.state === 'running');
  await Promise.all(running.map((c) => context.runtime.stopContainer(c.id, pod.spec.terminationGracePeriodSeconds ?? 30, { signal })));
  for (const sandbox of observed.sandboxes.filter((s) => s.ready || s === observed.sandboxes[0]))
    await context.runtime.stopPodSandbox(sandbox.id);
  return DONE;
}

function configOfSandbox(pod: Pod, attempt: number, context: PodContext): Input<PodSandboxConfig> {
  const dns = context.dns();
  return sandboxConfig(pod, {
    attempt,
    hostname: podHostname(pod, dns.clusterDomain),
    dns: podDns(pod, dns),
    logDirectory: context.paths.podLogs(pod),
    cgroupParent: context.cgroups.parent(pod),
    seccompDir: context.paths.seccomp,
  });
}

async function createSandbox(step: { readonly attempt: number }, { pod, signal }: StepScene, context: PodContext): Promise<StepResult> {
  await Promise.all([context.cgroups.ensure(pod), makePodDirectories(context.paths, pod)]);
  try {
    // Without one of its own, a pod that counts on a user namespace would be root on the node.
    if (pod.spec.hostUsers === false)
      throw kubeletError('kubelet-config', "can't set `spec.hostUsers: false`, user namespaces are not supported");
    const handler = await context.objects.runtimeHandler(pod.spec.runtimeClassName);
    const config = configOfSandbox(pod, step.attempt, context);
    await context.starts.run(() => context.runtime.runPodSandbox(config, handler, { signal }), signal);
  } catch (error) {
    if (signal.aborted) throw error;
    context.recorder.event(pod, 'Warning', 'FailedCreatePodSandBox', `Failed to create pod sandbox: ${textOf(error)}`);
    throw error;
  }
  return DONE;
}

/** The runtime's message in the form users know from a kubelet. */
function textOf(error: unknown): string {
  return hasCode(error, 'cri-failed') ? `rpc error: code = Unknown desc = ${messageOf(error)}` : messageOf(error);
}

async function killContainer(
  step: Extract<PodStep, { type: 'kill-container' }>,
  scene: StepScene,
  context: PodContext,
): Promise<StepResult> {
  const { target, instance, message } = step;
  const graceSeconds = step.graceSeconds ?? scene.pod.spec.terminationGracePeriodSeconds ?? 30;
  await stopContainer({ pod: scene.pod, target, instance, message, graceSeconds, signal: scene.signal }, context);
  return DONE;
}

async function backOff(step: Extract<PodStep, { type: 'back-off' }>, { pod }: StepScene, context: PodContext): Promise<StepResult> {
  const { target, instance } = step;
  const { name } = target.container;
  const delay = context.restarts.delay(restartKey(pod, name), instance.finishedAtMs || instance.createdAtMs);
  const message = `back-off ${formatDelay(delay)} restarting failed container=${name} pod=${podText(pod)}`;
  sayOf(pod, target, context)('Warning', 'BackOff', `Back-off restarting failed container ${name} in pod ${podText(pod)}`);
  return { progress: false, waiting: { reason: 'CrashLoopBackOff', message } };
}

/** Key of a container's restart delay. */
export function restartKey(pod: Pod, container: string): string {
  return `${pod.metadata.uid}/${container}`;
}

type StartStep = Extract<PodStep, { type: 'start-container' }>;

async function startContainer(step: StartStep, scene: StepScene, context: PodContext): Promise<StepResult> {
  const { pod, signal } = scene;
  const { target } = step;
  const say = sayOf(pod, target, context);
  countRestart(step, scene, context);
  try {
    const image = await context.puller.ensure(
      { pod, container: target.container, say, secrets: () => context.objects.pullSecrets(pod) },
      signal,
    );
    const id = await context.starts.run(() => createAndStart(step, { ...scene, image }, context), signal, 'begun');
    return (await postStart(step, { ...scene, id }, context)) ?? DONE;
  } catch (error) {
    if (signal.aborted) throw error;
    return failed(error, say);
  }
}

/** A start after an end doubles the next delay. */
function countRestart({ target }: StartStep, { pod, observed }: StepScene, context: PodContext): void {
  const last = instancesOf(observed, target.container.name)[0];
  if (last && earlierRound(pod, observed)(last) && !beganRound(target, last)) return; // It was ended for another's sake.
  if (last) context.restarts.next(restartKey(pod, target.container.name), last.finishedAtMs || last.createdAtMs, context.clock.now());
}

/** What could not be done, as waiting reason. */
function failed(error: unknown, say: (type: 'Warning', reason: string, message: string) => void): StepResult {
  const fields = error instanceof KtsError ? error.fields : {};
  const reason = typeof fields['reason'] === 'string' ? fields['reason'] : 'CreateContainerConfigError';
  const message = messageOf(error);
  if (reason === 'ErrImagePull' || reason === 'ImagePullBackOff' || reason === 'ErrImageNeverPull')
    say('Warning', 'Failed', `Error: ${reason}`);
  else say('Warning', 'Failed', `Error: ${message}`);
  const retryMs = typeof fields['retryMs'] === 'number' ? fields['retryMs'] : RETRY_MS;
  return { progress: reason === 'RunContainerError', waiting: { reason, message }, retryMs };
}

/** Marks an error with the waiting reason it stands for. */
async function as<T>(reason: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw new KtsError('kubelet-start', textOf(error), { cause: error, fields: { reason } });
  }
}

async function createAndStart(step: StartStep, scene: StepScene & { readonly image: Image }, context: PodContext): Promise<string> {
  const { pod, observed, signal } = scene;
  const { target, attempt, sandboxId } = step;
  const sandbox = observed.sandboxes.find((s) => s.id === sandboxId);
  const addressed = withAddresses(pod, sandbox, context);
  const { container } = target;
  const uid = pod.metadata.uid ?? '';
  await makeContainerFiles(context.paths, pod, { name: container.name, attempt });
  const ips = (addressed.status?.podIPs ?? []).map((p) => p.ip);
  const hosts = hostsFile(pod, ips, { clusterDomain: context.dns().clusterDomain, hostFile: await context.hostsFile() });
  await writeHostsFile(context.paths, uid, hosts);
  const env = await environment(addressed, target, context);
  const mounts = await containerMounts(container, {
    volumes: scene.volumes,
    env,
    hostsFile: context.paths.hostsFile(uid),
    terminationFile: context.paths.terminationFile(uid, container.name, attempt),
    podUid: uid,
    manager: context.volumes,
  });
  const targetName = target.kind === 'ephemeral' ? target.container.targetContainerName : undefined;
  const targetId = targetName ? instancesOf(observed, targetName)[0]?.id : undefined;
  const { node, paths } = context;
  const config = containerConfig(pod, target, { attempt, image: scene.image, env, mounts, node, seccompDir: paths.seccomp, targetId });
  const sandboxConfig = configOfSandbox(pod, sandbox?.attempt ?? 0, context);
  const say = sayOf(pod, target, context);
  const id = await as(
    'CreateContainerError',
    context.runtime.createContainer({ podSandboxId: sandboxId, config, sandboxConfig }, { signal }),
  );
  say('Normal', 'Created', 'Container created');
  await as('RunContainerError', context.runtime.startContainer(id, { signal }));
  say('Normal', 'Started', 'Container started');
  await linkLog(paths.logLink(pod, container.name, id), `${paths.podLogs(pod)}/${config.logPath}`);
  return id;
}

function environment(pod: Pod, { container }: PodContainer, context: PodContext): Promise<ReadonlyMap<string, string>> {
  const namespace = pod.metadata.namespace ?? '';
  return containerEnv(pod, container, {
    services: serviceEnv(context.objects.services(namespace), namespace, pod.spec.enableServiceLinks ?? true),
    configMap: (name) => context.objects.configMap(namespace, name),
    secret: (name) => context.objects.secret(namespace, name),
    allocatable: context.allocatable(),
  });
}

/** The pod with the addresses its containers may ask for, which the API may not have yet. */
function withAddresses(pod: Pod, sandbox: ObservedSandbox | undefined, context: PodContext): Pod {
  const hostIPs = context.hostIPs();
  const ips = pod.spec.hostNetwork ? hostIPs : (sandbox?.ips ?? []);
  const status: PodStatus = {
    ...pod.status,
    ...(hostIPs[0] !== undefined && { hostIP: hostIPs[0], hostIPs: hostIPs.map((ip) => ({ ip })) }),
    ...(ips[0] !== undefined && { podIP: ips[0], podIPs: ips.map((ip) => ({ ip })) }),
  };
  return { ...pod, status };
}

/** Runs the postStart hook; a container whose hook fails is killed. */
async function postStart(
  step: StartStep,
  scene: StepScene & { readonly id: string },
  context: PodContext,
): Promise<StepResult | undefined> {
  const { pod, signal, id, observed } = scene;
  const { target } = step;
  const hook = target.container.lifecycle?.postStart;
  if (!hook) return undefined;
  const podIp = observed.sandboxes.find((s) => s.id === step.sandboxId)?.ips[0] ?? context.hostIPs()[0] ?? '127.0.0.1';
  try {
    await runHook(hook, { container: target.container, containerId: id, podIp }, { ...context, signal });
    return undefined;
  } catch (error) {
    if (signal.aborted) throw error;
    context.log.debug('postStart hook failed', { pod: podText(pod), container: target.container.name, error: messageOf(error) });
    sayOf(pod, target, context)('Warning', 'FailedPostStartHook', `PostStartHook failed`);
    const graceSeconds = pod.spec.terminationGracePeriodSeconds ?? 30;
    await context.runtime.stopContainer(id, graceSeconds, { signal });
    return { progress: true, waiting: { reason: 'PostStartHookError', message: `PostStartHook failed: ${messageOf(error)}` } };
  }
}

// Time from the create of a pod to its Running in a watch, and, in turns with it, the time of the bare CRI calls for an equal pod.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { containerConfig } from '../../../src/agent/kubelet/container-config.ts';
import { sandboxConfig } from '../../../src/agent/kubelet/sandbox-config.ts';
import type { Pod } from '../../../src/api/types/core-v1.gen.ts';
import { systemClock } from '../../../src/base/clock.ts';
import type { HttpClient } from '../../../src/client/http-client.ts';
import { PODS } from '../../../src/client/resources.ts';
import { cgroupLayout } from '../../../src/cri/cgroup-layout.ts';
import { ContainerdClient } from '../../../src/cri/containerd-client.ts';
import { openGrpcChannel } from '../../../src/cri/grpc-channel.ts';
import { type Summary, summary } from '../statistics.ts';
import { openClient } from './access.ts';

/** What is measured with. */
export interface PodTimesInput {
  readonly kubeconfig: string;
  /** containerd's. */
  readonly socket: string;
  readonly node: string;
  readonly image: string;
  /** Cgroup below which the bare pods are put. */
  readonly cgroup: string;
  /** A directory for the bare pods' logs. */
  readonly directory: string;
  readonly count: number;
}

/** Milliseconds. */
export interface PodTimes {
  readonly running: Summary;
  readonly bare: Summary;
  /** The three calls of the bare pods. */
  readonly sandbox: Summary;
  readonly create: Summary;
  readonly start: Summary;
}

const NAMESPACE = 'default';
/** A pod that is not Running and gone again after that never will be. */
const POD_TIMEOUT_MS = 60_000;
const SCRIPT = 'trap "exit 0" TERM; while :; do sleep 3600 & wait $!; done';

const benchPod = (name: string, { image, node }: PodTimesInput): Pod & { metadata: { name: string; namespace: string } } => ({
  metadata: { name, namespace: NAMESPACE },
  spec: {
    terminationGracePeriodSeconds: 1,
    nodeSelector: { 'kubernetes.io/hostname': node },
    containers: [{ name: 'main', image, command: ['sh', '-c', SCRIPT] }],
  },
});

/** Starts `count` pods of each kind, one after the other, and removes each. */
export async function podTimes(input: PodTimesInput): Promise<PodTimes> {
  const client = await openClient(input.kubeconfig);
  const channel = await openGrpcChannel(input.socket, systemClock);
  const runtime = new ContainerdClient(channel);
  const running: number[] = [];
  const bare: [number, number, number][] = [];
  try {
    await throughApi(client, benchPod('bench-pod-warm', input));
    await throughCri(runtime, 'bench-bare-warm', input);
    for (let i = 0; i < input.count; i++) {
      running.push(await throughApi(client, benchPod(`bench-pod-${i}`, input)));
      bare.push(await throughCri(runtime, `bench-bare-${i}`, input));
    }
  } finally {
    channel.close();
    await client.close();
  }
  return {
    running: summary(running),
    bare: summary(bare.map(([a, b, c]) => a + b + c)),
    sandbox: summary(bare.map(([a]) => a)),
    create: summary(bare.map(([, b]) => b)),
    start: summary(bare.map(([, , c]) => c)),
  };
}

async function throughApi(client: HttpClient, pod: Pod & { metadata: { name: string; namespace: string } }): Promise<number> {
  const { name, namespace } = pod.metadata;
  const { metadata } = await client.list(PODS, { namespace, limit: 1 });
  const signal = AbortSignal.timeout(POD_TIMEOUT_MS);
  const selection = { namespace, fieldSelector: `metadata.name=${name}`, resourceVersion: metadata.resourceVersion ?? '0' };
  const events = client.watch(PODS, { ...selection, signal });
  const started = performance.now();
  let took: number | undefined;
  await client.create(PODS, pod);
  for await (const { type, object } of events) {
    if (took === undefined && object.status?.phase === 'Running') {
      took = performance.now() - started;
      await client.delete(PODS, { namespace, name });
    }
    if (type === 'DELETED') break;
  }
  if (took === undefined) throw new RangeError(`pod ${name} was not Running within ${POD_TIMEOUT_MS} ms`);
  return took;
}

async function throughCri(runtime: ContainerdClient, name: string, input: PodTimesInput): Promise<[number, number, number]> {
  const image = await runtime.imageStatus(input.image);
  if (!image) throw new RangeError(`no image ${input.image}`);
  const pod: Pod = { ...benchPod(name, input), metadata: { name, namespace: NAMESPACE, uid: name } };
  const sandbox = bareSandbox(pod, input);
  const [container] = pod.spec.containers;
  if (!container) throw new RangeError('a pod with a container');
  const facts = { attempt: 0, image, env: new Map(), mounts: [], node: nodeResources(), seccompDir: '', targetId: undefined };
  const config = { ...containerConfig(pod, { container, kind: 'regular' }, facts), labels: {} };
  const times: number[] = [performance.now()];
  const sandboxId = await runtime.runPodSandbox(sandbox, '');
  try {
    times.push(performance.now());
    const id = await runtime.createContainer({ podSandboxId: sandboxId, config, sandboxConfig: sandbox });
    times.push(performance.now());
    await runtime.startContainer(id);
    times.push(performance.now());
  } finally {
    await runtime.stopPodSandbox(sandboxId);
    await runtime.removePodSandbox(sandboxId);
  }
  const [t0 = 0, t1 = 0, t2 = 0, t3 = 0] = times;
  return [t1 - t0, t2 - t1, t3 - t2];
}

/** Without labels: it is none of the kubelet's pods. */
function bareSandbox(pod: Pod, input: PodTimesInput) {
  const config = sandboxConfig(pod, {
    attempt: 0,
    hostname: { hostname: pod.metadata.name ?? '', domain: '' },
    dns: { servers: ['10.43.0.10'], searches: [], options: ['ndots:5'] },
    logDirectory: join(input.directory, pod.metadata.name ?? ''),
    cgroupParent: input.cgroup,
    seccompDir: '',
  });
  return { ...config, labels: {} };
}

function nodeResources() {
  const { version } = cgroupLayout(readFileSync('/proc/self/mountinfo', 'utf8'));
  return { memoryCapacity: 1 << 30, cgroupVersion: version };
}

// The phase of a pod from its container statuses (documentation page "Pod Lifecycle"). Pure.

import { isSidecar } from '../../api/pod-resources.ts';
import type { ContainerStatus, Pod } from '../../api/types/core-v1.gen.ts';
import { canBeginRounds } from './restart-rounds.ts';
import { restartDecision, ruledAction } from './restart-rules.ts';

/** Phases of a pod. */
export type PodPhase = 'Pending' | 'Running' | 'Succeeded' | 'Failed';

type Stage = 'unknown' | 'waiting' | 'running' | 'succeeded' | 'failed';

/** The phase. `terminal`: no container will be started again. */
export function podPhase(
  pod: Pod,
  statuses: { readonly init: readonly ContainerStatus[]; readonly regular: readonly ContainerStatus[] },
  terminal: boolean,
): PodPhase {
  const init = initStage(pod, statuses.init);
  const stages = pod.spec.containers.map((c) => stageOf(statuses.regular.find((s) => s.name === c.name)));
  const ended = stages.every((s) => s === 'succeeded' || s === 'failed');
  const began = stages.some((s) => s !== 'waiting' && s !== 'unknown');
  if (init === 'failed' && pod.spec.restartPolicy === 'Never') return 'Failed';
  const sidecarRuns = (pod.spec.initContainers ?? []).some(
    (c) => isSidecar(c) && statuses.init.some((s) => s.name === c.name && s.state?.running),
  );
  if (ended && sidecarRuns) return 'Running'; // a pod has ended when its sidecars have, too
  if (ended && terminal) return stages.every((s) => s === 'succeeded') ? 'Succeeded' : 'Failed';
  if (init === 'pending' && !began) return 'Pending';
  if (init === 'failed' && !began) return 'Pending';
  if (stages.includes('waiting') || stages.includes('unknown')) return 'Pending';
  if (!ended) return 'Running';
  if (willRestart(pod, statuses.regular)) return 'Running';
  return stages.every((s) => s === 'succeeded') ? 'Succeeded' : 'Failed';
}

function stageOf(status: ContainerStatus | undefined): Stage {
  if (!status?.state) return 'unknown';
  const { running, terminated } = status.state;
  if (running) return 'running';
  const end = terminated ?? status.lastState?.terminated;
  if (!end) return 'waiting';
  return end.exitCode === 0 ? 'succeeded' : 'failed';
}

function initStage(pod: Pod, statuses: readonly ContainerStatus[]): 'done' | 'pending' | 'failed' {
  let stage: 'done' | 'pending' | 'failed' = 'done';
  for (const container of pod.spec.initContainers ?? []) {
    const status = statuses.find((s) => s.name === container.name);
    if (isSidecar(container)) {
      if (!status?.started && stage === 'done' && !status?.state?.terminated) stage = 'pending';
      continue;
    }
    const own = stageOf(status);
    const end = status?.state?.terminated ?? status?.lastState?.terminated;
    const runsAgain = end !== undefined && ruledAction(container, end.exitCode) !== undefined;
    if (own === 'failed' && !runsAgain && (status?.state?.terminated || pod.spec.restartPolicy !== 'Always')) stage = 'failed';
    else if (own !== 'succeeded' && stage !== 'failed') stage = 'pending';
  }
  return stage;
}

function willRestart(pod: Pod, statuses: readonly ContainerStatus[]): boolean {
  return pod.spec.containers.some((container) => {
    const status = statuses.find((s) => s.name === container.name);
    const end = status?.state?.terminated ?? status?.lastState?.terminated;
    if (status?.state?.waiting && canBeginRounds(pod)) return true; // Whatever its policy: it waits for its turn in a new round.
    return restartDecision(pod, container, 'regular', end?.exitCode ?? 0) === 'restart';
  });
}

// Whether a container that has ended starts again: restartPolicy of the pod and the container, and its rules (KEP-5307).

import type { Container, Pod } from '../../api/types/core-v1.gen.ts';
import type { ContainerKind } from './pod-containers.ts';

type Decision = 'restart' | 'stay';

/** Decides for a container that ended with `exitCode`. */
export function restartDecision(pod: Pod, container: Container, kind: ContainerKind, exitCode: number): Decision {
  if (kind === 'ephemeral') return 'stay';
  if (kind === 'sidecar' || ruledAction(container, exitCode) !== undefined) return 'restart';
  const policy = container.restartPolicy ?? pod.spec.restartPolicy ?? 'Always';
  if (kind === 'init') return exitCode === 0 || policy === 'Never' ? 'stay' : 'restart';
  if (policy === 'Always') return 'restart';
  return policy === 'OnFailure' && exitCode !== 0 ? 'restart' : 'stay';
}

/** What the first of the container's rules that speaks of the exit code says: `Restart`, `RestartAllContainers`; undefined = none does. */
export function ruledAction({ restartPolicyRules = [] }: Container, exitCode: number): string | undefined {
  return restartPolicyRules.find(({ exitCodes }) => {
    const among = exitCodes?.values?.includes(exitCode) ?? false;
    return exitCodes?.operator === 'In' ? among : exitCodes?.operator === 'NotIn' ? !among : false;
  })?.action;
}

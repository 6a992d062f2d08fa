// Pod Security Standards: as whom and with which privileges containers run. Pure.

import { type CheckPod, containersText, namesWhere, type SecurityCheck, settersText, unlessUserNamespace, unlessWindows } from './check.ts';

/** No container with all privileges of the host. */
export const privileged: SecurityCheck = {
  id: 'privileged',
  level: 'baseline',
  versions: [
    [
      0,
      (pod) => {
        const names = namesWhere(pod, ({ securityContext }) => securityContext?.privileged === true);
        if (names.length === 0) return undefined;
        return { reason: 'privileged', detail: `${containersText(names)} must not set securityContext.privileged=true` };
      },
    ],
  ],
};

const escalation: CheckPod = (pod) => {
  const names = namesWhere(pod, ({ securityContext }) => securityContext?.allowPrivilegeEscalation !== false);
  if (names.length === 0) return undefined;
  return {
    reason: 'allowPrivilegeEscalation != false',
    detail: `${containersText(names)} must set securityContext.allowPrivilegeEscalation=false`,
  };
};

/** No process gains more privileges than its parent. */
export const allowPrivilegeEscalation: SecurityCheck = {
  id: 'allowPrivilegeEscalation',
  level: 'restricted',
  versions: [
    [8, escalation],
    [25, unlessWindows(escalation)],
  ],
};

const nonRoot: CheckPod = (pod) => {
  const reason = 'runAsNonRoot != true';
  const ofPod = pod.spec.securityContext?.runAsNonRoot;
  const explicit = namesWhere(pod, ({ securityContext }) => securityContext?.runAsNonRoot === false);
  const who = settersText(ofPod === false, explicit);
  if (who !== '') return { reason, detail: `${who} must not set securityContext.runAsNonRoot=false` };
  const implicit = ofPod ? [] : namesWhere(pod, ({ securityContext }) => securityContext?.runAsNonRoot === undefined);
  if (implicit.length === 0) return undefined;
  return { reason, detail: `pod or ${containersText(implicit)} must set securityContext.runAsNonRoot=true` };
};

/** Containers say that they do not run as root. */
export const runAsNonRoot: SecurityCheck = {
  id: 'runAsNonRoot',
  level: 'restricted',
  versions: [
    [0, nonRoot],
    [35, unlessUserNamespace(nonRoot)],
  ],
};

const user: CheckPod = (pod) => {
  const names = namesWhere(pod, ({ securityContext }) => securityContext?.runAsUser === 0);
  const who = settersText(pod.spec.securityContext?.runAsUser === 0, names);
  return who === '' ? undefined : { reason: 'runAsUser=0', detail: `${who} must not set runAsUser=0` };
};

/** Containers do not name root as their user. */
export const runAsUser: SecurityCheck = {
  id: 'runAsUser',
  level: 'restricted',
  versions: [
    [23, user],
    [35, unlessUserNamespace(user)],
  ],
};

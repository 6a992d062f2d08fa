// Pod Security Standards: Linux capabilities. Pure.

import type { Container } from '../types/core-v1.gen.ts';
import {
  type CheckPod,
  containersOf,
  containersText,
  distinct,
  namesWhere,
  type PodLike,
  quoted,
  type SecurityCheck,
  unlessWindows,
} from './check.ts';

const DEFAULTS: ReadonlySet<string> = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]);
const HARMLESS: ReadonlySet<string> = new Set(['NET_BIND_SERVICE']);

function addedBeyond({ securityContext }: Container, allowed: ReadonlySet<string>): string[] {
  return (securityContext?.capabilities?.add ?? []).filter((capability) => !allowed.has(capability));
}

/** Which containers add what they may not; undefined when none does. */
function additionText(pod: PodLike, allowed: ReadonlySet<string>): string | undefined {
  const names = namesWhere(pod, (container) => addedBeyond(container, allowed).length > 0);
  if (names.length === 0) return undefined;
  const added = distinct(containersOf(pod).flatMap((container) => addedBeyond(container, allowed)));
  return `${containersText(names)} must not include ${quoted(added)} in securityContext.capabilities.add`;
}

/** No capabilities beyond those that containers have anyway. */
export const capabilitiesBaseline: SecurityCheck = {
  id: 'capabilities_baseline',
  level: 'baseline',
  versions: [
    [
      0,
      (pod) => {
        const detail = additionText(pod, DEFAULTS);
        return detail === undefined ? undefined : { reason: 'non-default capabilities', detail };
      },
    ],
  ],
};

const restricted: CheckPod = (pod) => {
  const keeping = namesWhere(pod, ({ securityContext }) => !securityContext?.capabilities?.drop?.includes('ALL'));
  const dropText = keeping.length > 0 ? `${containersText(keeping)} must set securityContext.capabilities.drop=["ALL"]` : undefined;
  const details = [dropText, additionText(pod, HARMLESS)].filter((detail) => detail !== undefined);
  return details.length === 0 ? undefined : { reason: 'unrestricted capabilities', detail: details.join('; ') };
};

/** All capabilities are dropped, and at most that of binding low ports is added. */
export const capabilitiesRestricted: SecurityCheck = {
  id: 'capabilities_restricted',
  level: 'restricted',
  overrides: ['capabilities_baseline'],
  versions: [
    [22, restricted],
    [25, unlessWindows(restricted)],
  ],
};

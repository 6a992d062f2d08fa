// Pod Security Standards: sysctls and the view of /proc. Pure.

import {
  type CheckPod,
  containersOf,
  containersText,
  distinct,
  namesWhere,
  quoted,
  type SecurityCheck,
  unlessUserNamespace,
} from './check.ts';

const SAFE = [
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_unprivileged_port_start',
];
const SAFE_27 = [...SAFE, 'net.ipv4.ip_local_reserved_ports'];
const SAFE_29 = [
  ...SAFE_27,
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
];
const SAFE_32 = [...SAFE_29, 'net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem'];

const onlySafe =
  (safe: readonly string[]): CheckPod =>
  ({ spec }) => {
    const names = (spec.securityContext?.sysctls ?? []).map(({ name }) => name).filter((name) => !safe.includes(name));
    return names.length === 0 ? undefined : { reason: 'forbidden sysctls', detail: names.join(', ') };
  };

/** Only sysctls that act on the pod alone. */
export const sysctls: SecurityCheck = {
  id: 'sysctls',
  level: 'baseline',
  versions: [
    [0, onlySafe(SAFE)],
    [27, onlySafe(SAFE_27)],
    [29, onlySafe(SAFE_29)],
    [32, onlySafe(SAFE_32)],
  ],
};

const masked: CheckPod = (pod) => {
  const typeOf = (procMount: string | undefined): string[] => (procMount === undefined || procMount === 'Default' ? [] : [procMount]);
  const names = namesWhere(pod, ({ securityContext }) => typeOf(securityContext?.procMount).length > 0);
  if (names.length === 0) return undefined;
  const types = distinct(containersOf(pod).flatMap(({ securityContext }) => typeOf(securityContext?.procMount)));
  return { reason: 'procMount', detail: `${containersText(names)} must not set securityContext.procMount to ${quoted(types)}` };
};

/** /proc is masked. */
export const procMount: SecurityCheck = {
  id: 'procMount',
  level: 'baseline',
  versions: [
    [0, masked],
    [35, unlessUserNamespace(masked)],
  ],
};

/** What the baseline lets pods in user namespaces do is still restricted. */
export const procMountRestricted: SecurityCheck = {
  id: 'procMount_restricted',
  level: 'restricted',
  overrides: ['procMount'],
  versions: [[35, masked]],
};

// Whether a pod that was bound to this node may run here: the checks of the scheduler once more, since others may bind too. Pure.

import { podRequests } from '../../api/pod-resources.ts';
import { parseQuantity, Quantity } from '../../api/quantity.ts';
import type { Node, NodeSelectorRequirement, NodeSelectorTerm, Pod } from '../../api/types/core-v1.gen.ts';

/** A refusal: the status reason and message of the pod, which fails. */
export interface Refusal {
  readonly reason: string;
  readonly message: string;
}

/** Sysctls that a pod may set because they concern its own namespaces only (documentation page "Using sysctls"). */
const SAFE_SYSCTLS = new Set([
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_wmem',
]);

/** Decides for `pod`; `others` are the active pods of the node without it, `node` its object. */
export function admitPod(
  pod: Pod,
  others: readonly Pod[],
  node: Node,
  options: { readonly allowedSysctls?: readonly string[] } = {},
): Refusal | undefined {
  return (
    refuseSysctls(pod, options.allowedSysctls ?? []) ??
    refuseAffinity(pod, node) ??
    refusePorts(pod, others) ??
    refuseResources(pod, others, node)
  );
}

function refuseSysctls(pod: Pod, allowed: readonly string[]): Refusal | undefined {
  for (const { name } of pod.spec.securityContext?.sysctls ?? []) {
    const plain = name.replaceAll('/', '.');
    if (SAFE_SYSCTLS.has(plain) || allowed.some((a) => a === plain || (a.endsWith('*') && plain.startsWith(a.slice(0, -1))))) continue;
    return { reason: 'SysctlForbidden', message: `Pod was rejected: forbidden sysctl: "${plain}" not allowlisted` };
  }
  return undefined;
}

function refuseAffinity(pod: Pod, node: Node): Refusal | undefined {
  const labels = node.metadata.labels ?? {};
  const selected = Object.entries(pod.spec.nodeSelector ?? {}).every(([key, value]) => labels[key] === value);
  const required = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  if (selected && (!required || required.nodeSelectorTerms.some((term) => termFits(term, node)))) return undefined;
  const why = "node(s) didn't match Pod's node affinity/selector";
  return { reason: 'NodeAffinity', message: `Pod was rejected: Predicate NodeAffinity failed: ${why}` };
}

function termFits({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, node: Node): boolean {
  if (matchExpressions.length + matchFields.length === 0) return false;
  const labels = node.metadata.labels ?? {};
  const fields: Record<string, string> = { 'metadata.name': node.metadata.name ?? '' };
  return matchExpressions.every((r) => requirementFits(r, labels[r.key])) && matchFields.every((r) => requirementFits(r, fields[r.key]));
}

function requirementFits({ operator, values = [] }: NodeSelectorRequirement, value: string | undefined): boolean {
  if (operator === 'Exists') return value !== undefined;
  if (operator === 'DoesNotExist') return value === undefined;
  if (operator === 'In') return value !== undefined && values.includes(value);
  if (operator === 'NotIn') return value === undefined || !values.includes(value);
  const [own, bound] = [Number(value), Number(values[0])];
  if (value === undefined || !Number.isInteger(own) || !Number.isInteger(bound)) return false;
  return operator === 'Gt' ? own > bound : own < bound;
}

function hostPorts(pod: Pod): string[] {
  const sidecars = (pod.spec.initContainers ?? []).filter((c) => c.restartPolicy === 'Always');
  return [...pod.spec.containers, ...sidecars].flatMap((c) =>
    (c.ports ?? []).flatMap(({ hostPort, protocol = 'TCP', hostIP = '0.0.0.0' }) =>
      hostPort ? [`${protocol}/${hostPort}/${hostIP || '0.0.0.0'}`] : [],
    ),
  );
}

function portsClash(a: string, b: string): boolean {
  const [protocolA, portA, ipA] = a.split('/');
  const [protocolB, portB, ipB] = b.split('/');
  return protocolA === protocolB && portA === portB && (ipA === ipB || ipA === '0.0.0.0' || ipB === '0.0.0.0');
}

function refusePorts(pod: Pod, others: readonly Pod[]): Refusal | undefined {
  const taken = others.flatMap(hostPorts);
  if (!hostPorts(pod).some((port) => taken.some((other) => portsClash(port, other)))) return undefined;
  const why = "node(s) didn't have free ports for the requested pod ports";
  return { reason: 'NodePorts', message: `Pod was rejected: Predicate NodePorts failed: ${why}` };
}

function refuseResources(pod: Pod, others: readonly Pod[], node: Node): Refusal | undefined {
  const allocatable = node.status?.allocatable ?? {};
  const most = Number(allocatable['pods'] ?? Number.POSITIVE_INFINITY);
  if (others.length + 1 > most) return outOf('pods', { requested: 1, used: others.length, capacity: most });
  for (const [name, amount] of podRequests(pod)) {
    if (amount.sign() <= 0) continue;
    const capacity = parseQuantity(allocatable[name] ?? '0');
    const used = others.reduce((sum, other) => sum.add(podRequests(other).get(name) ?? Quantity.of(0)), Quantity.of(0));
    if (used.add(amount).compare(capacity) <= 0) continue;
    const number = (q: Quantity): number => (name === 'cpu' ? q.milliValue() : q.value());
    return outOf(name, { requested: number(amount), used: number(used), capacity: number(capacity) });
  }
  return undefined;
}

function outOf(name: string, amounts: { requested: number; used: number; capacity: number }): Refusal {
  const { requested, used, capacity } = amounts;
  const text = `Node didn't have enough resource: ${name}, requested: ${requested}, used: ${used}, capacity: ${capacity}`;
  return { reason: `OutOf${name}`, message: `Pod was rejected: ${text}` };
}

// The kernel settings that pods need, in this network namespace (each namespace has its own), by sysctl(8).

import { KtsError } from '../../base/errors.ts';
import type { Exec } from '../../base/exec.ts';
import type { Logger } from '../../base/log.ts';
import type { NetworkErrorCode } from './errors.ts';

/** What was found. */
export interface KernelFacts {
  /** Bridged packets pass the IP tables, so that replies between pods of one node are translated back. */
  readonly bridgeNetfilter: boolean;
}

/**
 * Turns on forwarding (demanded) and bridge netfilter (loading its module if need be).
 * @throws KtsError `network-kernel` when forwarding cannot be turned on.
 */
export async function prepareKernel(deps: { readonly exec: Exec; readonly log: Logger }): Promise<KernelFacts> {
  const forward = await setKernel(deps.exec, 'net/ipv4/ip_forward', 1);
  if (forward !== '') throw new KtsError<NetworkErrorCode>('network-kernel', `cannot turn on IP forwarding: ${forward}`);
  const bridge = 'net/bridge/bridge-nf-call-iptables';
  if ((await setKernel(deps.exec, bridge, 1)) === '') return { bridgeNetfilter: true };
  await deps.exec.run('modprobe', ['br_netfilter']).catch(() => undefined); // What counts is whether the setting is there then.
  const failure = await setKernel(deps.exec, bridge, 1);
  if (failure === '') return { bridgeNetfilter: true };
  deps.log.warn('no bridge netfilter: pods of one node see this node as the client of Services', { error: failure });
  return { bridgeNetfilter: false };
}

/** Sets one, named with slashes; resolves to `''` or why it failed. */
export async function setKernel(exec: Exec, key: string, value: number): Promise<string> {
  const result = await exec.run('sysctl', ['-qw', `${key}=${value}`]);
  return result.code === 0 ? '' : result.stderr.trim() || `sysctl: exit ${result.code}`;
}

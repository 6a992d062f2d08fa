// Warnings about containers: amounts that are no whole bytes, variables that hide others, ports that are told twice. Pure.

import { tryParseQuantity } from '../quantity.ts';
import type { Container, ContainerPort, EnvVar } from '../types/core-v1.gen.ts';

const BYTES = ['memory', 'ephemeral-storage'];
const NANO = 1_000_000_000n;

/** Warns of amounts of bytes with a fraction. `path` is that of the list. */
export function amountWarnings(
  path: string,
  list: Readonly<Record<string, string>> | undefined,
  names: readonly string[] = BYTES,
): string[] {
  if (!list) return [];
  return names.flatMap((name) => {
    const text = list[name];
    const amount = text === undefined ? undefined : tryParseQuantity(text);
    if (!amount || amount.nanos % NANO === 0n) return [];
    return [`${path}[${name}]: fractional byte value ${JSON.stringify(text)} is invalid, must be an integer`];
  });
}

/** A later variable of the same name is no mistake when it builds on the earlier one. */
function hides({ name, value = '', valueFrom }: EnvVar): boolean {
  const reference = `$(${name})`;
  return valueFrom !== undefined || value === reference || !value.includes(reference);
}

function variableWarnings(path: string, env: readonly EnvVar[] | undefined): string[] {
  if (!env || env.length < 2) return [];
  const seen = new Set<string>();
  return env.flatMap((variable, i) => {
    const again = seen.has(variable.name);
    seen.add(variable.name);
    if (!again || !hides(variable)) return [];
    return [`${path}[${i}]: hides previous definition of ${JSON.stringify(variable.name)}, which may be dropped when using apply`];
  });
}

/** Warnings about each container by itself. */
export function containerWarnings(container: Container, path: string): string[] {
  const { resources, env } = container;
  return [
    ...amountWarnings(`${path}.resources.limits`, resources?.limits),
    ...amountWarnings(`${path}.resources.requests`, resources?.requests),
    ...variableWarnings(`${path}.env`, env),
  ];
}

function clash(port: ContainerPort, other: ContainerPort): string | undefined {
  const [a, b] = [port.hostPort ?? 0, other.hostPort ?? 0];
  const [ipA, ipB] = [port.hostIP ?? '', other.hostIP ?? ''];
  if (a === b && ipA === ipB) return 'duplicate';
  if (a === 0 || b === 0) return 'overlapping';
  return a === b && (ipA === '' || ipB === '') ? 'dangerously ambiguous' : undefined;
}

/** Warnings about the ports of all containers of a pod. */
export function portWarnings(containers: readonly (readonly [container: Container, path: string])[]): string[] {
  const seen = new Map<string, { readonly port: ContainerPort; readonly path: string }[]>();
  const texts: string[] = [];
  for (const [{ ports }, containerPath] of containers) {
    for (const [i, port] of (ports ?? []).entries()) {
      const path = `${containerPath}.ports[${i}]`;
      const { name = '', hostPort = 0, containerPort, protocol = 'TCP', hostIP = '' } = port;
      if (hostIP !== '' && hostPort === 0) {
        const shown = `{Name:${name} HostPort:${hostPort} ContainerPort:${containerPort} Protocol:${protocol} HostIP:${hostIP}}`;
        texts.push(`${path}: hostIP set without hostPort: ${shown}`);
      }
      const key = `${containerPort}/${protocol}`;
      const others = seen.get(key) ?? [];
      for (const other of others) {
        const what = clash(port, other.port);
        if (what !== undefined) texts.push(`${path}: ${what} port definition with ${other.path}`);
      }
      seen.set(key, [...others, { port, path }]);
    }
  }
  return texts;
}

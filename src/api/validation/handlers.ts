// Validation of probes and lifecycle hooks. Pure. Rules: "Configure Liveness, Readiness and Startup Probes", "Container Lifecycle Hooks".

import type { FieldError } from '../status-error.ts';
import type { HTTPGetAction, Lifecycle, LifecycleHandler, Probe } from '../types/core-v1.gen.ts';
import { checkAtLeast, checkOneOf, checkPort, checkString, forbiddenValue, invalidValue, requiredValue } from './field-error.ts';
import { httpHeaderName, portName } from './strings.ts';

const HANDLERS = ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep'] as const;
type Handler = Probe & LifecycleHandler;

/** Validates the one thing a probe or hook does. `graceSeconds` is the pod's grace period, which a hook may not outlast. */
function validateHandler(path: string, handler: Handler, graceSeconds: number | undefined): FieldError[] {
  const present = HANDLERS.filter((name) => handler[name] !== undefined);
  const [first] = present;
  if (first === undefined) return [requiredValue(path, 'must specify a handler type')];
  const errors = validateAction(path, handler, { which: first, graceSeconds });
  for (const extra of present.slice(1)) errors.push(forbiddenValue(`${path}.${extra}`, 'may not specify more than 1 handler type'));
  return errors;
}

function validateAction(
  path: string,
  handler: Handler,
  { which, graceSeconds }: { which: (typeof HANDLERS)[number]; graceSeconds: number | undefined },
): FieldError[] {
  const { exec, httpGet, tcpSocket, grpc, sleep } = handler;
  switch (which) {
    case 'exec':
      return exec?.command?.length ? [] : [requiredValue(`${path}.exec.command`)];
    case 'httpGet':
      return httpGet ? validateHttpGet(`${path}.httpGet`, httpGet) : [];
    case 'tcpSocket':
      return checkPortNumberOrName(`${path}.tcpSocket.port`, tcpSocket?.port);
    case 'grpc':
      return checkPort(`${path}.grpc.port`, grpc?.port ?? 0);
    case 'sleep': {
      const seconds = sleep?.seconds ?? 0;
      if (graceSeconds === undefined || (seconds >= 0 && seconds <= graceSeconds)) return [];
      const why = `must be non-negative and less than terminationGracePeriodSeconds (${graceSeconds})`;
      return [invalidValue(`${path}.sleep`, seconds, why)];
    }
  }
}

function validateHttpGet(path: string, action: HTTPGetAction): FieldError[] {
  const errors = action.path === '' ? [requiredValue(`${path}.path`)] : [];
  errors.push(...checkPortNumberOrName(`${path}.port`, action.port), ...checkOneOf(`${path}.scheme`, action.scheme, ['HTTP', 'HTTPS']));
  for (const { name } of action.httpHeaders ?? []) errors.push(...checkString(`${path}.httpHeaders`, name ?? '', httpHeaderName));
  return errors;
}

/** A port of a container, by number or by name. */
export function checkPortNumberOrName(field: string, port: number | string | undefined): FieldError[] {
  return typeof port === 'string' ? checkString(field, port, portName) : checkPort(field, port ?? 0);
}

function validateProbe(path: string, probe: Probe): FieldError[] {
  const own = probe.terminationGracePeriodSeconds;
  return [
    ...validateHandler(path, probe, undefined),
    ...checkAtLeast(`${path}.initialDelaySeconds`, probe.initialDelaySeconds, 0),
    ...checkAtLeast(`${path}.timeoutSeconds`, probe.timeoutSeconds, 0),
    ...checkAtLeast(`${path}.periodSeconds`, probe.periodSeconds, 0),
    ...checkAtLeast(`${path}.successThreshold`, probe.successThreshold, 0),
    ...checkAtLeast(`${path}.failureThreshold`, probe.failureThreshold, 0),
    ...(own !== undefined && own <= 0 ? [invalidValue(`${path}.terminationGracePeriodSeconds`, own, 'must be greater than 0')] : []),
  ];
}

/** What of a container is probed and hooked. */
export interface ProbedContainer {
  readonly livenessProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly startupProbe?: Probe;
  readonly lifecycle?: Lifecycle;
}

/** Validates the probes and hooks of a container that keeps running. */
export function validateProbes(path: string, container: ProbedContainer, graceSeconds: number | undefined): FieldError[] {
  const { lifecycle, livenessProbe, readinessProbe, startupProbe } = container;
  const errors: FieldError[] = [];
  if (lifecycle?.postStart) errors.push(...validateHandler(`${path}.lifecycle.postStart`, lifecycle.postStart, graceSeconds));
  if (lifecycle?.preStop) errors.push(...validateHandler(`${path}.lifecycle.preStop`, lifecycle.preStop, graceSeconds));
  if (livenessProbe) errors.push(...validateOnceProbe(`${path}.livenessProbe`, livenessProbe));
  if (readinessProbe) {
    errors.push(...validateProbe(`${path}.readinessProbe`, readinessProbe));
    const own = readinessProbe.terminationGracePeriodSeconds;
    const field = `${path}.readinessProbe.terminationGracePeriodSeconds`;
    if (own !== undefined) errors.push(invalidValue(field, own, 'must not be set for readinessProbes'));
  }
  if (startupProbe) errors.push(...validateOnceProbe(`${path}.startupProbe`, startupProbe));
  return errors;
}

/** Probes whose first success settles the matter. */
function validateOnceProbe(path: string, probe: Probe): FieldError[] {
  const errors = validateProbe(path, probe);
  const threshold = probe.successThreshold ?? 1;
  return threshold === 1 ? errors : [...errors, invalidValue(`${path}.successThreshold`, threshold, 'must be 1')];
}

// Validation of containers: of regular ones, of init containers and sidecars, of ephemeral ones. Pure. Rules: "Pods", "Init Containers",
// "Sidecar Containers", "Ephemeral Containers".

import type { FieldError } from '../status-error.ts';
import type * as core from '../types/core-v1.gen.ts';
import { validateEnvironment } from './environment.ts';
import {
  checkOneOf,
  checkPort,
  checkRequired,
  duplicateValue,
  eachItem,
  forbiddenValue,
  invalidValue,
  notFoundValue,
  notSupported,
  requiredValue,
  requireOneOf,
  tooMany,
} from './field-error.ts';
import { validateProbes } from './handlers.ts';
import { type VolumesByName, validateMounts } from './mounts.ts';
import { dnsLabel } from './object-meta.ts';
import { validateRequirements } from './resources.ts';
import { validateSecurityContext } from './security.ts';
import { portName } from './strings.ts';

const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];
const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never'];
const RESTART_POLICIES = ['Always', 'Never', 'OnFailure'];
const MAX_RESTART_RULES = 20;
const MAX_EXIT_CODES = 255;

/** What of the pod a container's rules depend on. */
export interface ContainerContext {
  readonly spec: core.PodSpec;
  readonly volumes: VolumesByName;
  /** Names of the pod's resource claims. */
  readonly claims: readonly string[];
  /** A real pod, not a template. */
  readonly isPod: boolean;
}

/** Validates all containers of a pod or template. */
export function validateContainers(path: string, context: ContainerContext): FieldError[] {
  const { containers, initContainers, ephemeralContainers } = context.spec;
  return [
    ...validateRegular(`${path}.containers`, containers, context),
    ...(initContainers ? validateInit(`${path}.initContainers`, initContainers, context) : []),
    ...(ephemeralContainers?.length ? validateEphemeral(`${path}.ephemeralContainers`, ephemeralContainers, context) : []),
  ];
}

/** The rules of containers of every kind. */
function validateAny(container: core.Container, path: string, context: ContainerContext): FieldError[] {
  const { spec, volumes, claims, isPod } = context;
  const { image } = container;
  const errors = checkRequired(`${path}.name`, container.name, dnsLabel);
  if (!image) errors.push(requiredValue(`${path}.image`));
  else if (isPod && image !== image.trim())
    errors.push(invalidValue(`${path}.image`, image, 'must not have leading or trailing whitespace'));
  errors.push(...checkOneOf(`${path}.terminationMessagePolicy`, container.terminationMessagePolicy, ['File', 'FallbackToLogsOnError']));
  if (container.ports) errors.push(...validatePorts(`${path}.ports`, container.ports));
  if (container.env || container.envFrom) errors.push(...validateEnvironment(path, container));
  if (container.volumeMounts || container.volumeDevices) errors.push(...validateMounts(path, container, volumes));
  errors.push(...checkOneOf(`${path}.imagePullPolicy`, container.imagePullPolicy, PULL_POLICIES));
  if (container.resources) errors.push(...validateRequirements(`${path}.resources`, container.resources, { claims }));
  if (container.resizePolicy) errors.push(...validateResizePolicy(`${path}.resizePolicy`, container.resizePolicy, spec.restartPolicy));
  return [...errors, ...validateSecurityContext(`${path}.securityContext`, container.securityContext, spec.hostUsers !== false)];
}

function validatePorts(path: string, ports: readonly core.ContainerPort[]): FieldError[] {
  const names = new Set<string>();
  return eachItem(path, ports, (port, at) => {
    const errors: FieldError[] = [];
    if (port.name) {
      const faults = portName(port.name);
      for (const why of faults) errors.push(invalidValue(`${at}.name`, port.name, why));
      if (names.has(port.name)) errors.push(duplicateValue(`${at}.name`, port.name));
      else if (faults.length === 0) names.add(port.name);
    }
    if (port.containerPort) errors.push(...checkPort(`${at}.containerPort`, port.containerPort));
    else errors.push(requiredValue(`${at}.containerPort`));
    if (port.hostPort) errors.push(...checkPort(`${at}.hostPort`, port.hostPort));
    return [...errors, ...requireOneOf(`${at}.protocol`, port.protocol ?? 'TCP', PROTOCOLS)];
  });
}

function validateResizePolicy(
  path: string,
  policies: readonly core.ContainerResizePolicy[],
  restartPolicy: string | undefined,
): FieldError[] {
  const seen = new Set<string>();
  return policies.flatMap(({ resourceName, restartPolicy: policy }, index) => {
    const errors: FieldError[] = seen.has(resourceName) ? [duplicateValue(`${path}[${index}]`, resourceName)] : [];
    seen.add(resourceName);
    errors.push(...requireOneOf(path, resourceName, ['cpu', 'memory']), ...requireOneOf(path, policy, ['NotRequired', 'RestartContainer']));
    if (restartPolicy === 'Never' && policy !== 'NotRequired')
      errors.push(invalidValue(path, policy, "must be 'NotRequired' when pod `restartPolicy` is 'Never'"));
    return errors;
  });
}

/** Ports of the host that containers want twice. */
function hostPortConflicts(path: string, containers: readonly (readonly [core.Container, string])[]): FieldError[] {
  const taken = new Set<string>();
  return containers.flatMap(([{ ports }, at]) =>
    (ports ?? []).flatMap(({ hostPort, hostIP = '', protocol = 'TCP' }, index) => {
      if (!hostPort) return [];
      const key = `${protocol}/${hostIP}/${hostPort}`;
      if (taken.has(key)) return [duplicateValue(`${path}${at}.ports[${index}].hostPort`, key)];
      taken.add(key);
      return [];
    }),
  );
}

function validateRegular(path: string, containers: readonly core.Container[] | undefined, context: ContainerContext): FieldError[] {
  if (!containers?.length) return [requiredValue(path)];
  const names = new Set<string>();
  const grace = context.spec.terminationGracePeriodSeconds;
  const errors = eachItem(path, containers, (container, at) => {
    const faults = validateAny(container, at, context);
    if (names.has(container.name)) faults.push(duplicateValue(`${at}.name`, container.name));
    names.add(container.name);
    return [...faults, ...validateProbes(at, container, grace), ...validateRestart(at, container)];
  });
  return [
    ...errors,
    ...hostPortConflicts(
      path,
      containers.map((container, index) => [container, `[${index}]`] as const),
    ),
  ];
}

function validateRestart(path: string, container: core.Container): FieldError[] {
  const { restartPolicy, restartPolicyRules: rules = [] } = container;
  const errors: FieldError[] = [];
  if (restartPolicy === undefined) {
    if (rules.length > 0) errors.push(requiredValue(`${path}.restartPolicy`, 'must specify restartPolicy when restart rules are used'));
  } else if (!RESTART_POLICIES.includes(restartPolicy)) errors.push(notSupported(`${path}.restartPolicy`, restartPolicy, RESTART_POLICIES));
  const at = `${path}.restartPolicyRules`;
  if (rules.length > MAX_RESTART_RULES) errors.push(tooMany(at, rules.length, MAX_RESTART_RULES));
  return [...errors, ...eachItem(at, rules, validateRestartRule)];
}

/** A value of a fixed set; none is as wrong as any other. */
const checkKnown = (field: string, value: string | undefined, known: readonly string[]): FieldError[] =>
  known.includes(value ?? '') ? [] : [notSupported(field, value ?? '', known)];

function validateRestartRule({ action, exitCodes }: core.ContainerRestartRule, path: string): FieldError[] {
  const errors = checkKnown(`${path}.action`, action, ['Restart', 'RestartAllContainers']);
  if (!exitCodes) return [...errors, requiredValue(`${path}.exitCodes`, 'must be specified')];
  const count = exitCodes.values?.length ?? 0;
  errors.push(...checkKnown(`${path}.exitCodes.operator`, exitCodes.operator, ['In', 'NotIn']));
  if (count > MAX_EXIT_CODES) errors.push(tooMany(`${path}.exitCodes.values`, count, MAX_EXIT_CODES));
  return errors;
}

const PROBED = ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const;

/** Regular init containers run to completion and so have no probes; sidecars keep running. */
function validateInit(path: string, containers: readonly core.Container[], context: ContainerContext): FieldError[] {
  const names = new Set((context.spec.containers ?? []).map(({ name }) => name));
  const grace = context.spec.terminationGracePeriodSeconds;
  return eachItem(path, containers, (container, at) => {
    const errors = validateAny(container, at, context);
    errors.push(...validateRestart(at, container));
    if (names.has(container.name)) errors.push(duplicateValue(`${at}.name`, container.name));
    else if (container.name) names.add(container.name);
    // One by one, since they run one by one; upstream counts from the list's first item.
    errors.push(...hostPortConflicts(path, [[container, '[0]']]));
    if (container.restartPolicy === 'Always') return [...errors, ...validateProbes(at, container, grace)];
    const why = 'may not be set for init containers without restartPolicy=Always';
    for (const name of PROBED) if (container[name]) errors.push(forbiddenValue(`${at}.${name}`, why));
    return [...errors, ...eachItem(`${at}.resizePolicy`, container.resizePolicy, checkInitResize)];
  });
}

/** What runs once cannot be started anew for its resources. */
function checkInitResize({ restartPolicy }: core.ContainerResizePolicy, path: string): FieldError[] {
  if (restartPolicy !== 'RestartContainer') return [];
  const why = "must not be set to 'RestartContainer' for non-sidecar initContainers";
  return [invalidValue(`${path}.restartPolicy`, restartPolicy, why)];
}

const NOT_EPHEMERAL = [
  'ports', 'resources', 'resizePolicy', 'restartPolicy', 'restartPolicyRules', 'livenessProbe', 'readinessProbe', 'startupProbe', 'lifecycle',
] as const; // biome-ignore format: a list of names

const isSet = (value: object | string | undefined): boolean =>
  typeof value === 'object' ? Object.keys(value).length > 0 : value !== undefined && value !== '';

function validateEphemeral(path: string, containers: readonly core.EphemeralContainer[], context: ContainerContext): FieldError[] {
  const others = new Set([...(context.spec.containers ?? []), ...(context.spec.initContainers ?? [])].map(({ name }) => name));
  const names = new Set(others);
  const why = 'cannot be set for an Ephemeral Container';
  return eachItem(path, containers, (container, at) => {
    const errors = validateAny(container, at, { ...context, isPod: true });
    if (names.has(container.name)) errors.push(duplicateValue(`${at}.name`, container.name));
    names.add(container.name);
    const target = container.targetContainerName;
    if (target && !others.has(target)) errors.push(notFoundValue(`${at}.targetContainerName`, target));
    for (const name of NOT_EPHEMERAL) if (isSet(container[name])) errors.push(forbiddenValue(`${at}.${name}`, why));
    for (const [index, mount] of (container.volumeMounts ?? []).entries()) {
      if (mount.subPath) errors.push(forbiddenValue(`${at}.volumeMounts[${index}].subPath`, why));
      if (mount.subPathExpr) errors.push(forbiddenValue(`${at}.volumeMounts[${index}].subPathExpr`, why));
    }
    return errors;
  });
}

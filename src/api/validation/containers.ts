// Validation of containers: image, ports, environment, mounts, probes, hooks, security. Pure.

import type { FieldError } from '../status-error.ts';
import type { Container, ContainerPort, EnvVar, LifecycleHandler, Probe, SecurityContext, VolumeMount } from '../types/core-v1.gen.ts';
import {
  checkAtLeast,
  checkOneOf,
  checkPort,
  checkRequired,
  checkString,
  duplicates,
  eachItem,
  forbiddenValue,
  invalidValue,
  notFoundValue,
  notSupported,
  requiredValue,
} from './field-error.ts';
import { dnsLabel } from './object-meta.ts';
import { validateRequirements } from './resources.ts';
import { configMapKey, environmentName, localPath, portName } from './strings.ts';

const PROTOCOLS = ['TCP', 'UDP', 'SCTP'];
const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never'];
const FIELD_PATHS =
  /^(metadata\.(name|namespace|uid|annotations\['[^']+'\]|labels\['[^']+'\])|spec\.(nodeName|serviceAccountName)|status\.(podIPs?|hostIPs?))$/;

/** What of the pod a container's rules depend on. */
export interface ContainerContext {
  readonly volumes: ReadonlySet<string>;
  readonly hostNetwork: boolean;
  /** Regular init containers run to completion, so they have no probes. */
  readonly role: 'container' | 'init' | 'sidecar' | 'ephemeral';
}

/** Validates one container. */
export function validateContainer(container: Container, path: string, context: ContainerContext): FieldError[] {
  return [
    ...checkRequired(`${path}.name`, container.name, dnsLabel),
    ...validateImage(`${path}.image`, container.image),
    ...checkOneOf(`${path}.imagePullPolicy`, container.imagePullPolicy, PULL_POLICIES),
    ...checkOneOf(`${path}.terminationMessagePolicy`, container.terminationMessagePolicy, ['FallbackToLogsOnError', 'File']),
    ...validatePorts(`${path}.ports`, container.ports, context),
    ...validateEnvironment(path, container),
    ...validateMounts(`${path}.volumeMounts`, container.volumeMounts, context),
    ...validateRequirements(`${path}.resources`, container.resources),
    ...validateProbes(path, container, context),
    ...validateSecurity(`${path}.securityContext`, container.securityContext),
  ];
}

function validateImage(field: string, image: string | undefined): FieldError[] {
  if (!image) return [requiredValue(field)];
  return image === image.trim() ? [] : [invalidValue(field, image, 'must not have leading or trailing whitespace')];
}

function validatePorts(path: string, ports: readonly ContainerPort[] | undefined, context: ContainerContext): FieldError[] {
  const one = (port: ContainerPort, at: string): FieldError[] => [
    ...(port.name ? checkString(`${at}.name`, port.name, portName) : []),
    ...(port.containerPort ? checkPort(`${at}.containerPort`, port.containerPort) : [requiredValue(`${at}.containerPort`)]),
    ...(port.hostPort ? checkPort(`${at}.hostPort`, port.hostPort) : []),
    ...(port.hostPort && context.hostNetwork && port.hostPort !== port.containerPort
      ? [invalidValue(`${at}.containerPort`, port.containerPort, 'must match `hostPort` when `hostNetwork` is true')]
      : []),
    ...(port.protocol ? checkOneOf(`${at}.protocol`, port.protocol, PROTOCOLS) : [requiredValue(`${at}.protocol`)]),
  ];
  return [
    ...eachItem(path, ports, one),
    ...duplicates(
      ports ?? [],
      (port) => port.name || undefined,
      (index) => `${path}[${index}].name`,
    ),
  ];
}

function validateEnvironment(path: string, container: Container): FieldError[] {
  return [
    ...eachItem(`${path}.env`, container.env, validateVariable),
    ...eachItem(`${path}.envFrom`, container.envFrom, (source, at) => {
      const names = [source.configMapRef, source.secretRef].filter((reference) => reference !== undefined);
      if (names.length === 0) return [invalidValue(at, '', 'must specify one of: `configMapRef` or `secretRef`')];
      if (names.length > 1) return [invalidValue(at, '', 'may not have more than one field specified at a time')];
      const field = source.configMapRef ? 'configMapRef' : 'secretRef';
      return names[0]?.name ? [] : [requiredValue(`${at}.${field}.name`)];
    }),
  ];
}

function validateVariable(variable: EnvVar, path: string): FieldError[] {
  const errors = checkRequired(`${path}.name`, variable.name, environmentName);
  const from = variable.valueFrom;
  if (!from) return errors;
  const at = `${path}.valueFrom`;
  const count = [from.fieldRef, from.resourceFieldRef, from.configMapKeyRef, from.secretKeyRef, from.fileKeyRef].filter(
    (source) => source !== undefined,
  ).length;
  if (variable.value) errors.push(invalidValue(at, '', 'may not be specified when `value` is not empty'));
  if (count === 0)
    errors.push(
      invalidValue(at, '', 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`'),
    );
  if (count > 1) errors.push(invalidValue(at, '', 'may not have more than one field specified at a time'));
  if (from.fieldRef) {
    const field = `${at}.fieldRef.fieldPath`;
    if (!from.fieldRef.fieldPath) errors.push(requiredValue(field));
    else if (!FIELD_PATHS.test(from.fieldRef.fieldPath))
      errors.push(invalidValue(field, from.fieldRef.fieldPath, 'error converting fieldPath: field label not supported'));
  }
  for (const kind of ['configMapKeyRef', 'secretKeyRef'] as const) {
    const reference = from[kind];
    if (!reference) continue;
    if (!reference.name) errors.push(requiredValue(`${at}.${kind}.name`));
    errors.push(...checkRequired(`${at}.${kind}.key`, reference.key, configMapKey));
  }
  if (from.resourceFieldRef && !from.resourceFieldRef.resource) errors.push(requiredValue(`${at}.resourceFieldRef.resource`));
  return errors;
}

function validateMounts(path: string, mounts: readonly VolumeMount[] | undefined, { volumes }: ContainerContext): FieldError[] {
  const one = (mount: VolumeMount, at: string): FieldError[] => [
    ...(!mount.name ? [requiredValue(`${at}.name`)] : volumes.has(mount.name) ? [] : [notFoundValue(`${at}.name`, mount.name)]),
    ...(mount.mountPath ? [] : [requiredValue(`${at}.mountPath`)]),
    ...(mount.subPath && mount.subPathExpr
      ? [invalidValue(`${at}.subPathExpr`, mount.subPathExpr, 'subPathExpr and subPath are mutually exclusive')]
      : []),
    ...(mount.subPath ? checkString(`${at}.subPath`, mount.subPath, localPath) : []),
    ...(mount.subPathExpr ? checkString(`${at}.subPathExpr`, mount.subPathExpr, localPath) : []),
    ...checkOneOf(`${at}.mountPropagation`, mount.mountPropagation, ['Bidirectional', 'HostToContainer', 'None']),
  ];
  return [
    ...eachItem(path, mounts, one),
    ...(mounts ?? []).flatMap((mount, index) =>
      (mounts ?? []).slice(0, index).some((other) => other.mountPath === mount.mountPath)
        ? [invalidValue(`${path}[${index}].mountPath`, mount.mountPath, 'must be unique')]
        : [],
    ),
  ];
}

const HANDLERS = ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep'] as const;

function validateHandler(path: string, handler: Partial<Record<(typeof HANDLERS)[number], unknown>> & LifecycleHandler): FieldError[] {
  const present = HANDLERS.filter((name) => handler[name] !== undefined);
  const errors: FieldError[] = [];
  if (present.length === 0) errors.push(requiredValue(path, 'must specify a handler type'));
  for (const extra of present.slice(1)) errors.push(forbiddenValue(`${path}.${extra}`, 'may not specify more than 1 handler type'));
  if (handler.exec && !handler.exec.command?.length) errors.push(requiredValue(`${path}.exec.command`));
  if (handler.httpGet) {
    if (!handler.httpGet.path) errors.push(requiredValue(`${path}.httpGet.path`));
    errors.push(
      ...validatePortReference(`${path}.httpGet.port`, handler.httpGet.port),
      ...checkOneOf(`${path}.httpGet.scheme`, handler.httpGet.scheme, ['HTTP', 'HTTPS']),
    );
  }
  if (handler.tcpSocket) errors.push(...validatePortReference(`${path}.tcpSocket.port`, handler.tcpSocket.port));
  return errors;
}

function validatePortReference(field: string, port: number | string | undefined): FieldError[] {
  return typeof port === 'string' ? checkString(field, port, portName) : checkPort(field, port ?? 0);
}

function validateProbe(path: string, probe: Probe | undefined): FieldError[] {
  if (!probe) return [];
  return [
    ...validateHandler(path, probe),
    ...checkAtLeast(`${path}.initialDelaySeconds`, probe.initialDelaySeconds, 0),
    ...checkAtLeast(`${path}.timeoutSeconds`, probe.timeoutSeconds, 0),
    ...checkAtLeast(`${path}.periodSeconds`, probe.periodSeconds, 0),
    ...checkAtLeast(`${path}.successThreshold`, probe.successThreshold, 0),
    ...checkAtLeast(`${path}.failureThreshold`, probe.failureThreshold, 0),
    ...checkAtLeast(`${path}.terminationGracePeriodSeconds`, probe.terminationGracePeriodSeconds, 1),
  ];
}

function validateProbes(path: string, container: Container, { role }: ContainerContext): FieldError[] {
  const probes = ['livenessProbe', 'readinessProbe', 'startupProbe'] as const;
  if (role === 'init' || role === 'ephemeral') {
    const why =
      role === 'init' ? 'may not be set for init containers without restartPolicy=Always' : 'cannot be set for an Ephemeral Container';
    return (['lifecycle', ...probes] as const)
      .filter((name) => container[name] !== undefined)
      .map((name) => forbiddenValue(`${path}.${name}`, why));
  }
  const errors = probes.flatMap((name) => validateProbe(`${path}.${name}`, container[name]));
  for (const name of ['livenessProbe', 'startupProbe'] as const) {
    const threshold = container[name]?.successThreshold;
    if (threshold !== undefined && threshold > 1) errors.push(invalidValue(`${path}.${name}.successThreshold`, threshold, 'must be 1'));
  }
  if (container.readinessProbe?.terminationGracePeriodSeconds !== undefined) {
    errors.push(
      invalidValue(
        `${path}.readinessProbe.terminationGracePeriodSeconds`,
        container.readinessProbe.terminationGracePeriodSeconds,
        'must not be set for readinessProbes',
      ),
    );
  }
  const { postStart, preStop } = container.lifecycle ?? {};
  if (postStart) errors.push(...validateHandler(`${path}.lifecycle.postStart`, postStart));
  if (preStop) errors.push(...validateHandler(`${path}.lifecycle.preStop`, preStop));
  return errors;
}

function validateSecurity(path: string, context: SecurityContext | undefined): FieldError[] {
  if (!context) return [];
  const errors: FieldError[] = [
    ...checkAtLeast(`${path}.runAsUser`, context.runAsUser, 0),
    ...checkAtLeast(`${path}.runAsGroup`, context.runAsGroup, 0),
  ];
  if (context.procMount !== undefined && !['Default', 'Unmasked'].includes(context.procMount)) {
    errors.push(notSupported(`${path}.procMount`, context.procMount, ['Default', 'Unmasked']));
  }
  if (context.allowPrivilegeEscalation === false) {
    if (context.privileged)
      errors.push(invalidValue(path, context, 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true'));
    if (context.capabilities?.add?.some((capability) => capability === 'SYS_ADMIN' || capability === 'CAP_SYS_ADMIN')) {
      errors.push(invalidValue(path, context, 'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN'));
    }
  }
  return errors;
}

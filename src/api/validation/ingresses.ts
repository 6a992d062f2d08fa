// Validation of Ingresses and IngressClasses. Pure. Rules: "Ingress".

import type { FieldError } from '../status-error.ts';
import type * as networking from '../types/networking-v1.gen.ts';
import {
  checkImmutable,
  checkPort,
  checkRequired,
  checkString,
  eachItem,
  forbiddenValue,
  invalidValue,
  notSupported,
  requiredValue,
  tooLong,
} from './field-error.ts';
import { dnsLabel, dnsSubdomain, pathSegment } from './object-meta.ts';
import { validateLoadBalancerStatus } from './services.ts';
import { checkDomainPath, ipAddress, portName, wildcardSubdomain } from './strings.ts';

const CLASS_ANNOTATION = 'kubernetes.io/ingress.class';
const PATH_TYPES = ['Exact', 'ImplementationSpecific', 'Prefix'];
const BAD_SEQUENCES = ['//', '/./', '/../', '%2f', '%2F'];
const BAD_SUFFIXES = ['/..', '/.'];
const MAX_CONTROLLER = 250;

/** A reference to an object of any kind by its names. */
function validateReference(path: string, reference: { apiGroup?: string; kind: string; name: string }): FieldError[] {
  const { apiGroup, kind, name } = reference;
  return [
    ...(apiGroup === undefined ? [] : checkString(`${path}.apiGroup`, apiGroup, dnsSubdomain)),
    ...checkRequired(`${path}.kind`, kind, pathSegment),
    ...checkRequired(`${path}.name`, name, pathSegment),
  ];
}

function validateBackend(path: string, backend: networking.IngressBackend | undefined): FieldError[] {
  const { resource, service } = backend ?? {};
  if (resource && service) return [invalidValue(path, '', 'cannot set both resource and service backends')];
  if (resource) return validateReference(`${path}.resource`, resource);
  if (!service) return [invalidValue(path, '', 'resource or service backend is required')];
  const { name = '', number = 0 } = service.port ?? {};
  const errors = checkRequired(`${path}.service.name`, service.name, dnsLabel);
  if (name && number) return [...errors, invalidValue(path, '', 'cannot set both port name & port number')];
  if (name) return [...errors, ...checkString(`${path}.service.port.name`, name, portName)];
  if (number) return [...errors, ...checkPort(`${path}.service.port.number`, number)];
  return [...errors, requiredValue(path, 'port name or number is required')];
}

function checkHost(field: string, host: string): FieldError[] {
  return checkString(field, host, host.includes('*') ? wildcardSubdomain : dnsSubdomain);
}

function validatePath({ path = '', pathType, backend }: networking.HTTPIngressPath, at: string): FieldError[] {
  if (pathType === undefined) return [requiredValue(`${at}.pathType`, 'pathType must be specified')];
  const field = `${at}.path`;
  const errors: FieldError[] = [];
  const exact = pathType === 'Exact' || pathType === 'Prefix';
  if (!PATH_TYPES.includes(pathType)) errors.push(notSupported(`${at}.pathType`, pathType, PATH_TYPES));
  else if (!path.startsWith('/') && (exact || path !== '')) errors.push(invalidValue(field, path, 'must be an absolute path'));
  if (exact) {
    for (const bad of BAD_SEQUENCES) if (path.includes(bad)) errors.push(invalidValue(field, path, `must not contain '${bad}'`));
    for (const bad of BAD_SUFFIXES) if (path.endsWith(bad)) errors.push(invalidValue(field, path, `cannot end with '${bad}'`));
  }
  return [...errors, ...validateBackend(`${at}.backend`, backend)];
}

function validateRule({ host, http }: networking.IngressRule, at: string): FieldError[] {
  const errors: FieldError[] = [];
  if (host) {
    if (ipAddress(host).length === 0) errors.push(invalidValue(`${at}.host`, host, 'must be a DNS name, not an IP address'));
    errors.push(...checkHost(`${at}.host`, host));
  }
  if (!http) return errors;
  if (!http.paths?.length) errors.push(requiredValue(`${at}.http.paths`));
  return [...errors, ...eachItem(`${at}.http.paths`, http.paths, validatePath)];
}

/** Validates an Ingress. */
export function validateAnyIngress({ spec = {} }: networking.Ingress): FieldError[] {
  const { rules = [], defaultBackend, tls, ingressClassName } = spec;
  const errors: FieldError[] = [];
  if (rules.length === 0 && !defaultBackend)
    errors.push(invalidValue('spec', spec.rules ?? null, 'either `defaultBackend` or `rules` must be specified'));
  if (defaultBackend) errors.push(...validateBackend('spec.defaultBackend', defaultBackend));
  return [
    ...errors,
    ...eachItem('spec.rules', rules, validateRule),
    ...eachItem('spec.tls', tls, ({ hosts, secretName }, at) => [
      ...eachItem(`${at}.hosts`, hosts, (host, field) => checkHost(field, host)),
      ...(secretName ? checkString(`${at}.secretName`, secretName, dnsSubdomain) : []),
    ]),
    ...(ingressClassName === undefined ? [] : checkString('spec.ingressClassName', ingressClassName, dnsSubdomain)),
  ];
}

/** Validates a new Ingress. */
export function validateIngress(ingress: networking.Ingress): FieldError[] {
  const errors = validateAnyIngress(ingress);
  const annotated = ingress.metadata.annotations?.[CLASS_ANNOTATION];
  const named = ingress.spec?.ingressClassName;
  if (annotated === undefined || named === undefined || annotated === named) return errors;
  return [...errors, invalidValue(`annotations.${CLASS_ANNOTATION}`, annotated, 'must match `ingressClassName` when both are specified')];
}

/** Validates a write of an Ingress's status. */
export function validateIngressStatus({ status }: networking.Ingress): FieldError[] {
  return validateLoadBalancerStatus('status.loadBalancer', status?.loadBalancer?.ingress, { modes: false });
}

/** Validates an IngressClass. */
export function validateIngressClass({ spec }: networking.IngressClass): FieldError[] {
  const controller = spec?.controller ?? '';
  const errors: FieldError[] = [];
  if (controller === '') errors.push(requiredValue('spec.controller'));
  else {
    if (controller.length > MAX_CONTROLLER) errors.push(tooLong('spec.controller', MAX_CONTROLLER));
    errors.push(...checkDomainPath('spec.controller', controller));
  }
  return spec?.parameters ? [...errors, ...validateParameters('spec.parameters', spec.parameters)] : errors;
}

function validateParameters(path: string, parameters: networking.IngressClassParametersReference): FieldError[] {
  const { scope = 'Cluster', namespace } = parameters;
  const errors = validateReference(path, parameters);
  if (scope !== 'Cluster' && scope !== 'Namespace') return [...errors, notSupported(`${path}.scope`, scope, ['Cluster', 'Namespace'])];
  const field = `${path}.namespace`;
  if (scope === 'Cluster')
    return namespace === undefined ? errors : [...errors, forbiddenValue(field, "`parameters.scope` is set to 'Cluster'")];
  if (namespace === undefined) return [...errors, requiredValue(field, "`parameters.scope` is set to 'Namespace'")];
  return [...errors, ...checkString(field, namespace, dnsLabel)];
}

/** Validates an update of an IngressClass: its controller does not change. */
export function validateIngressClassUpdate(object: networking.IngressClass, old: networking.IngressClass): FieldError[] {
  return [...checkImmutable('spec.controller', object.spec?.controller ?? '', old.spec?.controller ?? ''), ...validateIngressClass(object)];
}

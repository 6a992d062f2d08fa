// Validation of HorizontalPodAutoscalers, of both versions. Pure. Rules: "Horizontal Pod Autoscaling".

import { tryParseQuantity } from '../quantity.ts';
import type { FieldError } from '../status-error.ts';
import type { HorizontalPodAutoscaler as AutoscalerV1 } from '../types/autoscaling-v1.gen.ts';
import type * as autoscaling from '../types/autoscaling-v2.gen.ts';
import {
  checkAtLeast,
  checkRequired,
  checkString,
  eachItem,
  forbiddenValue,
  invalidValue,
  notSupported,
  requiredValue,
} from './field-error.ts';
import { dnsLabel, pathSegment } from './object-meta.ts';
import { checkQuantity, containerResourceName } from './resources.ts';

const MAX_WINDOW_SECONDS = 3600;
const MAX_PERIOD_SECONDS = 1800;
const SOURCES = ['object', 'external', 'pods', 'resource', 'containerResource'] as const;
type SourceName = (typeof SOURCES)[number];
const TYPES: Readonly<Record<string, SourceName>> = {
  ContainerResource: 'containerResource',
  External: 'external',
  Object: 'object',
  Pods: 'pods',
  Resource: 'resource',
};
/** In the order upstream lists them. */
const TYPE_NAMES = ['ContainerResource', 'External', 'Object', 'Pods', 'Resource'];
const TARGET_TYPES = ['Utilization', 'Value', 'AverageValue'];

/** What a reference must say of its group: a target that is scaled has one, but for the one such kind of the core group. */
type GroupRule = 'required' | 'optional';

function validateReference(path: string, reference: autoscaling.CrossVersionObjectReference | undefined, group: GroupRule): FieldError[] {
  const { apiVersion = '', kind, name } = reference ?? {};
  const parts = apiVersion === '/' ? [] : apiVersion.split('/');
  const errors = [...checkRequired(`${path}.kind`, kind, pathSegment), ...checkRequired(`${path}.name`, name, pathSegment)];
  if (parts.length > 2) errors.push(invalidValue(`${path}.apiVersion`, apiVersion, `unexpected GroupVersion string: ${apiVersion}`));
  else if (group === 'required' && kind !== 'ReplicationController' && (parts.length < 2 || parts[0] === ''))
    errors.push(invalidValue(`${path}.apiVersion`, apiVersion, 'apiVersion must specify API group'));
  return errors;
}

function checkPositive(field: string, text: string | undefined): FieldError[] {
  const amount = text === undefined ? undefined : tryParseQuantity(text);
  return amount && amount.sign() <= 0 ? [invalidValue(field, text, 'must be positive')] : [];
}

function validateTarget(path: string, target: autoscaling.MetricTarget | undefined): FieldError[] {
  const { type = '', value, averageValue, averageUtilization: share } = target ?? {};
  const errors = type === '' ? [requiredValue(`${path}.type`, 'must specify a metric target type')] : [];
  if (!TARGET_TYPES.includes(type)) errors.push(invalidValue(`${path}.type`, type, 'must be either Utilization, Value, or AverageValue'));
  errors.push(...checkPositive(`${path}.value`, value), ...checkPositive(`${path}.averageValue`, averageValue));
  if (share !== undefined && share < 1) errors.push(invalidValue(`${path}.averageUtilization`, share, 'must be greater than 0'));
  return errors;
}

function validateIdentifier(path: string, metric: autoscaling.MetricIdentifier | undefined): FieldError[] {
  const name = metric?.name ?? '';
  return name === '' ? [requiredValue(`${path}.name`, 'must specify a metric name')] : checkString(`${path}.name`, name, pathSegment);
}

/** A share of what pods ask for, or an amount for each pod. */
function validateResourceTarget(path: string, target: autoscaling.MetricTarget | undefined): FieldError[] {
  const errors = validateTarget(path, target);
  const { averageUtilization, averageValue } = target ?? {};
  if (averageUtilization === undefined && averageValue === undefined)
    errors.push(requiredValue(`${path}.averageUtilization`, 'must set either a target raw value or a target utilization'));
  if (averageUtilization !== undefined && averageValue !== undefined)
    errors.push(forbiddenValue(`${path}.averageValue`, 'may not set both a target raw value and a target utilization'));
  return errors;
}

function validateObject({ describedObject, metric, target }: autoscaling.ObjectMetricSource, path: string): FieldError[] {
  const errors = [
    ...validateReference(`${path}.describedObject`, describedObject, 'optional'),
    ...validateIdentifier(`${path}.metric`, metric),
    ...validateTarget(`${path}.target`, target),
  ];
  if (target?.value !== undefined || target?.averageValue !== undefined) return errors;
  return [...errors, requiredValue(`${path}.target.averageValue`, 'must set either a target value or averageValue')];
}

function validateExternal({ metric, target }: autoscaling.ExternalMetricSource, path: string): FieldError[] {
  const errors = [...validateIdentifier(`${path}.metric`, metric), ...validateTarget(`${path}.target`, target)];
  const [value, average] = [target?.value, target?.averageValue];
  if (value === undefined && average === undefined)
    errors.push(requiredValue(`${path}.target.averageValue`, 'must set either a target value for metric or a per-pod target'));
  if (value !== undefined && average !== undefined)
    errors.push(forbiddenValue(`${path}.target.value`, 'may not set both a target value for metric and a per-pod target'));
  return errors;
}

function validatePods({ metric, target }: autoscaling.PodsMetricSource, path: string): FieldError[] {
  const errors = [...validateIdentifier(`${path}.metric`, metric), ...validateTarget(`${path}.target`, target)];
  if (target?.averageValue !== undefined) return errors;
  return [...errors, requiredValue(`${path}.target.averageValue`, 'must specify a positive target averageValue')];
}

function validateResource({ name, target }: autoscaling.ResourceMetricSource, path: string): FieldError[] {
  const errors = name ? [] : [requiredValue(`${path}.name`, 'must specify a resource name')];
  return [...errors, ...validateResourceTarget(`${path}.target`, target)];
}

function validateContainerResource({ name, container, target }: autoscaling.ContainerResourceMetricSource, path: string): FieldError[] {
  return [
    ...(name ? checkString(`${path}.name`, name, containerResourceName) : [requiredValue(`${path}.name`, 'must specify a resource name')]),
    ...(container
      ? checkString(`${path}.container`, container, dnsLabel)
      : [requiredValue(`${path}.container`, 'must specify a container')]),
    ...validateResourceTarget(`${path}.target`, target),
  ];
}

function validateSource(metric: autoscaling.MetricSpec, source: SourceName, path: string): FieldError[] {
  const { object, external, pods, resource, containerResource } = metric;
  const at = `${path}.${source}`;
  if (source === 'object' && object) return validateObject(object, at);
  if (source === 'external' && external) return validateExternal(external, at);
  if (source === 'pods' && pods) return validatePods(pods, at);
  if (source === 'resource' && resource) return validateResource(resource, at);
  return containerResource ? validateContainerResource(containerResource, at) : [];
}

function validateMetric(metric: autoscaling.MetricSpec, path: string): FieldError[] {
  const { type = '' } = metric;
  const errors = type === '' ? [requiredValue(`${path}.type`, 'must specify a metric source type')] : [];
  const expected = Object.hasOwn(TYPES, type) ? TYPES[type] : undefined;
  if (!expected) errors.push(notSupported(`${path}.type`, type, TYPE_NAMES));
  const present = SOURCES.filter((source) => metric[source] !== undefined);
  const [first] = present;
  if (first) errors.push(...validateSource(metric, first, path));
  // Upstream says it twice.
  if (!expected) errors.push(notSupported(`${path}.type`, type, TYPE_NAMES));
  else if (metric[expected] === undefined)
    errors.push(requiredValue(`${path}.${expected}`, 'must populate information for the given metric source'));
  if (present.length === 1) return errors;
  const extra = present.filter((source) => source !== expected);
  return [...errors, ...extra.map((source) => forbiddenValue(`${path}.${source}`, 'must populate the given metric source only'))];
}

function validateRules(rules: autoscaling.HPAScalingRules | undefined, path: string): FieldError[] {
  if (!rules) return [];
  const { stabilizationWindowSeconds: window, selectPolicy, policies = [], tolerance } = rules;
  const errors: FieldError[] = [];
  const field = `${path}.stabilizationWindowSeconds`;
  if (window !== undefined && window < 0) errors.push(invalidValue(field, window, 'must be greater than or equal to zero'));
  if (window !== undefined && window > MAX_WINDOW_SECONDS)
    errors.push(invalidValue(field, window, `must be less than or equal to ${MAX_WINDOW_SECONDS}`));
  const choices = ['Disabled', 'Max', 'Min'];
  if (selectPolicy !== undefined && !choices.includes(selectPolicy))
    errors.push(notSupported(`${path}.selectPolicy`, selectPolicy, choices));
  if (policies.length === 0) errors.push(requiredValue(`${path}.policies`, 'must specify at least one Policy'));
  return [
    ...errors,
    ...eachItem(`${path}.policies`, policies, validateScalingPolicy),
    ...(tolerance === undefined ? [] : checkQuantity(`${path}.tolerance`, tolerance)),
  ];
}

function validateScalingPolicy({ type, value = 0, periodSeconds = 0 }: autoscaling.HPAScalingPolicy, path: string): FieldError[] {
  const errors = type === 'Pods' || type === 'Percent' ? [] : [notSupported(`${path}.type`, type ?? '', ['Percent', 'Pods'])];
  if (value <= 0) errors.push(invalidValue(`${path}.value`, value, 'must be greater than zero'));
  if (periodSeconds <= 0) errors.push(invalidValue(`${path}.periodSeconds`, periodSeconds, 'must be greater than zero'));
  if (periodSeconds > MAX_PERIOD_SECONDS)
    errors.push(invalidValue(`${path}.periodSeconds`, periodSeconds, `must be less than or equal to ${MAX_PERIOD_SECONDS}`));
  return errors;
}

type Autoscaler = autoscaling.HorizontalPodAutoscaler | AutoscalerV1;

/** Validates a new HorizontalPodAutoscaler. */
export function validateAutoscaler(object: Autoscaler): FieldError[] {
  return validateSpec(object, 1);
}

/** Validates an update; one that scaled down to nothing before may go on to do so. */
export function validateAutoscalerUpdate(object: Autoscaler, old: Autoscaler): FieldError[] {
  return validateSpec(object, old.spec.minReplicas === 0 ? 0 : 1);
}

function validateSpec({ spec }: Autoscaler, least: number): FieldError[] {
  const { minReplicas, maxReplicas = 0 } = spec;
  const errors = checkAtLeast('spec.minReplicas', minReplicas, least);
  if (maxReplicas === 0) errors.push(requiredValue('spec.maxReplicas', 'must be set and greater than 0'));
  errors.push(...checkAtLeast('spec.maxReplicas', maxReplicas || 1, 1));
  if (minReplicas !== undefined && maxReplicas < minReplicas)
    errors.push(invalidValue('spec.maxReplicas', maxReplicas, 'must be greater than or equal to `minReplicas`'));
  errors.push(...validateReference('spec.scaleTargetRef', spec.scaleTargetRef, 'required'));
  const share = 'targetCPUUtilizationPercentage' in spec ? spec.targetCPUUtilizationPercentage : undefined;
  if (share !== undefined && share < 1)
    errors.push(invalidValue('spec.metrics[0].resource.target.averageUtilization', share, 'must be greater than 0'));
  if (!('metrics' in spec) && !('behavior' in spec)) return errors;
  const { metrics = [], behavior } = spec;
  errors.push(...eachItem('spec.metrics', metrics, validateMetric));
  if (minReplicas === 0 && !metrics.some(({ type }) => type === 'Object' || type === 'External'))
    errors.push(forbiddenValue('spec.metrics', 'must specify at least one Object or External metric to support scaling to zero replicas'));
  return [
    ...errors,
    ...validateRules(behavior?.scaleUp, 'spec.behavior.scaleUp'),
    ...validateRules(behavior?.scaleDown, 'spec.behavior.scaleDown'),
  ];
}

/** Validates a write of an autoscaler's status. */
export function validateAutoscalerStatus({ status }: Autoscaler): FieldError[] {
  return [
    ...checkAtLeast('status.currentReplicas', status?.currentReplicas, 0),
    ...checkAtLeast('status.desiredReplicas', status?.desiredReplicas, 0),
  ];
}

/** A scale's replica count. */
export function validateScale({ spec }: { spec?: { replicas?: number } }): FieldError[] {
  return checkAtLeast('spec.replicas', spec?.replicas, 0);
}

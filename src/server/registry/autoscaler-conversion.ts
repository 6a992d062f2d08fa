// HorizontalPodAutoscaler in its two forms. Stored as autoscaling/v2; autoscaling/v1 knows a CPU target only, the rest travels in
// the annotations that upstream uses for it.

import { builtinType } from '../../api/builtin-type.ts';
import { isObject } from '../../api/copy.ts';
import type { KubeObject } from '../../api/object.ts';
import type * as v1 from '../../api/types/autoscaling-v1.gen.ts';
import type * as v2 from '../../api/types/autoscaling-v2.gen.ts';
import { flatMetric, flatStatus, metricOf, statusOf } from './autoscaler-metrics.ts';
import type { Conversion } from './served-resource.ts';

const METRICS = 'autoscaling.alpha.kubernetes.io/metrics';
const CURRENT = 'autoscaling.alpha.kubernetes.io/current-metrics';
const CONDITIONS = 'autoscaling.alpha.kubernetes.io/conditions';
const BEHAVIOR = 'autoscaling.alpha.kubernetes.io/behavior';

const isCpu = (metric: v2.MetricSpec): boolean =>
  metric.type === 'Resource' && metric.resource?.name === 'cpu' && metric.resource.target.averageUtilization !== undefined;

function withAnnotations(meta: KubeObject['metadata'], extra: Record<string, unknown>): KubeObject['metadata'] {
  const texts = Object.entries(extra).flatMap(([key, value]) => (value === undefined ? [] : [[key, JSON.stringify(value)]]));
  const { annotations, ...rest } = meta;
  // What somebody wrote there through v2 says nothing.
  const own = Object.entries(annotations ?? {}).filter(([key]) => !Object.hasOwn(extra, key));
  const all = [...own, ...texts];
  return all.length > 0 ? { ...rest, annotations: Object.fromEntries(all) } : rest;
}

function toV1(stored: v2.HorizontalPodAutoscaler): v1.HorizontalPodAutoscaler {
  const { metrics = [], behavior, ...spec } = stored.spec ?? {};
  const { currentMetrics = [], conditions, ...status } = stored.status ?? { desiredReplicas: 0 };
  const cpu = metrics.find(isCpu)?.resource?.target.averageUtilization;
  const others = metrics.filter((metric) => metric !== metrics.find(isCpu));
  const currentCpu = currentMetrics.find((m) => m.type === 'Resource' && m.resource?.name === 'cpu')?.resource?.current.averageUtilization;
  return {
    kind: 'HorizontalPodAutoscaler',
    apiVersion: 'autoscaling/v1',
    metadata: withAnnotations(stored.metadata, {
      [METRICS]: others.length > 0 ? others.map(flatMetric) : undefined,
      [CURRENT]: currentMetrics.length > 0 ? currentMetrics.map(flatStatus) : undefined,
      [CONDITIONS]: conditions && conditions.length > 0 ? conditions : undefined,
      [BEHAVIOR]: behavior && renamed(behavior, capitalized),
    }),
    spec: { ...spec, ...(cpu !== undefined && { targetCPUUtilizationPercentage: cpu }) },
    status: {
      ...status,
      currentReplicas: status.currentReplicas ?? 0,
      ...(currentCpu !== undefined && { currentCPUUtilizationPercentage: currentCpu }),
    },
  };
}

const capitalized = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);
const uncapitalized = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);

/** A value with other names for all its fields, without nulls: upstream writes the behavior with capital letters and reads it with either. */
function renamed(value: unknown, name: (name: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => renamed(item, name));
  if (!isObject(value)) return value ?? undefined;
  return Object.fromEntries(Object.entries(value).flatMap(([key, item]) => (item === null ? [] : [[name(key), renamed(item, name)]])));
}

function parsed(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    // A client wrote something else there: upstream drops it too.
    return undefined;
  }
}

/** The objects of a list in an annotation. */
function listed(text: string | undefined): Record<string, unknown>[] {
  const list = parsed(text);
  return Array.isArray(list) ? list.filter(isObject) : [];
}

function toV2(object: v1.HorizontalPodAutoscaler): v2.HorizontalPodAutoscaler {
  const { targetCPUUtilizationPercentage: cpu, ...spec } = object.spec ?? {};
  const {
    [METRICS]: metrics,
    [CURRENT]: current,
    [CONDITIONS]: conditions,
    [BEHAVIOR]: behavior,
    ...annotations
  } = object.metadata.annotations ?? {};
  const { annotations: _, ...metadata } = object.metadata;
  const target = { type: 'Utilization', ...(cpu !== undefined && { averageUtilization: cpu }) };
  const list = [
    // The CPU target stands last, wherever it stood before.
    ...listed(metrics).map(metricOf),
    ...(cpu === undefined ? [] : [{ type: 'Resource', resource: { name: 'cpu', target } }]),
  ];
  return {
    kind: 'HorizontalPodAutoscaler',
    apiVersion: 'autoscaling/v2',
    metadata: { ...metadata, ...(Object.keys(annotations).length > 0 && { annotations }) },
    spec: { ...spec, ...(list.length > 0 && { metrics: list }), ...pick('behavior', renamed(parsed(behavior), uncapitalized)) },
    ...(object.status && {
      status: {
        ...statusV2(object.status),
        ...pick('currentMetrics', current === undefined ? undefined : listed(current).map(statusOf)),
        ...pick('conditions', parsed(conditions)),
      },
    }),
  };
}

function statusV2(status: v1.HorizontalPodAutoscalerStatus): v2.HorizontalPodAutoscalerStatus {
  const { currentCPUUtilizationPercentage: _, ...rest } = status;
  return rest;
}

const pick = (name: string, value: unknown): object => (value === undefined ? {} : { [name]: value });

/** autoscaling/v1 over stored autoscaling/v2. */
export const autoscalerConversion = (): Conversion => ({
  storedType: builtinType({ group: 'autoscaling', version: 'v2', kind: 'HorizontalPodAutoscaler' }),
  fromStored: (object) => toV1(object as unknown as v2.HorizontalPodAutoscaler),
  toStored: (object) => toV2(object as unknown as v1.HorizontalPodAutoscaler),
});

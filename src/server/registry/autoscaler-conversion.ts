// HorizontalPodAutoscaler in its two forms. Stored as autoscaling/v2; autoscaling/v1 knows a CPU target only, the rest travels in
// the annotations that upstream uses for it.

import { builtinType } from '../../api/builtin-type.ts';
import type { KubeObject } from '../../api/object.ts';
import type * as v1 from '../../api/types/autoscaling-v1.gen.ts';
import type * as v2 from '../../api/types/autoscaling-v2.gen.ts';
import type { Conversion } from './served-resource.ts';

const METRICS = 'autoscaling.alpha.kubernetes.io/metrics';
const CURRENT = 'autoscaling.alpha.kubernetes.io/current-metrics';
const CONDITIONS = 'autoscaling.alpha.kubernetes.io/conditions';
const BEHAVIOR = 'autoscaling.alpha.kubernetes.io/behavior';

const isCpu = (metric: v2.MetricSpec): boolean =>
  metric.type === 'Resource' && metric.resource?.name === 'cpu' && metric.resource.target.type === 'Utilization';

function withAnnotations(meta: KubeObject['metadata'], extra: Record<string, unknown>): KubeObject['metadata'] {
  const texts = Object.entries(extra).flatMap(([key, value]) => (value === undefined ? [] : [[key, JSON.stringify(value)]]));
  if (texts.length === 0) return meta;
  return { ...meta, annotations: { ...meta.annotations, ...Object.fromEntries(texts) } };
}

function toV1(stored: v2.HorizontalPodAutoscaler): v1.HorizontalPodAutoscaler {
  const { metrics = [], behavior, ...spec } = stored.spec;
  const { currentMetrics = [], conditions, ...status } = stored.status ?? { desiredReplicas: 0 };
  const cpu = metrics.find(isCpu)?.resource?.target.averageUtilization;
  const others = metrics.filter((metric) => metric !== metrics.find(isCpu));
  const currentCpu = currentMetrics.find((m) => m.type === 'Resource' && m.resource?.name === 'cpu')?.resource?.current.averageUtilization;
  return {
    kind: 'HorizontalPodAutoscaler',
    apiVersion: 'autoscaling/v1',
    metadata: withAnnotations(stored.metadata, {
      [METRICS]: others.length > 0 ? others : undefined,
      [CURRENT]: currentMetrics.length > 0 ? currentMetrics : undefined,
      [CONDITIONS]: conditions,
      [BEHAVIOR]: behavior,
    }),
    spec: { ...spec, ...(cpu !== undefined && { targetCPUUtilizationPercentage: cpu }) },
    status: {
      ...status,
      currentReplicas: status.currentReplicas ?? 0,
      ...(currentCpu !== undefined && { currentCPUUtilizationPercentage: currentCpu }),
    },
  };
}

function parsed(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    // A client wrote something else there: upstream drops it too.
    return undefined;
  }
}

function toV2(object: v1.HorizontalPodAutoscaler): v2.HorizontalPodAutoscaler {
  const { targetCPUUtilizationPercentage: cpu, ...spec } = object.spec;
  const {
    [METRICS]: metrics,
    [CURRENT]: current,
    [CONDITIONS]: conditions,
    [BEHAVIOR]: behavior,
    ...annotations
  } = object.metadata.annotations ?? {};
  const { annotations: _, ...metadata } = object.metadata;
  const others = parsed(metrics);
  const target = { type: 'Utilization', ...(cpu !== undefined && { averageUtilization: cpu }) };
  const list = [
    ...(cpu === undefined ? [] : [{ type: 'Resource', resource: { name: 'cpu', target } }]),
    ...(Array.isArray(others) ? others : []),
  ];
  return {
    kind: 'HorizontalPodAutoscaler',
    apiVersion: 'autoscaling/v2',
    metadata: { ...metadata, ...(Object.keys(annotations).length > 0 && { annotations }) },
    spec: { ...spec, ...(list.length > 0 && { metrics: list }), ...pick('behavior', parsed(behavior)) },
    ...(object.status && {
      status: { ...statusV2(object.status), ...pick('currentMetrics', parsed(current)), ...pick('conditions', parsed(conditions)) },
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

// Metrics of a HorizontalPodAutoscaler as the annotations of autoscaling/v1 tell them: flat, in the JSON form of the metric types of the
// package autoscaling/v1, which no field of an object has any more. https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/horizontal-pod-autoscaler-v1/

import { isObject } from '../../api/copy.ts';
import type * as v2 from '../../api/types/autoscaling-v2.gen.ts';

type Flat = Record<string, unknown>;
type Sources = Omit<v2.MetricSpec, 'type'>;
type Statuses = Omit<v2.MetricStatus, 'type'>;

/** Quantities that the flat form always has. */
const NOTHING = '0';

/** What is defined of an object. */
function said(object: Flat): Flat {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

const text = (value: unknown): string | undefined => (typeof value === 'string' || typeof value === 'number' ? String(value) : undefined);

function identifier(flat: Flat, selector: string): v2.MetricIdentifier {
  return said({ name: flat['metricName'], selector: flat[selector] }) as unknown as v2.MetricIdentifier;
}

/** A metric's target, or undefined parts of it, by what the flat form says of it. */
function target(value: unknown, averageValue: unknown, averageUtilization?: unknown): v2.MetricTarget {
  const average = averageValue === undefined ? 'Value' : 'AverageValue';
  const type = averageUtilization === undefined ? average : 'Utilization';
  return said({ type, value: text(value), averageValue: text(averageValue), averageUtilization }) as unknown as v2.MetricTarget;
}

/** A metric of the specification as an annotation tells it. */
export function flatMetric({ type, object, pods, resource, containerResource, external }: v2.MetricSpec): Flat {
  const share = ({ name, target: { averageUtilization, averageValue } }: v2.ResourceMetricSource): Flat =>
    said({ name, targetAverageUtilization: averageUtilization, targetAverageValue: averageValue });
  return said({
    type,
    object:
      object &&
      said({
        target: object.describedObject,
        metricName: object.metric.name,
        targetValue: object.target.value ?? NOTHING,
        selector: object.metric.selector,
        averageValue: object.target.averageValue,
      }),
    pods:
      pods &&
      said({ metricName: pods.metric.name, targetAverageValue: pods.target.averageValue ?? NOTHING, selector: pods.metric.selector }),
    resource: resource && share(resource),
    containerResource: containerResource && { ...share(containerResource), container: containerResource.container },
    external:
      external &&
      said({
        metricName: external.metric.name,
        metricSelector: external.metric.selector,
        targetValue: external.target.value,
        targetAverageValue: external.target.averageValue,
      }),
  });
}

/** What an annotation tells of a metric of the specification. */
export function metricOf(flat: Flat): v2.MetricSpec {
  return { type: String(flat['type'] ?? ''), ...(eachSource(flat, SOURCES) as Sources) };
}

const share = (flat: Flat): v2.ResourceMetricSource => ({
  name: String(flat['name'] ?? ''),
  target: {
    ...target(undefined, flat['targetAverageValue'], flat['targetAverageUtilization']),
    // Of a resource there is no plain value.
    type: flat['targetAverageUtilization'] === undefined ? 'AverageValue' : 'Utilization',
  },
});

const SOURCES: Readonly<Record<string, (flat: Flat) => unknown>> = {
  object: (flat) => {
    const { averageValue } = flat;
    // The flat form has a value even where there is none.
    const value = averageValue !== undefined && text(flat['targetValue']) === NOTHING ? undefined : flat['targetValue'];
    return { describedObject: flat['target'], target: target(value, averageValue), metric: identifier(flat, 'selector') };
  },
  pods: (flat) => ({ metric: identifier(flat, 'selector'), target: target(undefined, flat['targetAverageValue'] ?? NOTHING) }),
  resource: share,
  containerResource: (flat) => ({ ...share(flat), container: flat['container'] }),
  external: (flat) => ({
    metric: identifier(flat, 'metricSelector'),
    target: {
      ...target(flat['targetValue'], flat['targetAverageValue']),
      type: flat['targetValue'] === undefined ? 'AverageValue' : 'Value',
    },
  }),
};

/** A metric of the status as an annotation tells it. */
export function flatStatus({ type, object, pods, resource, containerResource, external }: v2.MetricStatus): Flat {
  const use = ({ name, current }: v2.ResourceMetricStatus): Flat =>
    said({ name, currentAverageUtilization: current.averageUtilization, currentAverageValue: current.averageValue ?? NOTHING });
  return said({
    type,
    object:
      object &&
      said({
        target: object.describedObject,
        metricName: object.metric.name,
        currentValue: object.current.value ?? NOTHING,
        selector: object.metric.selector,
        averageValue: object.current.averageValue,
      }),
    pods:
      pods &&
      said({ metricName: pods.metric.name, currentAverageValue: pods.current.averageValue ?? NOTHING, selector: pods.metric.selector }),
    resource: resource && use(resource),
    containerResource: containerResource && { ...use(containerResource), container: containerResource.container },
    external:
      external &&
      said({
        metricName: external.metric.name,
        metricSelector: external.metric.selector,
        currentValue: external.current.value ?? NOTHING,
        currentAverageValue: external.current.averageValue,
      }),
  });
}

/** What an annotation tells of a metric of the status. */
export function statusOf(flat: Flat): v2.MetricStatus {
  return { type: String(flat['type'] ?? ''), ...(eachSource(flat, STATUSES) as Statuses) };
}

function current(value: unknown, averageValue: unknown, averageUtilization?: unknown): Flat {
  return said({ value: text(value), averageValue: text(averageValue), averageUtilization });
}

const use = (flat: Flat): Flat => ({
  name: flat['name'],
  current: current(undefined, flat['currentAverageValue'], flat['currentAverageUtilization']),
});

const STATUSES: Readonly<Record<string, (flat: Flat) => unknown>> = {
  object: (flat) => ({
    describedObject: flat['target'],
    current: current(flat['currentValue'], flat['averageValue']),
    metric: identifier(flat, 'selector'),
  }),
  pods: (flat) => ({ metric: identifier(flat, 'selector'), current: current(undefined, flat['currentAverageValue']) }),
  resource: use,
  containerResource: (flat) => ({ ...use(flat), container: flat['container'] }),
  external: (flat) => ({
    metric: identifier(flat, 'metricSelector'),
    current: current(flat['currentValue'], flat['currentAverageValue']),
  }),
};

function eachSource(flat: Flat, readers: Readonly<Record<string, (flat: Flat) => unknown>>): Flat {
  return Object.fromEntries(
    Object.entries(readers).flatMap(([name, read]) => {
      const source = flat[name];
      return isObject(source) ? [[name, read(source)]] : [];
    }),
  );
}

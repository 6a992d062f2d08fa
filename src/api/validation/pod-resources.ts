// Validation of what a pod requires as a whole. Pure. Rules: "Assign Pod-level CPU and memory resources" (KEP-2837).

import { Quantity, tryParseQuantity } from '../quantity.ts';
import type { FieldError } from '../status-error.ts';
import type { Container, PodSpec, ResourceRequirements } from '../types/core-v1.gen.ts';
import { forbiddenValue, invalidValue } from './field-error.ts';
import { isHugePages, validateRequirements } from './resources.ts';

const ZERO = Quantity.of(0);

type AmountList = 'requests' | 'limits';

const amountOf = (container: Container, list: AmountList, name: string): Quantity => {
  const text = container.resources?.[list]?.[name];
  return (text === undefined ? undefined : tryParseQuantity(text)) ?? ZERO;
};

const larger = (a: Quantity, b: Quantity): Quantity => (a.compare(b) >= 0 ? a : b);

/** What the containers ask for together at the pod's peak: the sidecars with the containers, or with one init container. */
function peakOf(spec: PodSpec, list: AmountList, name: string): Quantity {
  let sidecars = ZERO;
  let peak = ZERO;
  for (const container of spec.initContainers ?? []) {
    const needed = sidecars.add(amountOf(container, list, name));
    if (container.restartPolicy === 'Always') sidecars = needed;
    peak = larger(peak, needed);
  }
  return larger(
    peak,
    (spec.containers ?? []).reduce((sum, container) => sum.add(amountOf(container, list, name)), sidecars),
  );
}

/** What the pod says for itself must do for its containers together; what it leaves unsaid is theirs to say. */
function checkAggregate(
  path: string,
  { list, name, resources, total }: { list: AmountList; name: string; resources: ResourceRequirements; total: Quantity },
): FieldError[] {
  const text = resources[list]?.[name];
  const own = text === undefined ? undefined : tryParseQuantity(text);
  if (!own || total.compare(own) <= 0) return [];
  const why = `must be greater than or equal to aggregate container ${list} of ${total}`;
  return [invalidValue(`${path}.${list}[${name}]`, own.toString(), why)];
}

/** Validates the resources of a pod: names, amounts, and that its containers fit into them. */
export function validatePodResources(path: string, resources: ResourceRequirements, spec: PodSpec): FieldError[] {
  if (spec.os?.name === 'windows') return [forbiddenValue(path, 'may not be set for a windows pod')];
  const errors = resources.claims ? [forbiddenValue(`${path}.claims`, 'claims may not be set for Resources at pod-level')] : [];
  errors.push(...validateRequirements(path, resources, { claims: [], podLevel: true }));
  const names = new Set(
    [...(spec.initContainers ?? []), ...(spec.containers ?? [])].flatMap((c) => Object.keys(c.resources?.requests ?? {})),
  );
  for (const name of names) {
    errors.push(...checkAggregate(path, { list: 'requests', name, resources, total: peakOf(spec, 'requests', name) }));
    if (isHugePages(name)) errors.push(...checkAggregate(path, { list: 'limits', name, resources, total: peakOf(spec, 'limits', name) }));
  }
  for (const [index, container] of (spec.containers ?? []).entries()) {
    for (const [name, text] of Object.entries(container.resources?.limits ?? {})) {
      const limit = tryParseQuantity(text);
      const own = resources.limits?.[name] === undefined ? undefined : tryParseQuantity(resources.limits[name]);
      if (!limit || !own || limit.compare(own) <= 0) continue;
      const field = `${path}.containers[${index}][${name}].limits`;
      errors.push(invalidValue(field, limit.toString(), `must be less than or equal to pod limits of ${own}`));
    }
  }
  return errors;
}

// Validation of what a pod requires as a whole. Pure. Rules: "Assign Pod-level CPU and memory resources" (KEP-2837).

import { Quantity, tryParseQuantity } from '../quantity.ts';
import type { FieldError } from '../status-error.ts';
import type { Container, PodSpec, ResourceRequirements } from '../types/core-v1.gen.ts';
import { forbiddenValue, invalidValue } from './field-error.ts';
import { validateRequirements } from './resources.ts';

const ZERO = Quantity.of(0);

const requestOf = (container: Container, name: string): Quantity => {
  const text = container.resources?.requests?.[name];
  return (text === undefined ? undefined : tryParseQuantity(text)) ?? ZERO;
};

const larger = (a: Quantity, b: Quantity): Quantity => (a.compare(b) >= 0 ? a : b);

/** What the containers ask for together at the pod's peak: the sidecars with the containers, or with one init container. */
function peakRequest(spec: PodSpec, name: string): Quantity {
  let sidecars = ZERO;
  let peak = ZERO;
  for (const container of spec.initContainers ?? []) {
    const needed = sidecars.add(requestOf(container, name));
    if (container.restartPolicy === 'Always') sidecars = needed;
    peak = larger(peak, needed);
  }
  return larger(
    peak,
    (spec.containers ?? []).reduce((sum, container) => sum.add(requestOf(container, name)), sidecars),
  );
}

/** Validates the resources of a pod: names, amounts, and that its containers fit into them. */
export function validatePodResources(path: string, resources: ResourceRequirements, spec: PodSpec): FieldError[] {
  const errors = resources.claims ? [forbiddenValue(`${path}.claims`, 'claims cannot be set for Resources at pod-level')] : [];
  errors.push(...validateRequirements(path, resources, { claims: [], podLevel: true }));
  const names = new Set(
    [...(spec.initContainers ?? []), ...(spec.containers ?? [])].flatMap((c) => Object.keys(c.resources?.requests ?? {})),
  );
  for (const name of names) {
    const total = peakRequest(spec, name);
    const own = tryParseQuantity(resources.requests?.[name] ?? '0');
    if (!own || total.compare(own) <= 0) continue;
    const why = `must be greater than or equal to aggregate container requests of ${total}`;
    errors.push(invalidValue(`${path}.requests[${name}]`, own.toString(), why));
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

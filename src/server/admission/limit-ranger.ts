// LimitRanger: containers get the default requests and limits of their namespace's LimitRanges, and what a pod or claim asks for
// must lie within their bounds. Rules: "Limit Ranges".

import { type Quantity, tryParseQuantity } from '../../api/quantity.ts';
import { forbidden } from '../../api/status-error.ts';
import type { Container, LimitRangeItem, PersistentVolumeClaim, Pod, ResourceRequirements } from '../../api/types/core-v1.gen.ts';
import { LIMIT_RANGES } from '../../client/resources.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';
import { type AdmissionReader, isAbout } from './admission-reader.ts';
import { boundFaults, type ResourceAmounts } from './limit-range-bounds.ts';

const ANNOTATION = 'kubernetes.io/limit-ranger';

/** The plugin; `reader` answers for limit ranges. */
export function limitRanger(reader: AdmissionReader): AdmissionPlugin {
  const itemsOf = (namespace: string): LimitRangeItem[] => reader.list(LIMIT_RANGES, namespace).flatMap((range) => range.spec.limits);
  return {
    name: 'LimitRanger',
    admit(request) {
      if (request.operation === 'CREATE' && isAbout(request, '', 'pods') && request.object) {
        fillDefaults(request.object as Pod, itemsOf(request.namespace)); // The resource says so.
      }
    },
    validate(request) {
      if (request.operation !== 'CREATE' && request.operation !== 'UPDATE') return;
      const faults = faultsOf(request, itemsOf);
      if (faults.length === 1) throw forbidden(request.resource, request.name, faults[0] ?? '');
      if (faults.length > 1) throw forbidden(request.resource, request.name, `[${faults.join(', ')}]`);
    },
  };
}

function fillDefaults(pod: Pod, items: readonly LimitRangeItem[]): void {
  const defaults = items.filter((item) => item.type === 'Container');
  const notes: string[] = [];
  for (const container of pod.spec.containers) notes.push(...fillContainer(container, 'container', defaults));
  for (const container of pod.spec.initContainers ?? []) notes.push(...fillContainer(container, 'init container', defaults));
  if (notes.length > 0) {
    pod.metadata.annotations = { ...pod.metadata.annotations, [ANNOTATION]: `LimitRanger plugin set: ${notes.join('; ')}` };
  }
}

function fillContainer(container: Container, word: string, items: readonly LimitRangeItem[]): string[] {
  const notes: string[] = [];
  for (const [kind, label] of [
    ['requests', 'request'],
    ['limits', 'limit'],
  ] as const) {
    const wanted = Object.assign({}, ...items.map((item) => (kind === 'requests' ? item.defaultRequest : item.default))) as Record<
      string,
      string
    >;
    const present = container.resources?.[kind] ?? {};
    const added = Object.keys(wanted).filter((name) => present[name] === undefined);
    if (added.length === 0) continue;
    const filled = { ...present, ...Object.fromEntries(added.map((name) => [name, wanted[name] ?? ''])) };
    container.resources = { ...container.resources, [kind]: filled };
    notes.push(`${added.sort().join(', ')} ${label} for ${word} ${container.name}`);
  }
  return notes;
}

function faultsOf(request: AdmissionRequest, itemsOf: (namespace: string) => LimitRangeItem[]): string[] {
  if (isAbout(request, '', 'persistentvolumeclaims')) {
    const claim = request.object as PersistentVolumeClaim;
    const items = itemsOf(request.namespace).filter((item) => item.type === 'PersistentVolumeClaim');
    const { storage } = amounts(claim.spec.resources?.requests);
    // A claim has no limits: its request is checked as both.
    return items.flatMap((item) =>
      boundFaults(item, storage ? { requests: { storage }, limits: { storage } } : { requests: {}, limits: {} }),
    );
  }
  if (!isAbout(request, '', 'pods') || request.operation !== 'CREATE') return [];
  const { spec } = request.object as Pod;
  return itemsOf(request.namespace).flatMap((item) => {
    if (item.type === 'Container') {
      return [...spec.containers, ...(spec.initContainers ?? [])].flatMap((container) => boundFaults(item, required(container.resources)));
    }
    return item.type === 'Pod' ? boundFaults(item, podAmounts(spec.containers, spec.initContainers ?? [])) : [];
  });
}

function amounts(list: Readonly<Record<string, string>> | undefined): Record<string, Quantity> {
  const entries = Object.entries(list ?? {}).map(([name, text]): [string, Quantity | undefined] => [name, tryParseQuantity(text)]);
  return Object.fromEntries(entries.filter((entry): entry is [string, Quantity] => entry[1] !== undefined));
}

function required(resources: ResourceRequirements | undefined): ResourceAmounts {
  return { requests: amounts(resources?.requests), limits: amounts(resources?.limits) };
}

/** What the pod asks for: the sum of its containers and sidecars, or the largest init container if that is more. */
function podAmounts(containers: readonly Container[], initContainers: readonly Container[]): ResourceAmounts {
  const running = [...containers, ...initContainers.filter((c) => c.restartPolicy === 'Always')].map((c) => required(c.resources));
  const starting = initContainers.filter((c) => c.restartPolicy !== 'Always').map((c) => required(c.resources));
  const total = (kind: keyof ResourceAmounts): Record<string, Quantity> => {
    const sum: Record<string, Quantity> = {};
    for (const one of running) for (const [name, quantity] of Object.entries(one[kind])) sum[name] = sum[name]?.add(quantity) ?? quantity;
    for (const one of starting) {
      for (const [name, quantity] of Object.entries(one[kind])) if ((sum[name]?.compare(quantity) ?? -1) < 0) sum[name] = quantity;
    }
    return sum;
  };
  return { requests: total('requests'), limits: total('limits') };
}

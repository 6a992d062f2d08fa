// LimitRanger: containers get the default requests and limits of their namespace's LimitRanges, and what a pod or claim asks for
// must lie within their bounds. Rules: "Limit Ranges".

import { isSidecar } from '../../api/pod-resources.ts';
import { mostAmounts, NO_AMOUNTS, parseAmounts, pickAmounts, type ResourceAmounts, sumAmounts } from '../../api/resource-amounts.ts';
import type { Container, LimitRangeItem, PersistentVolumeClaim, Pod, PodSpec, ResourceRequirements } from '../../api/types/core-v1.gen.ts';
import { LIMIT_RANGES } from '../../client/resources.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';
import { type AdmissionReader, isAbout } from './admission-reader.ts';
import { type AskedAmounts, boundFaults } from './limit-range-bounds.ts';
import { refusal } from './refusal.ts';

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
      if (request.oldObject?.metadata.deletionTimestamp) return; // What is going may lose its finalizers, whatever it asks for.
      const faults = faultsOf(request, itemsOf);
      if (faults.length === 1) throw refusal(request, faults[0] ?? '');
      if (faults.length > 1) throw refusal(request, `[${faults.join(', ')}]`);
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
    const claim = request.object as PersistentVolumeClaim; // The resource says so.
    const items = itemsOf(request.namespace).filter((item) => item.type === 'PersistentVolumeClaim');
    // A claim has no limits: its request is checked as both.
    const storage = pickAmounts(parseAmounts(claim.spec.resources?.requests), ['storage']);
    return items.flatMap((item) => boundFaults(item, { requests: storage, limits: storage }));
  }
  if (!isAskingPod(request)) return [];
  const { spec } = request.object as Pod;
  return itemsOf(request.namespace).flatMap((item) => {
    if (item.type === 'Container') {
      return [...spec.containers, ...(spec.initContainers ?? [])].flatMap((container) => boundFaults(item, askedBy(container.resources)));
    }
    return item.type === 'Pod' ? boundFaults(item, askedByPod(spec)) : [];
  });
}

/** A new pod, or one that is resized in place (KEP-1287). */
function isAskingPod({ operation, resource, subresource }: AdmissionRequest): boolean {
  if (resource.group !== '' || resource.resource !== 'pods') return false;
  return (operation === 'CREATE' && subresource === '') || (operation === 'UPDATE' && subresource === 'resize');
}

const askedBy = (resources: ResourceRequirements | undefined): AskedAmounts => ({
  requests: parseAmounts(resources?.requests),
  limits: parseAmounts(resources?.limits),
});

/** What the pod asks for: the sum of its containers and sidecars, or the largest init container if that is more. */
function askedByPod({ containers, initContainers = [] }: PodSpec): AskedAmounts {
  const running = [...containers, ...initContainers.filter(isSidecar)].map(({ resources }) => askedBy(resources));
  const starting = initContainers.filter((container) => !isSidecar(container)).map(({ resources }) => askedBy(resources));
  const total = (kind: keyof AskedAmounts): ResourceAmounts =>
    mostAmounts(
      running.map((each) => each[kind]).reduce(sumAmounts, NO_AMOUNTS),
      starting.map((each) => each[kind]).reduce(mostAmounts, NO_AMOUNTS),
    );
  return { requests: total('requests'), limits: total('limits') };
}

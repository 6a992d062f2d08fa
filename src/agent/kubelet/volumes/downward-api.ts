// Values of a pod's own fields for `fieldRef` and `resourceFieldRef`, in volumes and environment variables. Pure.
// Rules: Kubernetes documentation, "Downward API"; formats as its tasks show them.

import { parseQuantity, type Quantity } from '../../../api/quantity.ts';
import type { Container, DownwardAPIVolumeFile, Pod, ResourceFieldSelector } from '../../../api/types/core-v1.gen.ts';
import { VolumeError } from './errors.ts';
import { DEFAULT_MODE, type Payload, type PayloadFile } from './payload.ts';

/** The node's allocatable resources: limits of containers that have none. */
export type Allocatable = Readonly<Record<string, string>>;

/** `key="value"` lines, sorted by key. */
function mapText(map: Readonly<Record<string, string>> | undefined): string {
  return Object.entries(map ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${quoted(value)}`)
    .join('\n');
}

/** As Go's %q: JSON's escapes, which differ from Go's only in control characters. */
function quoted(text: string): string {
  return JSON.stringify(text)
    .replace(/\\u00([0-9a-f]{2})/g, '\\x$1')
    .replaceAll('\u007f', '\\x7f');
}

/** The text of a field of metadata or of `spec.nodeName`, `spec.serviceAccountName`; undefined for a path that is not one of these. */
export function podFieldText(pod: Pod, fieldPath: string): string | undefined {
  const { metadata, spec } = pod;
  const keyed = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(fieldPath);
  if (keyed) return (keyed[1] === 'labels' ? metadata.labels : metadata.annotations)?.[keyed[2] ?? ''] ?? '';
  switch (fieldPath) {
    case 'metadata.name':
      return metadata.name ?? '';
    case 'metadata.namespace':
      return metadata.namespace ?? '';
    case 'metadata.uid':
      return metadata.uid ?? '';
    case 'metadata.labels':
      return mapText(metadata.labels);
    case 'metadata.annotations':
      return mapText(metadata.annotations);
    case 'spec.nodeName':
      return spec?.nodeName ?? '';
    case 'spec.serviceAccountName':
      return spec?.serviceAccountName ?? '';
    default:
      return undefined;
  }
}

/**
 * The value of a container's resource in units of the divisor, rounded up.
 * @throws VolumeError `volume-invalid` for a container or resource that does not exist
 */
export function resourceFieldText(container: Container, selector: ResourceFieldSelector, allocatable: Allocatable): string {
  const [, group, name = ''] = /^(limits|requests)\.(.+)$/.exec(selector.resource) ?? [];
  if (!group) throw new VolumeError('volume-invalid', `unsupported container resource : ${selector.resource}`);
  const own = container.resources?.[group === 'limits' ? 'limits' : 'requests']?.[name];
  const text = own && !parseQuantity(own).isZero() ? own : group === 'limits' ? (allocatable[name] ?? '0') : (own ?? '0');
  return inUnitsOf(parseQuantity(text), parseQuantity(selector.divisor ?? '1'), name === 'cpu');
}

function inUnitsOf(value: Quantity, divisor: Quantity, milli: boolean): string {
  const unit = divisor.isZero() ? parseQuantity('1') : divisor;
  const [a, b] = milli ? [value.milliValue(), unit.milliValue()] : [value.value(), unit.value()];
  return String(Math.ceil(a / Math.max(b, 1)));
}

/** The container of any kind with that name. @throws VolumeError `volume-invalid` */
export function containerNamed(pod: Pod, name: string): Container {
  const all = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])];
  const found = all.find((container) => container.name === name);
  if (!found) throw new VolumeError('volume-invalid', `container ${name} not found`);
  return found;
}

/** The files of a downward API volume. @throws VolumeError `volume-invalid` */
export function downwardApiPayload(
  pod: Pod,
  items: readonly DownwardAPIVolumeFile[],
  options: { readonly allocatable: Allocatable; readonly defaultMode?: number | undefined },
): Payload {
  const files = new Map<string, PayloadFile>();
  for (const { path, mode, fieldRef, resourceFieldRef } of items) {
    const text = fieldRef
      ? podFieldText(pod, fieldRef.fieldPath)
      : resourceFieldRef &&
        resourceFieldText(containerNamed(pod, resourceFieldRef.containerName ?? ''), resourceFieldRef, options.allocatable);
    if (text === undefined) throw new VolumeError('volume-invalid', `unsupported fieldPath: ${fieldRef?.fieldPath ?? ''}`);
    files.set(path, { bytes: Buffer.from(text, 'utf8'), mode: mode ?? options.defaultMode ?? DEFAULT_MODE });
  }
  return files;
}

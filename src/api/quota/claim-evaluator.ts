// What a PersistentVolumeClaim costs: itself and the storage it asks for, both also by storage class. Pure.

import type { KubeObject } from '../object.ts';
import { parseQuantity, Quantity } from '../quantity.ts';
import type { PersistentVolumeClaim } from '../types/core-v1.gen.ts';
import type { QuotaEvaluator } from './quota-evaluator.ts';
import { namesMatchScope } from './quota-scopes.ts';

const CLAIMS = 'persistentvolumeclaims';
const STORAGE = 'requests.storage';
const NAMES: ReadonlySet<string> = new Set([`count/${CLAIMS}`, CLAIMS, STORAGE]);
/** Between the name of a storage class and what is counted of it. */
const BY_CLASS = '.storageclass.storage.k8s.io/';
const OLD_CLASS = 'volume.beta.kubernetes.io/storage-class';

type Claim = PersistentVolumeClaim & KubeObject;

/** Claims: they grow by update, and in status while they shrink back. */
export const claimEvaluator: QuotaEvaluator<Claim> = {
  counts: (name) => NAMES.has(name) || name.endsWith(`${BY_CLASS}${CLAIMS}`) || name.endsWith(`${BY_CLASS}${STORAGE}`),
  handles: (operation, subresource) =>
    (operation === 'CREATE' && subresource === '') || (operation === 'UPDATE' && (subresource === '' || subresource === 'status')),
  usage(claim) {
    const usage = new Map([
      [CLAIMS, Quantity.of(1)],
      [`count/${CLAIMS}`, Quantity.of(1)],
    ]);
    const name = claim.metadata.annotations?.[OLD_CLASS] ?? claim.spec.storageClassName ?? '';
    const storage = storageOf(claim);
    if (name !== '') usage.set(`${name}${BY_CLASS}${CLAIMS}`, Quantity.of(1));
    if (storage) usage.set(STORAGE, storage);
    if (storage && name !== '') usage.set(`${name}${BY_CLASS}${STORAGE}`, storage);
    return usage;
  },
  inScope(scope, claim) {
    if (scope.scopeName !== 'VolumeAttributesClass') return false;
    const { spec, status } = claim;
    const names = [
      spec.volumeAttributesClassName,
      status?.currentVolumeAttributesClassName,
      status?.modifyVolumeStatus?.targetVolumeAttributesClassName,
    ];
    return namesMatchScope(
      scope,
      names.filter((name): name is string => name !== undefined && name !== ''),
    );
  },
};

/** Whole bytes asked for; what is already allocated, if that is more. */
function storageOf({ spec, status }: Claim): Quantity | undefined {
  const asked = spec.resources?.requests?.['storage'];
  if (asked === undefined) return undefined;
  const allocated = status?.allocatedResources?.['storage'];
  const request = parseQuantity(asked);
  const held = allocated === undefined ? request : parseQuantity(allocated);
  const larger = held.compare(request) > 0 ? held : request;
  const whole = larger.value();
  return Quantity.of(whole, larger.format);
}

// Where a claim's volume is copied from is told in two fields that say the same: dataSource for claims and snapshots, dataSourceRef for everything.
// Rules: "Volume populators and data sources". Pure.

import type { PersistentVolumeClaimSpec, TypedLocalObjectReference } from './types/core-v1.gen.ts';

/** The sources that dataSource may name; others it ignores, as ever, unless dataSourceRef shows a client that knows better. */
function isCopyable({ apiGroup = '', kind }: TypedLocalObjectReference): boolean {
  return kind === 'PersistentVolumeClaim' ? apiGroup === '' : kind === 'VolumeSnapshot' && apiGroup === 'snapshot.storage.k8s.io';
}

/** Makes both fields of a draft say the same; `old` is the spec it replaces. What was stored before they were aligned stays as it is. */
export function alignDataSources(spec: PersistentVolumeClaimSpec, old?: PersistentVolumeClaimSpec): void {
  if (old && (old.dataSource === undefined) !== (old.dataSourceRef === undefined)) return;
  if (spec.dataSource && !spec.dataSourceRef && !old?.dataSource && !isCopyable(spec.dataSource)) delete spec.dataSource;
  if (spec.dataSource && !spec.dataSourceRef) spec.dataSourceRef = { ...spec.dataSource };
  else if (spec.dataSourceRef && !spec.dataSource && !spec.dataSourceRef.namespace) {
    const { namespace: _none, ...source } = spec.dataSourceRef;
    spec.dataSource = source;
  }
}

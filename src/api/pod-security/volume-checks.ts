// Pod Security Standards: which volumes a pod may mount. Pure.

import type { Volume } from '../types/core-v1.gen.ts';
import { distinct, plural, quoted, type SecurityCheck } from './check.ts';

/** No directories of the host. */
export const hostPathVolumes: SecurityCheck = {
  id: 'hostPathVolumes',
  level: 'baseline',
  versions: [
    [
      0,
      ({ spec }) => {
        const names = (spec.volumes ?? []).filter((volume) => volume.hostPath).map((volume) => volume.name);
        if (names.length === 0) return undefined;
        return { reason: 'hostPath volumes', detail: `${plural(names.length, 'volume')} ${quoted(names)}` };
      },
    ],
  ],
};

const ALLOWED: ReadonlySet<string> = new Set([
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
]);

/** Only volumes that the cluster itself makes. */
export const restrictedVolumes: SecurityCheck = {
  id: 'restrictedVolumes',
  level: 'restricted',
  overrides: ['hostPathVolumes'],
  versions: [
    [
      0,
      ({ spec }) => {
        const bad = (spec.volumes ?? [])
          .map((volume) => ({ name: volume.name, type: typeOf(volume) }))
          .filter(({ type }) => !ALLOWED.has(type));
        if (bad.length === 0) return undefined;
        const types = distinct(bad.map(({ type }) => type));
        const who = `${plural(bad.length, 'volume')} ${quoted(bad.map(({ name }) => name))} ${plural(bad.length, 'uses', 'use')}`;
        return { reason: 'restricted volume types', detail: `${who} ${plural(types.length, 'restricted volume type')} ${quoted(types)}` };
      },
    ],
  ],
};

/** The member of a volume that says what it is. */
function typeOf(volume: Volume): string {
  return Object.entries(volume).find(([member, value]) => member !== 'name' && value !== undefined)?.[0] ?? 'unknown';
}

// Warnings about Nodes, RuntimeClasses and ResourceSlices. Pure.

import type { Node } from '../types/core-v1.gen.ts';
import type { RuntimeClass } from '../types/node-v1.gen.ts';
import type { ResourceSlice } from '../types/resource-v1.gen.ts';
import { rangeWarnings } from './addresses.ts';
import { selectorWarnings } from './node-labels.ts';

/** Warnings about a Node. */
export function nodeWarnings({ spec }: Node): string[] {
  return [
    ...(spec?.configSource ? ['spec.configSource: the feature is removed'] : []),
    ...(spec?.externalID ? ['spec.externalID: this field is deprecated, and is unused by Kubernetes'] : []),
    ...(spec?.podCIDRs ?? []).flatMap((range, i) => rangeWarnings(`spec.podCIDRs[${i}]`, range)),
  ];
}

/** Warnings about a RuntimeClass. */
export function runtimeClassWarnings({ scheduling }: RuntimeClass): string[] {
  return selectorWarnings(() => 'scheduling.nodeSelector', scheduling?.nodeSelector);
}

/** Warnings about a ResourceSlice. */
export function resourceSliceWarnings({ spec: { driver } }: ResourceSlice): string[] {
  if (driver === driver.toLowerCase()) return [];
  return [`spec.driver: driver names should be lowercase; ${JSON.stringify(driver)} contains uppercase characters`];
}

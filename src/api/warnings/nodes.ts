// Warnings about Nodes and RuntimeClasses. Pure.

import type { Node } from '../types/core-v1.gen.ts';
import type { RuntimeClass } from '../types/node-v1.gen.ts';
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

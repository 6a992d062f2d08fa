// Warnings about labels of nodes that have other names today: "Well-Known Labels, Annotations and Taints". Pure.

import type { NodeSelectorTerm } from '../types/core-v1.gen.ts';

const since = (version: string, instead: string): string => `deprecated since ${version}; use "${instead}" instead`;

const DEPRECATED: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/arch': since('v1.14', 'kubernetes.io/arch'),
  'beta.kubernetes.io/os': since('v1.14', 'kubernetes.io/os'),
  'beta.kubernetes.io/instance-type': since('v1.17', 'node.kubernetes.io/instance-type'),
  'failure-domain.beta.kubernetes.io/region': since('v1.17', 'topology.kubernetes.io/region'),
  'failure-domain.beta.kubernetes.io/zone': since('v1.17', 'topology.kubernetes.io/zone'),
};

/** Warns of a deprecated label that stands as the value of the field at `path`. */
export function labelWarnings(path: string, label: string | undefined): string[] {
  const text = label === undefined ? undefined : DEPRECATED[label];
  return text === undefined ? [] : [`${path}: ${label} is ${text}`];
}

/** Warns of deprecated labels among the keys of a node selector. `pathOf` is the path of one. */
export function selectorWarnings(pathOf: (label: string) => string, selector: Readonly<Record<string, string>> | undefined): string[] {
  return Object.keys(selector ?? {}).flatMap((label) =>
    DEPRECATED[label] === undefined ? [] : [`${pathOf(label)}: ${DEPRECATED[label]}`],
  );
}

/** Warns of deprecated labels in a term of node affinity. */
export function termWarnings(path: string, term: NodeSelectorTerm | undefined): string[] {
  return (term?.matchExpressions ?? []).flatMap(({ key }, i) => labelWarnings(`${path}.matchExpressions[${i}].key`, key));
}

// Node selectors compiled to predicates. Rules: core/v1 NodeSelector; terms are alternatives, expressions of a term all hold,
// an empty term matches nothing.

import type { Node, NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, Pod } from '../../api/types/core-v1.gen.ts';

/** Whether a node is selected. */
export type NodePredicate = (node: Node) => boolean;

const INTEGER = /^[+-]?\d+$/;

function compareIntegers(left: string | undefined, right: string | undefined): number | undefined {
  if (left === undefined || right === undefined || !INTEGER.test(left) || !INTEGER.test(right)) return undefined;
  const difference = BigInt(left) - BigInt(right);
  return difference > 0n ? 1 : difference < 0n ? -1 : 0;
}

/** Whether a value (`undefined` = the label is not there) meets a requirement. Unknown operators are never met. */
function meetsRequirement(requirement: NodeSelectorRequirement, value: string | undefined): boolean {
  const values = requirement.values ?? [];
  switch (requirement.operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return compareIntegers(value, values[0]) === 1;
    case 'Lt':
      return compareIntegers(value, values[0]) === -1;
    default:
      return false;
  }
}

/** Compiles one term. `metadata.name` is the only field. */
export function nodeSelectorTerm(term: NodeSelectorTerm): NodePredicate {
  const expressions = term.matchExpressions ?? [];
  const fields = term.matchFields ?? [];
  if (expressions.length === 0 && fields.length === 0) return () => false;
  return (node) =>
    expressions.every((r) => meetsRequirement(r, node.metadata.labels?.[r.key])) &&
    fields.every((r) => meetsRequirement(r, r.key === 'metadata.name' ? node.metadata.name : undefined));
}

/** Compiles a node selector. */
export function nodeSelector(selector: NodeSelector): NodePredicate {
  const terms = selector.nodeSelectorTerms.map(nodeSelectorTerm);
  return (node) => terms.some((matches) => matches(node));
}

/** What spec.nodeSelector and the required node affinity of a pod ask together; undefined when they ask nothing. */
export function requiredNodeAffinity(pod: Pod): NodePredicate | undefined {
  const labels = Object.entries(pod.spec.nodeSelector ?? {});
  const required = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  if (labels.length === 0 && !required) return undefined;
  const affinity = required ? nodeSelector(required) : () => true;
  return (node) => labels.every(([key, value]) => node.metadata.labels?.[key] === value) && affinity(node);
}

/**
 * The only nodes a pod can be on because every term of its required affinity names them by the field `metadata.name` (as the
 * pods of a DaemonSet do); undefined when some term does not.
 */
export function namedNodes(pod: Pod): ReadonlySet<string> | undefined {
  const terms = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  const names = new Set<string>();
  for (const term of terms) {
    const fields = (term.matchFields ?? []).filter((f) => f.key === 'metadata.name' && f.operator === 'In');
    if (fields.length === 0) return undefined;
    const [first, ...rest] = fields.map((f) => new Set(f.values));
    for (const name of first ?? []) if (rest.every((set) => set.has(name))) names.add(name);
  }
  return terms.length === 0 ? undefined : names;
}

// Resources that nobody may use unless a quota of the namespace covers them: what the configuration of ResourceQuota limits. Pure.
// Rules: Kubernetes documentation "Resource Quotas", limit Priority Class consumption by default.

import type { KubeObject } from '../object.ts';
import type { ResourceQuota, ScopedResourceSelectorRequirement } from '../types/core-v1.gen.ts';
import type { QuotaEvaluator } from './quota-evaluator.ts';
import { scopesOf } from './quota-scopes.ts';

/** One limit of the configuration. */
export interface LimitedResource {
  readonly apiGroup: string;
  /** Plural name, e.g. `pods`. */
  readonly resource: string;
  /** Names of what is used that contain one of these are limited, e.g. `.storageclass.storage.k8s.io/requests.storage`. */
  readonly matchContains: readonly string[];
  /** Objects in one of these scopes are limited. */
  readonly matchScopes: readonly ScopedResourceSelectorRequirement[];
}

/** An object that is about to use something. */
export interface LimitedUse {
  readonly evaluator: QuotaEvaluator;
  readonly object: KubeObject;
  readonly resource: { readonly group: string; readonly resource: string };
  /** Names of what it uses more of than before. */
  readonly names: readonly string[];
}

/** Why an object may not use what it uses; undefined when quotas cover it. `covered` are the names that the quotas concerned count. */
export function uncoveredFault(
  limited: readonly LimitedResource[],
  use: LimitedUse,
  quotas: { readonly all: readonly ResourceQuota[]; readonly covered: ReadonlySet<string> },
): string | undefined {
  const own = limited.filter(({ apiGroup, resource }) => apiGroup === use.resource.group && resource === use.resource.resource);
  const parts = own.flatMap(({ matchContains }) => matchContains);
  const names = use.names.filter((name) => parts.some((part) => name.includes(part)) && !quotas.covered.has(name));
  if (names.length > 0) return `insufficient quota to consume: ${[...new Set(names)].sort().join(',')}`;
  const inScope = (scope: ScopedResourceSelectorRequirement): boolean => use.evaluator.inScope?.(scope, use.object) ?? false;
  const open = new Set(
    quotas.all
      .flatMap(({ spec }) => scopesOf(spec ?? {}))
      .filter(inScope)
      .map(({ scopeName }) => scopeName),
  );
  const scopes = limited.flatMap(({ matchScopes }) => matchScopes).filter((scope) => inScope(scope) && !open.has(scope.scopeName));
  return scopes.length > 0 ? `insufficient quota to match these scopes: [${scopes.map(scopeText).join(' ')}]` : undefined;
}

/** As Go prints it: `{PriorityClass In [a b]}`. */
const scopeText = ({ scopeName, operator, values = [] }: ScopedResourceSelectorRequirement): string =>
  `{${scopeName} ${operator} [${values.join(' ')}]}`;

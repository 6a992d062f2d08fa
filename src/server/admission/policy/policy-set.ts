// Admission policies of one sort with their bindings, compiled once: stored objects never change, so what is compiled is kept for as long as they are.

import type { KubeObject } from '../../../api/object.ts';
import type { MatchResources, ParamKind, ParamRef } from '../../../api/types/admissionregistration-v1.gen.ts';
import type { TypedResource } from '../../../client/client.ts';
import type { AdmissionReader } from '../admission-reader.ts';
import { type CompiledMatch, compileMatch } from '../resource-match.ts';

/** What both sorts of policies have. */
export interface AnyPolicy extends KubeObject {
  readonly spec: { readonly paramKind?: ParamKind; readonly matchConstraints?: MatchResources; readonly failurePolicy?: string };
}

/** What both sorts of bindings have. */
export interface AnyBinding extends KubeObject {
  readonly spec: { readonly policyName?: string; readonly paramRef?: ParamRef; readonly matchResources?: MatchResources };
}

/** A binding, ready to be matched. */
export interface CompiledBinding<Binding> {
  readonly binding: Binding;
  readonly match: CompiledMatch | undefined;
}

/** A policy, ready to be matched. */
export interface CompiledPolicy<Policy, Binding> {
  readonly policy: Policy;
  readonly match: CompiledMatch;
  readonly bindings: readonly CompiledBinding<Binding>[];
}

/** Where policies and bindings of one sort are. */
export interface PolicyResources<Policy extends AnyPolicy, Binding extends AnyBinding> {
  readonly policies: TypedResource<Policy>;
  readonly bindings: TypedResource<Binding>;
}

/** The policies of one sort. */
export class PolicySet<Policy extends AnyPolicy, Binding extends AnyBinding> {
  readonly #resources: PolicyResources<Policy, Binding>;
  readonly #reader: AdmissionReader;
  readonly #policies = new WeakMap<Policy, CompiledMatch>();
  readonly #bindings = new WeakMap<Binding, CompiledBinding<Binding>>();

  constructor(resources: PolicyResources<Policy, Binding>, reader: AdmissionReader) {
    this.#resources = resources;
    this.#reader = reader;
  }

  /** The policies that have bindings, in the order of their names. Without a policy nothing is done. */
  list(): CompiledPolicy<Policy, Binding>[] {
    const policies = this.#reader.list(this.#resources.policies);
    if (policies.length === 0) return [];
    const bindings = this.#reader.list(this.#resources.bindings);
    return policies.flatMap((policy) => {
      const own = bindings.filter(({ spec }) => spec.policyName === policy.metadata.name);
      return own.length === 0
        ? []
        : [{ policy, match: this.#match(policy), bindings: own.map((binding) => this.#binding(binding, policy)) }];
    });
  }

  #match(policy: Policy): CompiledMatch {
    const known = this.#policies.get(policy);
    if (known) return known;
    const made = compiledResources(policy.spec.matchConstraints ?? {}, policy);
    this.#policies.set(policy, made);
    return made;
  }

  #binding(binding: Binding, policy: Policy): CompiledBinding<Binding> {
    const known = this.#bindings.get(binding);
    // A selector that cannot be read fails as the policy says, which may have been written since.
    if (known && known.match?.fault === undefined) return known;
    const { matchResources } = binding.spec;
    const made = { binding, match: matchResources && compiledResources(matchResources, policy) };
    this.#bindings.set(binding, made);
    return made;
  }
}

/** No rules at all means that only the selectors count. */
function compiledResources({ resourceRules, excludeResourceRules, ...rest }: MatchResources, { spec }: AnyPolicy): CompiledMatch {
  const rules = resourceRules?.length ? resourceRules : undefined;
  return compileMatch({ ...rest, rules, excludeRules: excludeResourceRules, failurePolicy: spec.failurePolicy });
}

/** Reviews ask the server something and write nothing: no policy is asked about them. */
const NEVER_GUARDED = new Set([
  'authentication.k8s.io/selfsubjectreviews',
  'authentication.k8s.io/tokenreviews',
  'authorization.k8s.io/localsubjectaccessreviews',
  'authorization.k8s.io/selfsubjectaccessreviews',
  'authorization.k8s.io/selfsubjectrulesreviews',
  'authorization.k8s.io/subjectaccessreviews',
]);

/** Whether policies are asked about a resource. */
export function isGuarded({ group, resource }: { readonly group: string; readonly resource: string }): boolean {
  return !NEVER_GUARDED.has(`${group}/${resource}`);
}

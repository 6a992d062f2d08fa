// One request's way through the mutating policies: which match, with which parameters, and the object after each of them. When an object
// has changed since, policies that want it run once more in a second round.

import { deepCopy, deepEqual } from '../../../api/copy.ts';
import type { KubeObject } from '../../../api/object.ts';
import { StatusError } from '../../../api/status-error.ts';
import type { MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding } from '../../../api/types/admissionregistration-v1.gen.ts';
import { messageOf } from '../../../base/errors.ts';
import type { AdmissionRequest, ResourceForm } from '../admission.ts';
import { refusal } from '../refusal.ts';
import { matchRequest } from '../resource-match.ts';
import { Reinvocation } from '../webhook/reinvocation.ts';
import { type ExpressionSubject, subjectValues } from './expression-values.ts';
import { compileMutatingPolicy, type MutatingProgram, mutated } from './mutating-program.ts';
import { MutationFault } from './mutation-patch.ts';
import { policyMatches } from './policy-conditions.ts';
import type { PolicyDeps } from './policy-deps.ts';
import { collectParams, ParamFault } from './policy-params.ts';
import type { CompiledPolicy } from './policy-set.ts';
import { policySubject } from './policy-subject.ts';

type Policy = CompiledPolicy<MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding>;

/** One policy under one binding with one parameter. */
interface Invocation {
  readonly policy: MutatingAdmissionPolicy;
  readonly binding: MutatingAdmissionPolicyBinding;
  readonly form: ResourceForm;
  readonly params: KubeObject | undefined;
}

/** Runs policies; keeps what it has compiled of them for as long as they are as they are. */
export class MutatingRunner {
  readonly #deps: PolicyDeps;
  readonly #programs = new WeakMap<MutatingAdmissionPolicy, MutatingProgram>();
  /** What a request has been through between its rounds. */
  readonly #rounds = new WeakMap<AdmissionRequest, Reinvocation>();

  constructor(deps: PolicyDeps) {
    this.#deps = deps;
  }

  /** @throws StatusError when a policy that must not fail does */
  async run(request: AdmissionRequest, policies: readonly Policy[]): Promise<void> {
    const state = this.#rounds.get(request) ?? new Reinvocation();
    this.#rounds.set(request, state);
    state.begin(request);
    const denials: string[] = [];
    for (const invocation of await this.#invocations(request, policies, denials)) {
      const { policy, binding, params } = invocation;
      const id = [policy, binding, params].map((object) => `${object?.metadata.namespace ?? ''}/${object?.metadata.name ?? ''}`).join(' ');
      if (!state.shouldCall(request, id)) continue;
      const before = request.object && deepCopy(request.object);
      const ran = await this.#invoke(request, invocation, denials);
      if (!deepEqual(before, request.object)) state.changed(request);
      if (ran && policy.spec.reinvocationPolicy === 'IfNeeded') state.called(id);
    }
    state.end(request);
    if (denials.length > 0) throw denied(request, denials);
  }

  async #invocations(request: AdmissionRequest, policies: readonly Policy[], denials: string[]): Promise<Invocation[]> {
    const invocations: Invocation[] = [];
    for (const { policy, match, bindings } of policies) {
      const form = matchRequest(match, request, this.#deps.reader);
      if (!form) continue;
      for (const { binding, match: own } of bindings) {
        if (own && !matchRequest(own, request, this.#deps.reader)) continue;
        const { paramKind } = policy.spec;
        const { paramRef } = binding.spec;
        try {
          const all = await collectParams({ paramKind, paramRef, namespace: request.namespace }, this.#deps.kinds);
          invocations.push(...all.map((params) => ({ policy, binding, form, params })));
        } catch (error) {
          if (!(error instanceof ParamFault)) throw error;
          deny(
            denials,
            { policy, binding: error.about === 'binding' ? binding : undefined },
            `failed to configure ${error.about}: ${error.message}`,
          );
          if (error.about === 'policy') break;
        }
      }
    }
    return invocations;
  }

  #program(policy: MutatingAdmissionPolicy): MutatingProgram {
    const known = this.#programs.get(policy);
    if (known) return known;
    const made = compileMutatingPolicy(policy);
    this.#programs.set(policy, made);
    return made;
  }

  /** False if the match conditions do not hold. */
  async #invoke(request: AdmissionRequest, invocation: Invocation, denials: string[]): Promise<boolean> {
    const { policy, form, params } = invocation;
    const program = this.#program(policy);
    const subject = await policySubject(request, form, this.#deps);
    const values = subjectValues(subject);
    const meter = { policy: policy.metadata.name ?? '', operation: request.operation, metrics: this.#deps.metrics };
    const matching = policyMatches(program.conditions, { ...values, params: params ?? null }, meter);
    if (matching !== 'matches') {
      if (matching !== 'no match') deny(denials, invocation, matching.error);
      return false;
    }
    await this.#mutate(request, { invocation, program, subject, values }, denials);
    return true;
  }

  #count({ policy, binding }: Invocation, seconds: number, message: string | undefined): void {
    const names = { policy: policy.metadata.name ?? '', binding: binding.metadata.name ?? '' };
    this.#deps.metrics.policies.mutated({ ...names, seconds, message });
  }

  async #mutate(
    request: AdmissionRequest,
    run: { invocation: Invocation; program: MutatingProgram; subject: ExpressionSubject; values: Record<string, unknown> },
    denials: string[],
  ): Promise<void> {
    const { invocation, program, values } = run;
    const { kind } = invocation.form;
    // Drafts may hold properties that are undefined; a patch must not meet them.
    let object = run.subject.object && deepCopy(run.subject.object);
    for (const mutation of program.mutations) {
      if (!object) return;
      const seconds = this.#deps.metrics.stopwatch();
      try {
        const type = request.forms.applyType(kind);
        const made = mutated(program, mutation, { object, type, values, params: invocation.params });
        object = request.forms.read(made, kind);
        request.object = await request.forms.convert(object, request.kind);
        this.#count(invocation, seconds(), undefined);
      } catch (error) {
        this.#count(invocation, seconds(), messageOf(error));
        if (!(error instanceof MutationFault)) throw error;
        deny(denials, invocation, error.message);
      }
    }
  }
}

function deny(
  denials: string[],
  { policy, binding }: { policy: MutatingAdmissionPolicy; binding: MutatingAdmissionPolicyBinding | undefined },
  why: string,
): void {
  if (policy.spec.failurePolicy === 'Ignore') return;
  const { name } = policy.metadata;
  denials.push(
    binding ? `policy '${name}' with binding '${binding.metadata.name}' denied request: ${why}` : `policy "${name}" denied request: ${why}`,
  );
}

/** Upstream keeps the code of Forbidden beside the reason Invalid. */
function denied(request: AdmissionRequest, denials: readonly string[]): StatusError {
  const { status } = refusal(request, '');
  const causes = denials.map((message) => ({ message }));
  return new StatusError(403, 'Invalid', denials[0] ?? '', { ...status.details, causes });
}

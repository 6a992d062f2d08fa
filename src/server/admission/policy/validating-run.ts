// One request's way through the validating policies: which match, with which parameters, and what their decisions come to.

import { StatusError } from '../../../api/status-error.ts';
import type { ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding } from '../../../api/types/admissionregistration-v1.gen.ts';
import type { AdmissionRequest, ResourceForm } from '../admission.ts';
import { refusal } from '../refusal.ts';
import { matchRequest } from '../resource-match.ts';
import { subjectValues } from './expression-values.ts';
import type { PolicyDeps } from './policy-deps.ts';
import type { Enforcement } from './policy-metrics.ts';
import { collectParams, ParamFault } from './policy-params.ts';
import type { CompiledBinding, CompiledPolicy } from './policy-set.ts';
import { policySubject } from './policy-subject.ts';
import {
  compileValidatingPolicy,
  type Decision,
  runValidatingPolicy,
  type ValidatingProgram,
  type ValidatingResult,
} from './validating-program.ts';

/** Longer values of audit annotations are cut. */
const MAX_ANNOTATION = 10 * 1024;
const FAILURE_KEY = 'validation.policy.admission.k8s.io/validation_failure';
/** HTTP codes of the reasons a validation may give; all others are 422. */
const CODES = new Map([
  ['Unauthorized', 401],
  ['Forbidden', 403],
  ['RequestEntityTooLarge', 413],
]);

const ENFORCEMENTS: ReadonlyMap<string, Enforcement> = new Map([
  ['Deny', 'deny'],
  ['Audit', 'audit'],
  ['Warn', 'warn'],
]);

type Policy = CompiledPolicy<ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding>;
type Binding = CompiledBinding<ValidatingAdmissionPolicyBinding>;

/** A refusal: which policy, by which binding, and why. */
interface Denial {
  readonly policy: string;
  readonly binding: string | undefined;
  readonly message: string;
  readonly reason: string;
}

/** Runs policies; keeps what it has compiled of them for as long as they are as they are. */
export class ValidatingRunner {
  readonly #deps: PolicyDeps;
  readonly #programs = new WeakMap<ValidatingAdmissionPolicy, ValidatingProgram>();

  constructor(deps: PolicyDeps) {
    this.#deps = deps;
  }

  /** @throws StatusError when a policy denies the request */
  async run(request: AdmissionRequest, policies: readonly Policy[]): Promise<void> {
    const denials: Denial[] = [];
    for (const policy of policies) {
      const form = matchRequest(policy.match, request, this.#deps.reader);
      if (form) denials.push(...(await new PolicyRun(this.#deps, request, { policy, form, program: this.#program(policy.policy) }).run()));
    }
    const [first] = denials;
    if (first) throw denied(request, first);
  }

  #program(policy: ValidatingAdmissionPolicy): ValidatingProgram {
    const known = this.#programs.get(policy);
    if (known) return known;
    const made = compileValidatingPolicy(policy);
    this.#programs.set(policy, made);
    return made;
  }
}

function denied(request: AdmissionRequest, { policy, binding, message: why, reason: said }: Denial): StatusError {
  const by = binding === undefined ? '' : ` with binding '${binding}'`;
  const message = `ValidatingAdmissionPolicy '${policy}'${by} denied request: ${why}`;
  const { status } = refusal(request, message);
  const reason = said || 'Invalid';
  return new StatusError(CODES.get(reason) ?? 422, reason, status.message, { ...status.details, causes: [{ message }] });
}

interface Turn {
  readonly policy: Policy;
  readonly form: ResourceForm;
  readonly program: ValidatingProgram;
}

/** One policy's turn at a request. */
class PolicyRun {
  readonly #deps: PolicyDeps;
  readonly #request: AdmissionRequest;
  readonly #turn: Turn;
  readonly #denials: Denial[] = [];
  /** Distinct values by key. */
  readonly #annotations = new Map<string, Set<string>>();

  constructor(deps: PolicyDeps, request: AdmissionRequest, turn: Turn) {
    this.#deps = deps;
    this.#request = request;
    this.#turn = turn;
  }

  async run(): Promise<readonly Denial[]> {
    const request = this.#request;
    const { policy, form } = this.#turn;
    const { name = '' } = policy.policy.metadata;
    const meter = { policy: name, operation: request.operation, metrics: this.#deps.metrics };
    let values: Record<string, unknown> | undefined;
    for (const binding of policy.bindings) {
      if (binding.match && !matchRequest(binding.match, request, this.#deps.reader)) continue;
      try {
        const { paramKind } = policy.policy.spec;
        const { paramRef } = binding.binding.spec;
        const params = await collectParams({ paramKind, paramRef, namespace: request.namespace }, this.#deps.kinds);
        values ??= subjectValues(await policySubject(request, form, this.#deps));
        for (const param of params) this.#take(binding, runValidatingPolicy(this.#turn.program, { values, params: param }, meter));
      } catch (error) {
        if (!(error instanceof ParamFault)) throw error;
        this.#misconfigured(error, binding);
        if (error.about === 'policy') break;
      }
    }
    for (const [key, found] of this.#annotations) request.annotate(`${name}/${key}`, [...found].join(', '));
    return this.#denials;
  }

  #misconfigured({ about, message }: ParamFault, { binding }: Binding): void {
    if (this.#turn.program.failurePolicy === 'Ignore') return;
    this.#deny(about === 'policy' ? undefined : binding, `failed to configure ${about}: ${message}`);
  }

  #deny(binding: ValidatingAdmissionPolicyBinding | undefined, message: string, reason = ''): void {
    this.#denials.push({ policy: this.#turn.policy.policy.metadata.name ?? '', binding: binding?.metadata.name, message, reason });
  }

  #take({ binding }: Binding, { decisions, annotations, annotationErrors }: ValidatingResult): void {
    const { name: policy = '' } = this.#turn.policy.policy.metadata;
    const { name = '' } = binding.metadata;
    const counted = (enforcement: Enforcement, { message, seconds }: Pick<Decision, 'message' | 'seconds'>): void =>
      this.#deps.metrics.policies.validated({ policy, binding: name, seconds, message }, enforcement);
    for (const [index, decision] of decisions.entries()) {
      const { denied, message, reason } = decision;
      // What simply passes is not counted.
      if (!denied && message !== '') counted('allow', decision);
      if (!denied) continue;
      for (const action of binding.spec.validationActions ?? []) {
        if (action === 'Deny') this.#deny(binding, message, reason);
        if (action === 'Audit') this.#audit(binding, index, message);
        if (action === 'Warn')
          this.#request.warn(`Validation failed for ValidatingAdmissionPolicy '${policy}' with binding '${name}': ${message}`);
        const enforcement = ENFORCEMENTS.get(action);
        if (enforcement) counted(enforcement, decision);
      }
    }
    for (const { key, value } of annotations) {
      const values = this.#annotations.get(key) ?? new Set();
      this.#annotations.set(key, values.add(value.slice(0, MAX_ANNOTATION)));
    }
    for (const error of annotationErrors) {
      this.#deny(binding, error.message);
      counted('deny', error);
    }
  }

  #audit({ metadata, spec }: ValidatingAdmissionPolicyBinding, expressionIndex: number, message: string): void {
    const { policyName: policy, validationActions } = spec;
    const failure = { message, policy, binding: metadata.name, expressionIndex, validationActions };
    this.#request.annotate(FAILURE_KEY, JSON.stringify([failure]));
  }
}

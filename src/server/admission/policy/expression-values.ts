// What the expressions of a policy, or of match conditions, see of a request: the values of their variables.
// Rules: "Validating Admission Policy", "Validation Expression".

import type { CelProgram } from '../../../api/cel/compile.ts';
import { CelEvaluationError } from '../../../api/cel/errors.ts';
import type { CelBudget } from '../../../api/cel/frame.ts';
import { type AccessAnswer, type AccessQuestion, AuthorizerValue, ResourceCheck } from '../../../api/cel/library/authorizer.ts';
import { CelMap, type CelValue } from '../../../api/cel/values.ts';
import type { KubeObject } from '../../../api/object.ts';
import type { AdmissionRequest as ReviewRequest } from '../../../api/types/admission-v1.gen.ts';
import type { UserInfo } from '../../../client/api-backend.ts';
import type { Authorizer } from '../../auth/auth.ts';
import type { AdmissionRequest } from '../admission.ts';

/** The parts of a request that expressions see. */
export interface ExpressionSubject {
  readonly request: AdmissionRequest;
  /** What `request` says, as webhooks see it. */
  readonly review: ReviewRequest;
  /** In the form under which the request matched. */
  readonly object: KubeObject | undefined;
  readonly oldObject: KubeObject | undefined;
  /** The namespace of a namespaced object. */
  readonly namespaceObject: KubeObject | undefined;
  readonly authorizer: Authorizer;
}

/** A variable of a policy: its program, or why it has none. */
export interface NamedExpression {
  readonly name: string;
  readonly program: CelProgram | undefined;
  readonly error: string;
}

/** The values of all variables but `variables` and `params`. */
export function subjectValues(subject: ExpressionSubject): Record<string, unknown> {
  const authorizer = new AuthorizerValue((question) => answer(question, subject));
  const { resource, subresource, namespace, name } = subject.request;
  const requestResource = { group: resource.group, resource: resource.resource, subresource, namespace, name };
  return {
    object: subject.object ?? null,
    oldObject: subject.oldObject ?? null,
    request: subject.review,
    namespaceObject: subject.namespaceObject ?? null,
    authorizer,
    'authorizer.requestResource': new ResourceCheck(authorizer, requestResource),
  };
}

function answer({ verb, path, resource, serviceAccount }: AccessQuestion, { request, authorizer }: ExpressionSubject): AccessAnswer {
  const user = serviceAccount ? serviceAccountUser(serviceAccount) : request.user;
  const { decision, reason } = authorizer.authorize({
    user,
    verb,
    ...(path !== undefined && { path }),
    ...(resource && { resource: { version: '*', ...resource } }),
  });
  return { allowed: decision === 'allow', reason };
}

function serviceAccountUser({ namespace, name }: { namespace: string; name: string }): UserInfo {
  return {
    name: `system:serviceaccount:${namespace}:${name}`,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
  };
}

/** The value of `variables`: each is evaluated when it is first asked for, and its cost counts like that of what asks. */
class LazyVariables extends CelMap {
  readonly typeName = 'kubernetes.variables';
  readonly #expressions: ReadonlyMap<string, NamedExpression>;
  readonly #values = new Map<string, CelValue | CelEvaluationError>();
  readonly #run: (program: CelProgram) => CelValue;

  constructor(expressions: readonly NamedExpression[], run: (program: CelProgram) => CelValue) {
    super();
    this.#expressions = new Map(expressions.map((expression) => [expression.name, expression]));
    this.#run = run;
  }

  get size(): number {
    return this.#expressions.size;
  }

  keys(): Iterable<CelValue> {
    return this.#expressions.keys();
  }

  find(key: CelValue): CelValue | undefined {
    const expression = typeof key === 'string' ? this.#expressions.get(key) : undefined;
    if (!expression) return undefined;
    const known = this.#values.get(expression.name) ?? this.#evaluate(expression);
    this.#values.set(expression.name, known);
    if (known instanceof CelEvaluationError) throw known;
    return known;
  }

  #evaluate({ name, program, error }: NamedExpression): CelValue | CelEvaluationError {
    if (!program) return new CelEvaluationError(`composited variable "${name}" fails to compile: ${error}`);
    try {
      return this.#run(program);
    } catch (cause) {
      if (!(cause instanceof CelEvaluationError)) throw cause;
      return new CelEvaluationError(`composited variable "${name}" fails to evaluate: ${cause.message}`, cause.code);
    }
  }
}

/** The values with `variables` and `params` for one run; all that is evaluated counts against the budget. */
export function runValues(
  values: Readonly<Record<string, unknown>>,
  run: { readonly variables: readonly NamedExpression[]; readonly params: KubeObject | undefined; readonly budget: CelBudget },
): Record<string, unknown> {
  const all: Record<string, unknown> = { ...values, params: run.params ?? null };
  all['variables'] = new LazyVariables(run.variables, (program) => program.evaluate(all, run.budget));
  return all;
}

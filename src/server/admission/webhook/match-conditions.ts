// The match conditions of webhooks: expressions that all must hold before a webhook is asked. CEL is loaded with the first of them.
// Rules: "Dynamic Admission Control", matching requests: matchConditions.

import type { PolicyCompiler } from '../../../api/cel/policy-compiler.ts';
import type { MatchCondition } from '../../../api/types/admissionregistration-v1.gen.ts';
import { reviewRequest } from '../admission-review.ts';
import type { ConditionOwner } from '../condition-metrics.ts';
import type { PolicyExpression } from '../policy/policy-expression.ts';
import { refusal } from '../refusal.ts';
import type { AnyWebhook, Question, WebhookDeps } from './webhook-call.ts';

/** Loads what evaluates conditions. */
async function loadEngine() {
  const [frame, types, compiler, expressions, values] = await Promise.all([
    import('../../../api/cel/frame.ts'),
    import('../../../api/cel/cel-type.ts'),
    import('../../../api/cel/policy-compiler.ts'),
    import('../policy/policy-expression.ts'),
    import('../policy/expression-values.ts'),
  ]);
  return { ...frame, ...types, ...compiler, ...expressions, ...values };
}

type Engine = Awaited<ReturnType<typeof loadEngine>>;

/** What evaluating them needs. */
export type MatchConditionDeps = Pick<WebhookDeps, 'authorizer' | 'metrics'>;

/** Evaluates match conditions. Each list is compiled once. */
export class MatchConditions {
  readonly #deps: MatchConditionDeps;
  readonly #compiled = new WeakMap<readonly MatchCondition[], readonly PolicyExpression[]>();
  #engine: Engine | undefined;
  #compiler: PolicyCompiler | undefined;

  constructor(deps: MatchConditionDeps) {
    this.#deps = deps;
  }

  /** Whether the webhook is to be asked. @throws StatusError Forbidden when that cannot be told and its failure policy is to refuse */
  async hold({ name, matchConditions = [], failurePolicy }: AnyWebhook, question: Question): Promise<boolean> {
    if (matchConditions.length === 0) return true;
    this.#engine ??= await loadEngine();
    const { operation } = question.request;
    const owner: ConditionOwner = { name, kind: 'webhook', type: question.mutating ? 'admit' : 'validating', operation };
    const { conditions } = this.#deps.metrics;
    const seconds = this.#deps.metrics.stopwatch();
    const outcome = this.#evaluate(this.#engine, matchConditions, { question, failed: () => conditions.failed(owner) });
    conditions.observe(owner, seconds());
    if (outcome === 'matches') return true;
    if (outcome === 'no match' || failurePolicy === 'Ignore') {
      conditions.excluded(owner);
      return false;
    }
    throw refusal(question.request, outcome.error || name);
  }

  #evaluate(engine: Engine, conditions: readonly MatchCondition[], way: { question: Question; failed: () => void }) {
    const { request, form, object, oldObject } = way.question;
    const review = reviewRequest(request, form, '');
    const subject = { request, review, object, oldObject, namespaceObject: undefined, authorizer: this.#deps.authorizer };
    const budget = new engine.CelBudget(engine.MATCH_COST_LIMIT);
    return engine.evaluateConditions(this.#compile(engine, conditions), engine.subjectValues(subject), { budget, failed: way.failed });
  }

  #compile(engine: Engine, conditions: readonly MatchCondition[]): readonly PolicyExpression[] {
    const known = this.#compiled.get(conditions);
    if (known) return known;
    this.#compiler ??= new engine.PolicyCompiler({ params: false });
    const compiler = this.#compiler;
    const made = conditions.map(({ expression }) =>
      engine.policyExpression(expression, () => compiler.compile(expression, { results: [engine.BOOL] })),
    );
    this.#compiled.set(conditions, made);
    return made;
  }
}

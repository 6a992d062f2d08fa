// MutatingAdmissionWebhook: asks webhooks one after the other and applies their patches. When an object has changed since, those that
// want it are asked once more in a second round. Rules: "Dynamic Admission Control", reinvocation policy.

import { deepCopy, deepEqual } from '../../../api/copy.ts';
import type { KubeObject } from '../../../api/object.ts';
import { applyJsonPatch } from '../../../api/patch/json-patch.ts';
import { internalError, StatusError } from '../../../api/status-error.ts';
import type { MutatingWebhook } from '../../../api/types/admissionregistration-v1.gen.ts';
import { messageOf } from '../../../base/errors.ts';
import { MUTATING_WEBHOOK_CONFIGURATIONS } from '../../../client/resources.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../admission.ts';
import type { ReviewAnswer } from '../admission-review.ts';
import { isExempt, matchRequest } from '../resource-match.ts';
import { MatchConditions } from './match-conditions.ts';
import { Reinvocation } from './reinvocation.ts';
import { askWebhook, type CallDeps, type Question, questionOf, underPolicy, type WebhookDeps, WebhookFault } from './webhook-call.ts';
import { type CompiledWebhook, WebhookSet } from './webhook-set.ts';

const MUTATION_KEY = 'mutation.webhook.admission.k8s.io/';
const PATCH_KEY = 'patch.webhook.admission.k8s.io/';

/** The plugin. */
export function mutatingWebhooks(deps: WebhookDeps): AdmissionPlugin {
  const set = new WebhookSet<MutatingWebhook>(MUTATING_WEBHOOK_CONFIGURATIONS, deps.reader);
  const conditions = new MatchConditions(deps);
  // What a request has been through between its rounds; gone with the request.
  const rounds = new WeakMap<AdmissionRequest, Reinvocation>();
  return {
    name: 'MutatingAdmissionWebhook',
    async admit(request) {
      if (isExempt(request)) return;
      const hooks = set.list();
      if (hooks.length === 0) return;
      const state = rounds.get(request) ?? new Reinvocation();
      rounds.set(request, state);
      state.begin(request);
      for (const [index, hook] of hooks.entries()) {
        const form = matchRequest(hook.match, request, deps.reader);
        if (!form || !state.shouldCall(request, hook.id)) continue;
        const question = await questionOf(request, form, true);
        if (!(await conditions.hold(hook.webhook, question))) continue;
        const changed = await new MutatingCall(hook, { question, index }, deps).run();
        if (changed) state.changed(request);
        if (hook.webhook.reinvocationPolicy === 'IfNeeded') state.called(hook.id);
      }
      state.end(request);
    },
  };
}

/** One webhook's turn at a request. */
class MutatingCall {
  readonly #hook: CompiledWebhook<MutatingWebhook>;
  readonly #question: Question;
  readonly #request: AdmissionRequest;
  readonly #place: string;
  readonly #deps: CallDeps;

  constructor(hook: CompiledWebhook<MutatingWebhook>, turn: { readonly question: Question; readonly index: number }, deps: CallDeps) {
    this.#hook = hook;
    this.#question = turn.question;
    this.#request = turn.question.request;
    this.#place = `round_${this.#request.round}_index_${turn.index}`;
    this.#deps = deps;
  }

  /** Asks and patches. True when the object is another one now. @throws StatusError */
  async run(): Promise<boolean> {
    const turn = { request: this.#request, type: 'admit', openKey: `failed-open.${MUTATION_KEY}${this.#place}` } as const;
    const way = { deps: this.#deps, run: () => this.#mutate() };
    let changed = false;
    try {
      changed = (await underPolicy(this.#hook, turn, way)) ?? false;
    } finally {
      this.#annotate(MUTATION_KEY, { mutated: changed });
    }
    return changed;
  }

  async #mutate(): Promise<boolean> {
    const request = this.#request;
    const { object } = this.#question;
    const patch = this.#patchOf(await askWebhook(this.#hook, this.#question, this.#deps.client));
    if (patch.length === 0) return false;
    const { name } = this.#hook.webhook;
    if (!object) {
      const what = `admission webhook ${JSON.stringify(name)} attempted to modify the object, which is not supported for this operation`;
      throw internalError(what);
    }
    const before = deepCopy(object); // Drafts may hold properties that are undefined; a patch must not meet them.
    const after = applied(before, patch);
    this.#annotate(PATCH_KEY, { patch, patchType: 'JSONPatch' });
    const read = this.#read(after);
    request.object = await request.forms.convert(read, request.kind);
    return !deepEqual(before, after);
  }

  #patchOf({ patch, patchType }: ReviewAnswer): readonly unknown[] {
    const { name } = this.#hook.webhook;
    if (patch === '') return [];
    const operations = parsePatch(patch);
    if (typeof operations === 'string') throw new WebhookFault(name, `received undecodable patch in webhook response: ${operations}`);
    if (operations.length > 0 && patchType !== 'JSONPatch')
      throw new WebhookFault(name, `unsupported patch type ${JSON.stringify(patchType)}`);
    return operations;
  }

  /** The patched object, by the rules that a client's object is read by. */
  #read(patched: unknown): KubeObject {
    try {
      return this.#request.forms.read(patched, this.#question.form.kind);
    } catch (error) {
      throw internalError(messageOf(error));
    }
  }

  #annotate(prefix: string, said: object): void {
    const { configuration, webhook } = this.#hook;
    this.#request.annotate(prefix + this.#place, JSON.stringify({ configuration, webhook: webhook.name, ...said }));
  }
}

function parsePatch(text: string): readonly unknown[] | string {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : 'json: cannot unmarshal into Go value of type jsonpatch.Patch';
  } catch (error) {
    return messageOf(error);
  }
}

function applied(object: KubeObject, patch: readonly unknown[]): unknown {
  try {
    return applyJsonPatch(object, patch);
  } catch (error) {
    throw error instanceof StatusError ? internalError(error.message) : error;
  }
}

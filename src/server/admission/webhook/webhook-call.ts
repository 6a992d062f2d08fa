// One call of an admission webhook: what it is asked, what its answer means, and what a failure of the call means by its policy.

import { randomUUID } from 'node:crypto';
import type { KubeObject } from '../../../api/object.ts';
import { badRequest, internalError, StatusError } from '../../../api/status-error.ts';
import type { MutatingWebhook, ValidatingWebhook } from '../../../api/types/admissionregistration-v1.gen.ts';
import { hasCode, KtsError, messageOf } from '../../../base/errors.ts';
import type { Logger } from '../../../base/log.ts';
import type { Authorizer } from '../../auth/auth.ts';
import type { WebhookClient } from '../../extensions/webhook-client.ts';
import type { AdmissionRequest, ResourceForm } from '../admission.ts';
import type { AdmissionMetrics } from '../admission-metrics.ts';
import type { AdmissionReader } from '../admission-reader.ts';
import {
  admissionReview,
  denial,
  REVIEW_VERSIONS,
  type ReviewAnswer,
  readReview,
  reviewRequest,
  WebhookDenial,
} from '../admission-review.ts';
import type { WebhookOutcome } from './webhook-metrics.ts';
import type { CompiledWebhook } from './webhook-set.ts';

/** A webhook of either sort. */
export type AnyWebhook = MutatingWebhook | ValidatingWebhook;

/** What calls need. */
export interface CallDeps {
  readonly client: Pick<WebhookClient, 'post'>;
  readonly metrics: AdmissionMetrics;
  readonly log: Logger;
}

/** What the plugins need. */
export interface WebhookDeps extends CallDeps {
  readonly reader: AdmissionReader;
  /** Answers what match conditions ask the authorizer. */
  readonly authorizer: Authorizer;
}

/** What a webhook is asked about. */
export interface Question {
  readonly request: AdmissionRequest;
  /** The form under which the request matched. */
  readonly form: ResourceForm;
  /** The objects in that form. */
  readonly object: KubeObject | undefined;
  readonly oldObject: KubeObject | undefined;
  /** Whether a patch may come back. */
  readonly mutating: boolean;
}

/** The question that a request is under one of its forms. */
export async function questionOf(request: AdmissionRequest, form: ResourceForm, mutating: boolean): Promise<Question> {
  const converted = async (object: KubeObject | undefined) => object && (await request.forms.convert(object, form.kind));
  return { request, form, mutating, object: await converted(request.object), oldObject: await converted(request.oldObject) };
}

/** A call that brought no answer that can be used: the webhook's failure policy decides. */
export class WebhookFault extends KtsError<'webhook-fault'> {
  constructor(name: string, why: string, cause?: unknown) {
    super('webhook-fault', `failed calling webhook ${JSON.stringify(name)}: ${why}`, { cause });
  }
}

/** Upstream's default, seconds. */
const DEFAULT_TIMEOUT = 10;

/**
 * Asks a webhook. What it warns of and annotates is passed on.
 * @throws WebhookFault, StatusError when it denies the request or cannot be asked in a dry run
 */
export async function askWebhook(
  { webhook }: CompiledWebhook<AnyWebhook>,
  question: Question,
  client: CallDeps['client'],
): Promise<ReviewAnswer> {
  const { request, form, mutating } = question;
  const { name } = webhook;
  checkDryRun(request, webhook);
  const version = webhook.admissionReviewVersions.map((wish) => REVIEW_VERSIONS.find((known) => known === wish)).find(Boolean);
  if (!version) {
    const why = `webhook does not accept known AdmissionReview versions (${REVIEW_VERSIONS.join(', ')})`;
    throw new WebhookFault(name, `could not create admission objects: ${why}`);
  }
  const uid = randomUUID();
  const body = admissionReview(version, reviewRequest(request, form, uid), question);
  const answer = readReview(await post(webhook, body, { request, client }), { version, uid, mutating });
  if (typeof answer === 'string') throw new WebhookFault(name, `received invalid webhook response: ${answer}`);
  for (const [key, value] of Object.entries(answer.auditAnnotations)) request.annotate(`${name}/${key}`, value);
  for (const warning of answer.warnings) request.warn(warning);
  if (!answer.allowed) throw denial(name, answer.status);
  return answer;
}

function checkDryRun({ dryRun }: AdmissionRequest, { name, sideEffects }: AnyWebhook): void {
  if (!dryRun) return;
  if (sideEffects === undefined) throw new WebhookFault(name, 'Webhook SideEffects is nil');
  if (sideEffects === 'None' || sideEffects === 'NoneOnDryRun') return;
  throw badRequest(`admission webhook ${JSON.stringify(name)} does not support dry run`);
}

async function post(
  { name, clientConfig, timeoutSeconds = DEFAULT_TIMEOUT }: AnyWebhook,
  body: object,
  way: { request: AdmissionRequest; client: CallDeps['client'] },
): Promise<unknown> {
  const { signal } = way.request;
  try {
    return await way.client.post(clientConfig, { body, timeoutMs: timeoutSeconds * 1000, ...(signal && { signal }) });
  } catch (error) {
    const what = hasCode(error, 'configuration') ? 'could not get REST client' : 'failed to call webhook';
    throw new WebhookFault(name, `${what}: ${messageOf(error)}`, error);
  }
}

/** One call under the failure policy of its webhook. */
export interface Turn {
  readonly request: AdmissionRequest;
  readonly type: WebhookOutcome['type'];
  /** The audit annotation that says that a fault was passed over. */
  readonly openKey: string;
}

/**
 * Runs a call under the webhook's failure policy: a fault is logged and passed over, or ends the request. Every call is counted.
 * Returns undefined when it was passed over. @throws StatusError
 */
export async function underPolicy<T>(
  hook: CompiledWebhook<AnyWebhook>,
  turn: Turn,
  way: { deps: CallDeps; run: () => Promise<T> },
): Promise<T | undefined> {
  const { deps, run } = way;
  const { webhook, configuration } = hook;
  const { request, type } = turn;
  const seconds = deps.metrics.stopwatch();
  const observe = (end: Pick<WebhookOutcome, 'code' | 'rejection' | 'failedOpen'>): void => {
    deps.metrics.webhooks.observe({ name: webhook.name, type, operation: request.operation, seconds: seconds(), ...end });
  };
  try {
    const result = await run();
    observe({ code: 200, rejection: undefined, failedOpen: false });
    return result;
  } catch (error) {
    const failedOpen = error instanceof WebhookFault && webhook.failurePolicy === 'Ignore';
    observe({ code: codeOf(error), rejection: failedOpen ? undefined : rejectionOf(error), failedOpen });
    if (!(error instanceof WebhookFault)) throw error;
    if (!failedOpen) throw internalError(error.message);
    deps.log.warn('admission webhook failed and is passed over', { configuration, webhook: webhook.name, error });
    request.annotate(turn.openKey, webhook.name);
    checkWaiting(request);
    return undefined;
  }
}

function rejectionOf(error: unknown): WebhookOutcome['rejection'] {
  if (error instanceof WebhookFault) return 'calling_webhook_error';
  return error instanceof WebhookDenial ? 'no_error' : 'apiserver_internal_error';
}

function codeOf(error: unknown): number {
  if (error instanceof WebhookFault) return error.cause instanceof StatusError ? error.cause.code : 503;
  return error instanceof WebhookDenial ? error.code : 0;
}

/** Nobody is asked on behalf of a client that has gone. @throws StatusError Timeout */
export function checkWaiting({ signal }: AdmissionRequest): void {
  if (!signal?.aborted) return;
  throw new StatusError(504, 'Timeout', 'Timeout: request did not complete within requested timeout', { retryAfterSeconds: 0 });
}

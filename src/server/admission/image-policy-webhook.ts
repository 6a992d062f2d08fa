// ImagePolicyWebhook (not on by default): asks a service outside whether the images of a pod may run, and remembers its answers for a while.
// Rules: "Admission Control in Kubernetes", ImagePolicyWebhook; reviews are imagepolicy.k8s.io/v1alpha1; texts are upstream's.

import { isObject } from '../../api/copy.ts';
import { hasReason } from '../../api/status-error.ts';
import type { Pod } from '../../api/types/core-v1.gen.ts';
import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import { LruMap } from '../../base/lru-map.ts';
import type { WebhookClient, WebhookTarget } from '../extensions/webhook-client.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';
import { refusal } from './refusal.ts';

const REVIEW = { kind: 'ImageReview', apiVersion: 'imagepolicy.k8s.io/v1alpha1' };
const AUDIT_PREFIX = 'imagepolicywebhook.image-policy.k8s.io/';
/** Annotations of a pod with this in their names are shown to the service. */
const SHOWN = '.image-policy.k8s.io/';
/** Answers that are remembered: upstream's number. */
const MAX_ANSWERS = 1_024;
/** Upstream's time for one call. */
const TIMEOUT_MS = 30_000;
/** Upstream's way to try again: so often, each time after so much longer. */
const ATTEMPTS = 5;
const BACKOFF_FACTOR = 1.5;

/** The plugin's configuration. Times in milliseconds. */
export interface ImagePolicy {
  readonly target: WebhookTarget;
  /** How long a permission is remembered; 0 = not at all. */
  readonly allowTtlMs: number;
  /** How long a refusal is. */
  readonly denyTtlMs: number;
  /** Before the second attempt. */
  readonly retryBackoffMs: number;
  /** Whether pods may run when the service cannot be asked. */
  readonly defaultAllow: boolean;
}

/** What the plugin needs. */
export interface ImagePolicyDeps {
  readonly client: Pick<WebhookClient, 'post'>;
  readonly clock: Pick<Clock, 'monotonic' | 'sleep'>;
  readonly log: Logger;
}

interface Answer {
  readonly allowed: boolean;
  readonly reason: string;
  readonly annotations: Readonly<Record<string, unknown>>;
}

/** The plugin. `policy` is there whenever it runs. */
export function imagePolicyWebhook(policy: ImagePolicy | undefined, deps: ImagePolicyDeps): AdmissionPlugin {
  const asker = policy && new ImagePolicyAsker(policy, deps);
  return { name: 'ImagePolicyWebhook', validate: (request) => (asker && concerns(request) ? asker.validate(request) : undefined) };
}

function concerns({ operation, resource, subresource }: AdmissionRequest): boolean {
  if (resource.group !== '' || resource.resource !== 'pods') return false;
  return (operation === 'CREATE' || operation === 'UPDATE') && (subresource === '' || subresource === 'ephemeralcontainers');
}

class ImagePolicyAsker {
  readonly #policy: ImagePolicy;
  readonly #deps: ImagePolicyDeps;
  readonly #answers = new LruMap<string, { readonly answer: Answer; readonly until: number }>(MAX_ANSWERS);

  constructor(policy: ImagePolicy, deps: ImagePolicyDeps) {
    this.#policy = policy;
    this.#deps = deps;
  }

  async validate(request: AdmissionRequest): Promise<void> {
    const spec = reviewSpec(request);
    const answer = this.#remembered(spec) ?? (await this.#ask(request, spec));
    if (!answer) return;
    for (const [key, value] of Object.entries(answer.annotations)) request.annotate(AUDIT_PREFIX + key, String(value));
    if (answer.allowed) return;
    const why = answer.reason === '' ? '' : `image policy webhook backend denied one or more images: ${answer.reason}`;
    throw refusal(request, why || 'one or more images rejected by webhook backend');
  }

  #remembered(spec: object): Answer | undefined {
    const known = this.#answers.get(JSON.stringify(spec));
    return known && this.#deps.clock.monotonic() < known.until ? known.answer : undefined;
  }

  /** The answer; undefined when there is none and pods may run nevertheless. @throws StatusError Forbidden when they may not */
  async #ask(request: AdmissionRequest, spec: object): Promise<Answer | undefined> {
    const { allowTtlMs, denyTtlMs, defaultAllow } = this.#policy;
    try {
      const answer = readAnswer(await this.#post({ ...REVIEW, spec }, request.signal));
      const until = this.#deps.clock.monotonic() + (answer.allowed ? allowTtlMs : denyTtlMs);
      this.#answers.set(JSON.stringify(spec), { answer, until });
      return answer;
    } catch (error) {
      if (!defaultAllow) throw refusal(request, messageOf(error));
      this.#deps.log.warn('image policy could not be asked and is passed over', { error });
      request.annotate(`${AUDIT_PREFIX}failed-open`, 'true');
      return undefined;
    }
  }

  async #post(body: object, signal: AbortSignal | undefined): Promise<unknown> {
    let wait = this.#policy.retryBackoffMs;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#deps.client.post(this.#policy.target, { body, timeoutMs: TIMEOUT_MS, ...(signal && { signal }) });
      } catch (error) {
        if (attempt === ATTEMPTS || !hasReason(error, 'InternalError', 'Timeout', 'ServerTimeout', 'TooManyRequests')) throw error;
      }
      await this.#deps.clock.sleep(wait, signal);
      wait *= BACKOFF_FACTOR;
    }
  }
}

/** What of the pod is shown. */
function reviewSpec({ object, subresource, namespace }: AdmissionRequest): object {
  const { metadata, spec } = object as Pod; // The resource says so.
  const containers = subresource === '' ? [...spec.containers, ...(spec.initContainers ?? [])] : (spec.ephemeralContainers ?? []);
  const annotations = Object.fromEntries(Object.entries(metadata.annotations ?? {}).filter(([key]) => key.includes(SHOWN)));
  return {
    containers: containers.map(({ image = '' }) => ({ image })),
    ...(Object.keys(annotations).length > 0 && { annotations }),
    namespace,
  };
}

/** What is not said is not allowed. */
function readAnswer(review: unknown): Answer {
  const { status } = isObject(review) ? review : {};
  const { allowed, reason, auditAnnotations } = isObject(status) ? status : {};
  return {
    allowed: allowed === true,
    reason: typeof reason === 'string' ? reason : '',
    annotations: isObject(auditAnnotations) ? auditAnnotations : {},
  };
}

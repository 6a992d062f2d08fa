// Conversion by webhook: ConversionReview requests, and what of an answer is believed. Rules: "Webhook conversion"; texts as upstream's.

import { randomUUID } from 'node:crypto';
import { isObject } from '../../api/copy.ts';
import type { KubeObject } from '../../api/object.ts';
import { StatusError } from '../../api/status-error.ts';
import type { WebhookConversion } from '../../api/types/apiextensions-v1.gen.ts';
import { messageOf } from '../../base/errors.ts';
import type { ConvertObjects } from './custom-conversion.ts';
import type { WebhookClient, WebhookTarget } from './webhook-client.ts';

/** Upstream's time for one conversion. */
const TIMEOUT_MS = 30_000;
/** Objects of one request: enough for pages of lists, few enough for one answer. */
const MAX_OBJECTS = 500;

const REVIEW_VERSIONS = ['v1', 'v1beta1'];

/** A converter of a kind by its webhook. */
export function webhookConverter(kind: string, webhook: WebhookConversion, client: Pick<WebhookClient, 'post'>): ConvertObjects {
  return async (objects, apiVersion) => {
    const out: KubeObject[] = [];
    for (let i = 0; i < objects.length; i += MAX_OBJECTS) {
      out.push(...(await convertPage({ kind, webhook, client }, objects.slice(i, i + MAX_OBJECTS), apiVersion)));
    }
    return out;
  };
}

interface Way {
  readonly kind: string;
  readonly webhook: WebhookConversion;
  readonly client: Pick<WebhookClient, 'post'>;
}

async function convertPage(way: Way, objects: readonly KubeObject[], apiVersion: string): Promise<KubeObject[]> {
  const subject = `conversion webhook for ${objects[0]?.apiVersion ?? ''}, Kind=${way.kind}`;
  const version = way.webhook.conversionReviewVersions.find((name) => REVIEW_VERSIONS.includes(name)) ?? 'v1';
  const review = `apiextensions.k8s.io/${version}`;
  const uid = randomUUID();
  const body = { kind: 'ConversionReview', apiVersion: review, request: { uid, desiredAPIVersion: apiVersion, objects } };
  const answer = await asked(way, body, subject);
  const converted = convertedObjects(answer, { review, uid, strict: version === 'v1' }, subject);
  if (converted.length !== objects.length) {
    throw failure(`${subject} returned ${converted.length} objects, expected ${objects.length}`);
  }
  return objects.map((object, i) =>
    checked(converted[i], object, { apiVersion, subject: `${subject} returned invalid converted object at index ${i}` }),
  );
}

const failure = (message: string): StatusError => new StatusError(500, '', message);

async function asked({ webhook, client }: Way, body: object, subject: string): Promise<unknown> {
  try {
    return await client.post(targetOf(webhook), { body, timeoutMs: TIMEOUT_MS });
  } catch (error) {
    throw failure(`${subject} failed: ${messageOf(error)}`);
  }
}

/** Nothing but white space was once a placeholder: it stands for no bundle at all. */
function targetOf({ clientConfig = {} }: WebhookConversion): WebhookTarget {
  const { caBundle, ...target } = clientConfig;
  return caBundle && Buffer.from(caBundle, 'base64').toString('latin1').trim() !== '' ? { ...target, caBundle } : target;
}

function convertedObjects(
  answer: unknown,
  expected: { review: string; uid: string; strict: boolean },
  subject: string,
): readonly unknown[] {
  const { kind, apiVersion, response } = isObject(answer) ? answer : {};
  if (kind !== 'ConversionReview' || apiVersion !== expected.review) {
    const got = `${String(apiVersion ?? '')}, Kind=${String(kind ?? '')}`;
    throw failure(`${subject} failed: expected webhook response of ${expected.review}, Kind=ConversionReview, got ${got}`);
  }
  if (!isObject(response)) throw failure(`${subject} failed: no response provided`);
  if (expected.strict && response['uid'] !== expected.uid) {
    throw failure(`${subject} failed: expected response.uid=${JSON.stringify(expected.uid)}, got ${JSON.stringify(response['uid'] ?? '')}`);
  }
  const { status, message, reason } = isObject(response['result']) ? response['result'] : {};
  if (status !== 'Success')
    throw failure(`${subject} failed: ${String(message || reason || `unexpected status ${JSON.stringify(status ?? '')}`)}`);
  const { convertedObjects: objects } = response;
  return Array.isArray(objects) ? objects : [];
}

/** The converted object with the metadata that a webhook may not change. */
function checked(converted: unknown, original: KubeObject, way: { apiVersion: string; subject: string }): KubeObject {
  if (!isObject(converted)) throw failure(`${way.subject}: object has no kind`);
  const { apiVersion, kind, metadata } = converted;
  if (apiVersion !== way.apiVersion)
    throw failure(`${way.subject}: invalid groupVersion (expected ${way.apiVersion}, received ${String(apiVersion)})`);
  if (kind !== original.kind) throw failure(`${way.subject}: invalid kind (expected ${original.kind ?? ''}, received ${String(kind)})`);
  if (!isObject(metadata)) throw failure(`${way.subject}: missing metadata in converted object`);
  for (const name of ['name', 'namespace', 'uid'] as const) {
    if ((metadata[name] ?? '') !== (original.metadata[name] ?? '')) {
      throw failure(
        `${way.subject}: must have the same ${name === 'uid' ? 'UID' : name}: ${String(metadata[name] ?? '')} != ${original.metadata[name] ?? ''}`,
      );
    }
  }
  const { labels: _l, annotations: _a, ...kept } = original.metadata;
  const { labels, annotations } = metadata;
  const free = { ...textMap('labels', labels, way.subject), ...textMap('annotations', annotations, way.subject) };
  return { ...converted, metadata: { ...kept, ...free } };
}

function textMap(name: 'labels' | 'annotations', value: unknown, subject: string): object {
  if (value === undefined || value === null) return {};
  const isTexts = isObject(value) && Object.values(value).every((item) => typeof item === 'string');
  if (!isTexts) throw failure(`${subject}: invalid metadata: ${name} is not a map of strings`);
  return Object.keys(value).length > 0 ? { [name]: value } : {};
}

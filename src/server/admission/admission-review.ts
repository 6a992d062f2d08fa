// What admission shows of a request, and what it takes for an answer: the AdmissionReview that webhooks exchange, whose request policies
// see as `request`. Pure. https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#request

import { isObject } from '../../api/copy.ts';
import type { KubeObject } from '../../api/object.ts';
import { StatusError } from '../../api/status-error.ts';
import type * as admission from '../../api/types/admission-v1.gen.ts';
import type { Status } from '../../api/types/meta-v1.gen.ts';
import type { AdmissionRequest, ResourceForm } from './admission.ts';
import { requestNamespace } from './resource-match.ts';

/** Versions of AdmissionReview that are spoken, the preferred one first. */
export const REVIEW_VERSIONS = ['v1', 'v1beta1'] as const;

/** One of them. */
export type ReviewVersion = (typeof REVIEW_VERSIONS)[number];

/** The request under one of its forms, without the objects. `uid` names this one call. */
export function reviewRequest(request: AdmissionRequest, form: ResourceForm, uid: string): admission.AdmissionRequest {
  const { subresource, name, user } = request;
  const namespace = requestNamespace(request);
  return {
    uid,
    kind: { ...form.kind },
    resource: { ...form.resource },
    ...(subresource !== '' && { subResource: subresource }),
    requestKind: { ...request.kind },
    requestResource: { ...request.resource },
    ...(subresource !== '' && { requestSubResource: subresource }),
    ...(name !== '' && { name }),
    ...(namespace !== '' && { namespace }),
    operation: request.operation,
    userInfo: {
      username: user.name,
      ...(user.uid !== undefined && { uid: user.uid }),
      groups: [...user.groups],
      ...(user.extra && { extra: Object.fromEntries(Object.entries(user.extra).map(([key, values]) => [key, [...values]])) }),
    },
    dryRun: request.dryRun,
    ...operationOptions(request),
  };
}

/** The options object of the operation; a CONNECT has none. */
function operationOptions({ operation, options, deleteOptions }: AdmissionRequest): Pick<admission.AdmissionRequest, 'options'> {
  const { dryRun, fieldManager, fieldValidation } = options;
  const apiVersion = 'meta.k8s.io/v1';
  if (operation === 'CONNECT') return {};
  if (operation === 'DELETE') return { options: { ...deleteOptions, kind: 'DeleteOptions', apiVersion } };
  const kind = operation === 'CREATE' ? 'CreateOptions' : 'UpdateOptions';
  const said = { ...(dryRun?.length && { dryRun }), ...(fieldManager && { fieldManager }), ...(fieldValidation && { fieldValidation }) };
  return { options: { kind, apiVersion, ...said } };
}

/** The review that is sent. Objects that are absent are null. */
export function admissionReview(
  version: ReviewVersion,
  request: admission.AdmissionRequest,
  objects: { readonly object: KubeObject | undefined; readonly oldObject: KubeObject | undefined },
): object {
  const { options, ...rest } = request;
  const { object = null, oldObject = null } = objects;
  return {
    kind: 'AdmissionReview',
    apiVersion: `admission.k8s.io/${version}`,
    request: { ...rest, object, oldObject, options: options ?? null },
  };
}

/** What a webhook answered. */
export interface ReviewAnswer {
  readonly allowed: boolean;
  readonly status: Status | undefined;
  /** JSON text of a JSON patch; `''` = none. */
  readonly patch: string;
  readonly patchType: string;
  readonly auditAnnotations: Readonly<Record<string, string>>;
  readonly warnings: readonly string[];
}

/** What of an answer is expected. */
export interface Expected {
  readonly version: ReviewVersion;
  readonly uid: string;
  /** May the answer carry a patch? */
  readonly mutating: boolean;
}

/** Reads the review that came back. Returns the reason for which it is refused as text. */
export function readReview(review: unknown, expected: Expected): ReviewAnswer | string {
  const { kind = '', apiVersion = '', response } = isObject(review) ? review : {};
  const gvk = `${apiVersion}, Kind=${kind}`;
  const wanted = `admission.k8s.io/${expected.version}, Kind=AdmissionReview`;
  if (!isObject(response)) return gvk === wanted ? 'webhook response was absent' : `expected webhook response of ${wanted}, got ${gvk}`;
  // JSON from outside: what is used of it is checked below, the rest is left alone.
  const said = response as admission.AdmissionResponse;
  if (expected.version === 'v1' && said.uid !== expected.uid) {
    return `expected response.uid=${JSON.stringify(expected.uid)}, got ${JSON.stringify(said.uid ?? '')}`;
  }
  if (gvk !== wanted) return `expected webhook response of ${wanted}, got ${gvk}`;
  const fault = patchFault(said, expected);
  if (fault !== undefined) return fault;
  return {
    allowed: said.allowed === true,
    status: isObject(said.status) ? (said.status as Status) : undefined,
    patch: Buffer.from(said.patch ?? '', 'base64').toString('utf8'),
    patchType: said.patchType ?? (said.patch ? 'JSONPatch' : ''),
    auditAnnotations: isObject(said.auditAnnotations) ? said.auditAnnotations : {},
    warnings: Array.isArray(said.warnings) ? said.warnings.map(String) : [],
  };
}

function patchFault({ patch, patchType }: admission.AdmissionResponse, { mutating, version }: Expected): string | undefined {
  const patched = patch !== undefined && patch !== null && patch !== '';
  const typed = patchType !== undefined && patchType !== null;
  if (patched && typeof patch !== 'string') return 'json: cannot unmarshal response.patch into Go value of type []uint8';
  if (!mutating) {
    if (patched && version === 'v1') return 'validating webhook may not return response.patch';
    return typed && version === 'v1' ? 'validating webhook may not return response.patchType' : undefined;
  }
  if (version === 'v1beta1') return undefined;
  if (patched && !typed) return 'webhook returned response.patch but not response.patchType';
  if (!patched && typed) return 'webhook returned response.patchType but not response.patch';
  return patchType === '' ? 'webhook returned invalid response.patchType of ""' : undefined;
}

/** A webhook said no. */
export class WebhookDenial extends StatusError {}

/** The refusal that clients get when the webhook of that name says no. */
export function denial(name: string, status: Status | undefined): WebhookDenial {
  const { message, reason = '', code = 0 } = status ?? {};
  const why = message ? `: ${message}` : reason ? `: ${reason}` : ' without explanation';
  const denied = `admission webhook ${JSON.stringify(name)} denied the request${why}`;
  // A refusal never looks like a success.
  return new WebhookDenial(Math.max(code, 400), reason, denied, status?.details);
}

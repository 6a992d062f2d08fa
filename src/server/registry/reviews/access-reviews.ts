// The SubjectAccessReview family and SelfSubjectRulesReview: what somebody may do, asked of the authorizer that also guards requests.

import type { KubeObject } from '../../../api/object.ts';
import { badRequest, type FieldError, invalid } from '../../../api/status-error.ts';
import type * as authorization from '../../../api/types/authorization-v1.gen.ts';
import type { PolicyRule } from '../../../api/types/rbac-v1.gen.ts';
import type { UserInfo } from '../../../client/api-backend.ts';
import type { AccessAttributes, Authorizer } from '../../auth/auth.ts';
import type { VirtualResource } from '../virtual-resource.ts';

/** What these reviews need. */
export interface AccessDeps {
  readonly authorizer: Authorizer;
  /** The rules of a user in a namespace, for `kubectl auth can-i --list`. */
  readonly rulesFor: (user: UserInfo, namespace: string) => { readonly rules: readonly PolicyRule[]; readonly faults: readonly string[] };
}

interface ReviewSpec {
  readonly resourceAttributes?: authorization.ResourceAttributes;
  readonly nonResourceAttributes?: authorization.NonResourceAttributes;
}

const GROUP = 'authorization.k8s.io';

function required(kind: string, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalid({ group: GROUP, resource: kind }, '', errors);
}

function checkSpec(kind: string, spec: ReviewSpec): void {
  const both = spec.resourceAttributes !== undefined && spec.nonResourceAttributes !== undefined;
  const none = spec.resourceAttributes === undefined && spec.nonResourceAttributes === undefined;
  const detail = 'Invalid value: null: cannot be specified in combination with resourceAttributes';
  required(kind, [
    ...(both ? [{ type: 'FieldValueInvalid', field: 'spec.nonResourceAttributes', detail }] : []),
    ...(none
      ? [
          {
            type: 'FieldValueInvalid',
            field: 'spec.resourceAttributes',
            detail: 'Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified',
          },
        ]
      : []),
  ]);
}

function attributesOf(user: UserInfo, spec: ReviewSpec): AccessAttributes {
  const { resourceAttributes: r, nonResourceAttributes: n } = spec;
  if (!r) return { user, verb: n?.verb ?? '', path: n?.path ?? '' };
  const part = (value: string | undefined): string => value ?? '';
  return {
    user,
    verb: part(r.verb),
    resource: {
      group: part(r.group),
      version: part(r.version),
      resource: part(r.resource),
      subresource: part(r.subresource),
      namespace: part(r.namespace),
      name: part(r.name),
    },
  };
}

function decide(authorizer: Authorizer, attributes: AccessAttributes): authorization.SubjectAccessReviewStatus {
  const { decision, reason } = authorizer.authorize(attributes);
  return { allowed: decision === 'allow', ...(decision === 'deny' && { denied: true }), ...(reason !== '' && { reason }) };
}

function subjectOf(kind: string, spec: authorization.SubjectAccessReviewSpec): UserInfo {
  const { user: name = '', groups = [], uid, extra } = spec;
  if (name === '' && groups.length === 0) {
    required(kind, [
      { type: 'FieldValueInvalid', field: 'spec.user', detail: 'Invalid value: "": at least one of user or group must be specified' },
    ]);
  }
  return { name, groups, ...(uid && { uid }), ...(extra && { extra }) };
}

/** The resources. */
export function accessReviews(deps: AccessDeps): [string, VirtualResource][] {
  const subjectReview = (kind: string): VirtualResource => ({
    create(body, call) {
      const { spec } = body as unknown as authorization.SubjectAccessReview; // decoded as such a review
      const user = subjectOf(kind, spec);
      checkSpec(kind, spec);
      if (kind === 'LocalSubjectAccessReview' && spec.resourceAttributes?.namespace !== call.namespace) {
        throw badRequest(`spec.resourceAttributes.namespace must match namespace: ${call.namespace}`);
      }
      return { ...body, status: decide(deps.authorizer, attributesOf(user, spec)) } as KubeObject;
    },
  });
  return [
    [`subjectaccessreviews.${GROUP}`, subjectReview('SubjectAccessReview')],
    [`localsubjectaccessreviews.${GROUP}`, subjectReview('LocalSubjectAccessReview')],
    [
      `selfsubjectaccessreviews.${GROUP}`,
      {
        create(body, call) {
          const { spec } = body as unknown as authorization.SelfSubjectAccessReview; // decoded as such a review
          checkSpec('SelfSubjectAccessReview', spec ?? {});
          return { ...body, status: decide(deps.authorizer, attributesOf(call.user, spec)) } as KubeObject;
        },
      },
    ],
    [`selfsubjectrulesreviews.${GROUP}`, { create: (body, call) => rulesReview(body, call.user, deps.rulesFor) }],
  ];
}

function rulesReview(body: KubeObject, user: UserInfo, rulesFor: AccessDeps['rulesFor']): KubeObject {
  const { spec } = body as unknown as authorization.SelfSubjectRulesReview; // decoded as such a review
  const namespace = spec?.namespace ?? '';
  if (namespace === '') throw badRequest('no namespace on request');
  const { rules, faults } = rulesFor(user, namespace);
  const resourceRules = rules.filter((rule) => rule.resources?.length).map(({ nonResourceURLs: _, ...rule }) => rule);
  const nonResourceRules = rules
    .filter((rule) => rule.nonResourceURLs?.length)
    .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs }));
  const evaluationError = faults.join(', ');
  const status = { resourceRules, nonResourceRules, incomplete: faults.length > 0, ...(evaluationError !== '' && { evaluationError }) };
  return { ...body, status } as KubeObject;
}

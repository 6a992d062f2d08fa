// The SubjectAccessReview family and SelfSubjectRulesReview: what somebody may do, asked of the authorizer that also guards requests.

import type { KubeObject } from '../../../api/object.ts';
import { badRequest, invalid } from '../../../api/status-error.ts';
import type * as authorization from '../../../api/types/authorization-v1.gen.ts';
import type { PolicyRule } from '../../../api/types/rbac-v1.gen.ts';
import { type AccessReviewKind, validateAccessReview } from '../../../api/validation/authorization.ts';
import type { UserInfo } from '../../../client/api-backend.ts';
import type { AccessAttributes, Authorizer } from '../../auth/auth.ts';
import { checkNamespace } from '../object-identity.ts';
import type { VirtualResource } from '../virtual-resource.ts';
import { type ReviewSelectors, reviewSelectors } from './review-selectors.ts';

/** What these reviews need. */
export interface AccessDeps {
  readonly authorizer: Authorizer;
  /** The rules of a user in a namespace, for `kubectl auth can-i --list`. */
  readonly rulesFor: (user: UserInfo, namespace: string) => { readonly rules: readonly PolicyRule[]; readonly faults: readonly string[] };
}

const GROUP = 'authorization.k8s.io';

type ReviewSpec = Pick<authorization.SubjectAccessReviewSpec, 'resourceAttributes' | 'nonResourceAttributes'>;

/** The answer of the authorizer to what a valid spec asks. */
function decide(authorizer: Authorizer, user: UserInfo, spec: ReviewSpec): authorization.SubjectAccessReviewStatus {
  const { resourceAttributes: resource, nonResourceAttributes: path } = spec;
  const selectors = resource ? reviewSelectors(resource) : { faults: [] };
  const attributes = resource ? resourceAttributes(user, resource, selectors) : { user, verb: path?.verb ?? '', path: path?.path ?? '' };
  const { decision, reason } = authorizer.authorize(attributes);
  const evaluationError = selectors.faults.join('; ');
  return {
    allowed: decision === 'allow',
    ...(decision === 'deny' && { denied: true }),
    ...(reason !== '' && { reason }),
    ...(evaluationError !== '' && { evaluationError }),
  };
}

function resourceAttributes(user: UserInfo, asked: authorization.ResourceAttributes, selectors: ReviewSelectors): AccessAttributes {
  const { verb = '', group = '', version = '', resource = '', subresource = '', namespace = '', name = '' } = asked;
  const { faults: _, ...selects } = selectors;
  // Without a version every version is meant.
  return { user, verb, resource: { group, version: version || '*', resource, subresource, namespace, name, ...selects } };
}

function subjectOf({ user: name = '', groups = [], uid, extra }: authorization.SubjectAccessReviewSpec): UserInfo {
  return { name, groups, ...(uid && { uid }), ...(extra && { extra }) };
}

/** @throws StatusError Invalid */
function demandValid(kind: AccessReviewKind, body: KubeObject): void {
  const errors = validateAccessReview(kind, body);
  if (errors.length > 0) throw invalid({ group: GROUP, resource: kind }, '', errors);
}

/** The resources. */
export function accessReviews(deps: AccessDeps): [string, VirtualResource][] {
  const subjectReview = (kind: AccessReviewKind): VirtualResource => ({
    create(body, call) {
      if (kind === 'LocalSubjectAccessReview') checkNamespace(body, call.namespace);
      demandValid(kind, body);
      const { spec } = body as unknown as authorization.SubjectAccessReview; // decoded as such a review
      return { ...body, status: decide(deps.authorizer, subjectOf(spec), spec) } as KubeObject;
    },
  });
  return [
    [`subjectaccessreviews.${GROUP}`, subjectReview('SubjectAccessReview')],
    [`localsubjectaccessreviews.${GROUP}`, subjectReview('LocalSubjectAccessReview')],
    [
      `selfsubjectaccessreviews.${GROUP}`,
      {
        create(body, call) {
          demandValid('SelfSubjectAccessReview', body);
          const { spec } = body as unknown as authorization.SelfSubjectAccessReview; // decoded as such a review
          return { ...body, status: decide(deps.authorizer, call.user, spec) } as KubeObject;
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
  // The answer is a new object: what was asked is not repeated.
  return { apiVersion: body.apiVersion, kind: body.kind, metadata: {}, spec: {}, status } as KubeObject;
}

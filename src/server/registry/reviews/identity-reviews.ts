// TokenReview and SelfSubjectReview: who a token, or the caller, is.

import type { KubeObject } from '../../../api/object.ts';
import { badRequest, StatusError } from '../../../api/status-error.ts';
import type * as authentication from '../../../api/types/authentication-v1.gen.ts';
import type { UserInfo } from '../../../client/api-backend.ts';
import type { Authenticator } from '../../auth/auth.ts';
import type { VirtualResource } from '../virtual-resource.ts';

/** The user in API form. */
export function userOf(user: UserInfo): authentication.UserInfo {
  const extra = Object.entries(user.extra ?? {}).map(([key, values]) => [key, [...values]]);
  return {
    username: user.name,
    ...(user.uid && { uid: user.uid }),
    groups: [...user.groups],
    ...(extra.length > 0 && { extra: Object.fromEntries(extra) }),
  };
}

async function reviewToken(
  deps: { readonly authenticator: Authenticator; readonly audiences?: readonly string[] },
  spec: authentication.TokenReviewSpec,
): Promise<authentication.TokenReviewStatus> {
  const own = deps.audiences ?? [];
  const asked = spec.audiences ?? [];
  const audiences = asked.length === 0 ? own : own.filter((audience) => asked.includes(audience));
  if (asked.length > 0 && own.length > 0 && audiences.length === 0) return { authenticated: false };
  try {
    const user = await deps.authenticator.authenticate({
      authorization: `Bearer ${spec.token ?? ''}`,
      webSocketProtocols: [],
      clientCertificate: undefined,
    });
    if (!user) return { authenticated: false };
    return { authenticated: true, user: userOf(user), ...(audiences.length > 0 && { audiences: [...audiences] }) };
  } catch (error) {
    if (error instanceof StatusError) return { authenticated: false, error: error.message };
    throw error;
  }
}

/** The resources. */
export function identityReviews(deps: {
  readonly authenticator: Authenticator;
  readonly audiences?: readonly string[];
}): [string, VirtualResource][] {
  return [
    [
      'tokenreviews.authentication.k8s.io',
      {
        async create(body) {
          const { spec } = body as unknown as authentication.TokenReview; // decoded as a TokenReview
          if (!spec?.token) throw badRequest('token is required for TokenReview in authentication');
          return { ...body, status: await reviewToken(deps, spec) } as KubeObject;
        },
      },
    ],
    [
      'selfsubjectreviews.authentication.k8s.io',
      { create: (body, call) => ({ ...body, status: { userInfo: userOf(call.user) } }) as KubeObject },
    ],
  ];
}

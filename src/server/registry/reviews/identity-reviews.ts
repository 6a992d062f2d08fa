// TokenReview and SelfSubjectReview: who a token, or the caller, is.

import type { KubeObject } from '../../../api/object.ts';
import { badRequest, StatusError } from '../../../api/status-error.ts';
import type * as authentication from '../../../api/types/authentication-v1.gen.ts';
import type { UserInfo } from '../../../client/api-backend.ts';
import type { Authenticator } from '../../auth/auth.ts';
import type { ServiceAccountTokens } from '../../auth/service-account-tokens.ts';
import type { VirtualResource } from '../virtual-resource.ts';

/** The user in API form. */
function userOf(user: UserInfo): authentication.UserInfo {
  const extra = Object.entries(user.extra ?? {}).map(([key, values]) => [key, [...values]]);
  return {
    username: user.name,
    ...(user.uid && { uid: user.uid }),
    groups: [...user.groups],
    ...(extra.length > 0 && { extra: Object.fromEntries(extra) }),
  };
}

/** What these reviews need. */
export interface IdentityDeps {
  readonly authenticator: Authenticator;
  readonly tokens: Pick<ServiceAccountTokens, 'review'>;
  /** Whom tokens are meant for that say nothing of it: the API itself. */
  readonly audiences: readonly string[];
}

async function reviewToken(deps: IdentityDeps, spec: authentication.TokenReviewSpec): Promise<authentication.TokenReviewStatus> {
  const { token = '', audiences } = spec;
  const result = deps.tokens.review(token, audiences?.length ? audiences : undefined);
  if ('user' in result) return { authenticated: true, user: userOf(result.user), audiences: [...result.audiences] };
  try {
    // Not a service account's: another kind of token may be meant.
    const user = await deps.authenticator.authenticate({
      authorization: `Bearer ${token}`,
      webSocketProtocols: [],
      clientCertificate: undefined,
    });
    const meant = audiences?.length ? deps.audiences.filter((audience) => audiences.includes(audience)) : deps.audiences;
    if (user && meant.length > 0) return { authenticated: true, user: userOf(user), audiences: [...meant] };
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
  }
  return { user: {}, error: result.fault }; // What is not said is false, as upstream leaves it out.
}

/** The resources. */
export function identityReviews(deps: IdentityDeps): [string, VirtualResource][] {
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
      {
        create: ({ apiVersion, kind }, call) => ({ apiVersion, kind, metadata: {}, status: { userInfo: userOf(call.user) } }) as KubeObject,
      },
    ],
  ];
}

// The order in which authorizers are asked, and the two that need no table.

import type { AccessAttributes, AccessDecision, Authorizer } from './auth.ts';

/** Allows everything to system:masters, whatever the roles say: the way back in. */
export const mastersAuthorizer: Authorizer = {
  authorize: ({ user }) => (user.groups.includes('system:masters') ? { decision: 'allow', reason: '' } : { decision: 'none', reason: '' }),
};

/** Allows reading of paths that load balancers and probes ask without credentials. */
export function pathAuthorizer(paths: readonly string[]): Authorizer {
  const open = new Set(paths);
  return {
    authorize: ({ path, verb }) => ({ decision: path !== undefined && verb === 'get' && open.has(path) ? 'allow' : 'none', reason: '' }),
  };
}

/** Asks in order; the first that allows or denies decides. Without one the reasons of all are joined, as upstream shows them. */
export function authorizerUnion(authorizers: readonly Authorizer[]): Authorizer {
  return {
    authorize(attributes: AccessAttributes): AccessDecision {
      const reasons: string[] = [];
      for (const authorizer of authorizers) {
        const decision = authorizer.authorize(attributes);
        if (decision.decision !== 'none') return decision;
        if (decision.reason !== '') reasons.push(decision.reason);
      }
      return { decision: 'none', reason: reasons.join('\n') };
    },
  };
}

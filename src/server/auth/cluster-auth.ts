// Authentication and authorization of a cluster, put together: which authenticators and authorizers there are, and in which order.

import type { Clock } from '../../base/clock.ts';
import type { Component } from '../../base/component.ts';
import type { Logger } from '../../base/log.ts';
import type { UserInfo } from '../../client/api-backend.ts';
import type { Client } from '../../client/client.ts';
import type { InformerFactory } from '../../client/informer.ts';
import type { AdmissionPlugin } from '../admission/admission.ts';
import type { Authenticator, Authorizer } from './auth.ts';
import { authorizerUnion, mastersAuthorizer, pathAuthorizer } from './authorizer-union.ts';
import { bootstrapPolicy } from './bootstrap-policy.ts';
import { type AuthenticatorOptions, clusterAuthenticator } from './cluster-authenticator.ts';
import { InformedAuth } from './informed-auth.ts';
import { LegacyTokenTracker } from './legacy-token-tracker.ts';
import { NodeAuthorizer } from './node-authorizer.ts';
import { OidcAuthenticators } from './oidc/oidc-authenticator.ts';
import type { OidcOptions } from './oidc/oidc-claims.ts';
import { RbacAuthorizer } from './rbac-authorizer.ts';
import { rbacGrantAdmission } from './rbac-grant-admission.ts';
import { ServiceAccountTokens } from './service-account-tokens.ts';

/** What a cluster authenticates by. */
export interface ClusterAuthOptions extends AuthenticatorOptions {
  /** Issuers of ID tokens that are believed. */
  readonly issuers?: readonly OidcOptions[];
  readonly tokens: {
    /** e.g. `https://kubernetes.default.svc.cluster.local`. */
    readonly issuer: string;
    readonly audiences: readonly string[];
    /** Signing key, PEM. */
    readonly key: string;
    readonly olderKeys?: readonly string[];
  };
}

/** The parts that the API server and the wiring take. */
export interface ClusterAuth {
  readonly authenticator: Authenticator;
  readonly authorizer: Authorizer;
  /** Rules of a user in a namespace, and the bound roles that are missing. */
  readonly rulesFor: RbacAuthorizer['rulesFor'];
  /** Signs and reviews tokens; also builds the JWKS and the discovery document. */
  readonly tokens: ServiceAccountTokens;
  /** Keeps RBAC writes from granting more than the writer holds; last of the built-in plugins. */
  readonly grantAdmission: AdmissionPlugin;
  /** Issuers of ID tokens: others can be believed while the server runs. */
  readonly issuers: Pick<OidcAuthenticators, 'use'>;
  /** To be started as soon as the API answers in process; until then only system:masters gets in. */
  readonly caches: Component;
}

/** Paths that anybody may read: upstream's --authorization-always-allow-paths. */
const OPEN_PATHS = ['/healthz', '/readyz', '/livez'];

/** Puts it together. `informers` is asked for when `caches` starts. */
export function clusterAuth(
  options: ClusterAuthOptions,
  deps: { informers: () => InformerFactory; client: () => Client; clock: Clock; log: Logger },
): ClusterAuth {
  const caches = new InformedAuth(deps);
  const legacyUse = new LegacyTokenTracker(deps);
  const tokens = new ServiceAccountTokens(options.tokens, { objects: caches.tokenObjects, clock: deps.clock, legacyUse });
  const rbac = new RbacAuthorizer(caches.rbac);
  const nodeRules = bootstrapPolicy().clusterRoles.find((role) => role.metadata.name === 'system:node')?.rules ?? [];
  const authorizer = authorizerUnion([
    mastersAuthorizer, // Before all else: the way in when roles are broken.
    pathAuthorizer(OPEN_PATHS),
    new NodeAuthorizer({ rules: nodeRules }, caches.nodeObjects),
    rbac,
  ]);
  const issuers = new OidcAuthenticators(options.issuers ?? [], deps);
  const authenticator = clusterAuthenticator(options, { ...deps, tokens, issuers, secret: caches.tokenObjects.secret });
  return {
    authenticator,
    authorizer,
    rulesFor: (user, namespace) => withoutNodeRules(user, rbac.rulesFor(user, namespace)),
    tokens,
    issuers,
    grantAdmission: rbacGrantAdmission({ authorizer, rbac, index: caches.rbac }),
    caches: {
      name: caches.name,
      start: () => caches.start(),
      async stop() {
        await legacyUse.stop();
        await caches.stop();
      },
    },
  };
}

/** What nodes may do beyond their roles depends on their pods: no list of rules says it, as the answer does. */
function withoutNodeRules(user: Pick<UserInfo, 'name' | 'groups'>, found: ReturnType<RbacAuthorizer['rulesFor']>): typeof found {
  const isNode = user.name.startsWith('system:node:') && user.groups.includes('system:nodes');
  return isNode ? { ...found, faults: ['node authorizer does not support user rule resolution', ...found.faults] } : found;
}

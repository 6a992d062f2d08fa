// Contracts of authentication and authorization.

import type { UserInfo } from '../../client/api-backend.ts';

/** What of a connection and request tells who asks. */
export interface Credentials {
  /** The Authorization header, if any. */
  readonly authorization: string | undefined;
  /** Subprotocols of a WebSocket upgrade (kubectl in browsers carries bearer tokens there). */
  readonly webSocketProtocols: readonly string[];
  /** DER of the client certificate; the TLS layer did not verify it. */
  readonly clientCertificate: Uint8Array | undefined;
  /** Names and values of all headers in turn: what front proxies say. */
  readonly rawHeaders?: readonly string[];
}

/** One way to authenticate. */
export interface Authenticator {
  /** The user; undefined when these credentials are not of this kind. @throws StatusError Unauthorized when they are but do not hold. */
  authenticate(credentials: Credentials): Promise<UserInfo | undefined>;
}

/** What is asked to be allowed: upstream's authorizer attributes. */
export interface AccessAttributes {
  readonly user: UserInfo;
  readonly verb: string;
  /** Resource requests have `resource`; non-resource requests have `path`. */
  readonly resource?: {
    readonly group: string;
    readonly version: string;
    readonly resource: string;
    readonly subresource: string;
    readonly namespace: string;
    readonly name: string;
    readonly fieldSelector?: string;
    readonly labelSelector?: string;
  };
  readonly path?: string;
}

/** `none` = no opinion, ask the next; nobody allowing is a refusal. */
export interface AccessDecision {
  readonly decision: 'allow' | 'deny' | 'none';
  /** For allow: why, e.g. `RBAC: allowed by ClusterRoleBinding "x" of ClusterRole "y" to Group "z"`. */
  readonly reason: string;
}

/** Decides requests. Synchronous: roles and bindings are in memory. */
export interface Authorizer {
  authorize(attributes: AccessAttributes): AccessDecision;
}

/** The name and groups of a user who presented nothing. */
export const ANONYMOUS: UserInfo = { name: 'system:anonymous', groups: ['system:unauthenticated'] };

/** The user that parts of the control plane act as when they call in process. */
export const LOOPBACK_USER: UserInfo = { name: 'system:apiserver', groups: ['system:masters', 'system:authenticated'] };

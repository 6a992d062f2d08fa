// The ways in which a cluster learns who asks, in their order.

import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import type { Authenticator } from './auth.ts';
import { authenticatorUnion } from './authenticator-union.ts';
import { type BootstrapTokenDeps, bootstrapTokenAuthenticator } from './bootstrap-token-authenticator.ts';
import { ClientCertificateAuthenticator } from './client-certificate-authenticator.ts';
import { type FrontProxyOptions, frontProxyAuthenticator } from './front-proxy-authenticator.ts';

/** Whom the cluster believes. */
export interface AuthenticatorOptions {
  /** PEM of the authority of client certificates. */
  readonly clientCa: string;
  readonly frontProxy: FrontProxyOptions;
  /** Asked after all others. */
  readonly authenticators?: readonly Authenticator[];
}

/** Asks them in turn. `tokens` knows service accounts, `secret` looks up those of bootstrap tokens, `issuers` knows ID tokens. */
export function clusterAuthenticator(
  options: AuthenticatorOptions,
  deps: BootstrapTokenDeps & {
    readonly tokens: Authenticator;
    readonly issuers: Authenticator;
    readonly clock: Clock;
    readonly log: Logger;
  },
): Authenticator {
  return authenticatorUnion([
    frontProxyAuthenticator(options.frontProxy, deps), // Before certificates: its certificate alone is nobody's.
    new ClientCertificateAuthenticator({ authorities: [options.clientCa] }, deps),
    deps.tokens,
    bootstrapTokenAuthenticator(deps),
    deps.issuers, // They may have to ask the network.
    ...(options.authenticators ?? []),
  ]);
}

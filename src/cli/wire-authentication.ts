// The watch over the file of --authentication-config, when there is one.

import type { Clock } from '../base/clock.ts';
import type { Component } from '../base/component.ts';
import type { Logger } from '../base/log.ts';
import type { AuthenticationConfiguration } from '../server/auth/oidc/authentication-configuration.ts';
import type { OidcAuthenticators } from '../server/auth/oidc/oidc-authenticator.ts';
import type { ReadAuthentication } from './authentication-file.ts';
import { AuthenticationReload } from './authentication-reload.ts';
import type { ServerOptions } from './options.ts';

/** Who signs the tokens of service accounts. */
export function serviceAccountIssuer({ clusterDomain }: Pick<ServerOptions, 'clusterDomain'>): string {
  return `https://kubernetes.default.svc.${clusterDomain}`;
}

/** What is wired. */
interface Wired {
  readonly options: Pick<ServerOptions, 'clusterDomain' | 'authenticationConfig'>;
  /** What the file said at the start. */
  readonly authentication: ReadAuthentication;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The watch; none without a file. */
export function authenticationReload(
  { options, authentication, clock, log }: Wired,
  authenticators: Pick<OidcAuthenticators, 'use'>,
): Component[] {
  const { authenticationConfig: path } = options;
  const { text } = authentication;
  if (path === undefined || text === undefined) return [];
  const context = { disallowedIssuers: [serviceAccountIssuer(options)], anonymous: authentication.anonymous };
  const use = ({ issuers }: AuthenticationConfiguration): void => authenticators.use(issuers);
  return [new AuthenticationReload({ path, text, context, use }, { clock, log: log.child('auth') })];
}

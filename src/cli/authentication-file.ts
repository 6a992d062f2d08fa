// Whom the API server believes, from flags and the file of --authentication-config.

import { existsSync, readFileSync } from 'node:fs';
import { KtsError, messageOf } from '../base/errors.ts';
import { parseYaml } from '../base/yaml.ts';
import {
  type AuthenticationConfiguration,
  authenticationConfiguration,
  type ConfigurationContext,
} from '../server/auth/oidc/authentication-configuration.ts';
import type { ServerOptions } from './options.ts';

/** What the options say, and the text it stands in if that is a file. */
export interface ReadAuthentication extends AuthenticationConfiguration {
  readonly text?: string;
}

/** Reads what the options name. @throws KtsError `usage` for a file that cannot be used, or together with --oidc-* flags */
export async function readAuthentication(
  options: Pick<ServerOptions, 'oidc' | 'authenticationConfig'>,
  context: ConfigurationContext,
): Promise<ReadAuthentication> {
  const { oidc, authenticationConfig: path } = options;
  if (path === undefined)
    return { issuers: oidc ? [{ ...oidc, ca: oidc.caFile && readText(oidc.caFile) }] : [], anonymous: { enabled: true } };
  if (oidc) throw new KtsError('usage', '--authentication-config and --oidc-* flags are mutually exclusive');
  const text = readText(path);
  return { ...(await parseAuthentication(text, { path, ...context })), text };
}

/** Reads the text of the file. @throws KtsError `usage` */
export async function parseAuthentication(
  text: string,
  { path, ...context }: ConfigurationContext & { readonly path: string },
): Promise<AuthenticationConfiguration> {
  let value: unknown;
  try {
    value = await parseYaml(text);
  } catch (error) {
    throw new KtsError('usage', `${path}: ${messageOf(error)}`, { cause: error });
  }
  return await authenticationConfiguration(value, context);
}

function readText(path: string): string {
  if (!existsSync(path)) throw new KtsError('usage', `${path} does not exist`);
  return readFileSync(path, 'utf8');
}

// Reads the kubeconfig of a webhook that the server calls: where it is, and how the server proves itself.
// https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/

import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { createSecureContext } from 'node:tls';
import { isObject } from '../api/copy.ts';
import { KtsError, messageOf } from '../base/errors.ts';
import { parseYaml } from '../base/yaml.ts';
import type { WebhookAccess } from '../server/audit/audit-webhook.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What of a kubeconfig asks for more than the server does for a webhook. */
const UNSUPPORTED = ['proxy-url', 'exec', 'auth-provider', 'as', 'as-groups', 'as-uid', 'as-user-extra'];

/** The cluster and user of the current context of the file that a flag names. @throws KtsError `usage` naming both and what is wrong */
export async function readWebhookKubeconfig(flag: string, path: string): Promise<WebhookAccess> {
  const refuse = (why: string): never => {
    throw new KtsError('usage', `${flag}: ${path}: ${why}`);
  };
  const file: unknown = await readFile(path, 'utf8')
    .then((text) => parseYaml(text))
    .catch((error: unknown) => refuse(messageOf(error).split('\n')[0] ?? ''));
  if (!isObject(file)) return refuse('is no kubeconfig');
  const current = textIn(file, 'current-context');
  const context = named(file, { list: 'contexts', name: current, member: 'context' });
  if (!context) return refuse(`context was not found for specified context: ${current}`);
  const cluster = named(file, { list: 'clusters', name: textIn(context, 'cluster'), member: 'cluster' });
  if (!cluster) return refuse(`cluster ${JSON.stringify(textIn(context, 'cluster'))} does not exist`);
  const userName = textIn(context, 'user');
  const user = userName === '' ? {} : named(file, { list: 'users', name: userName, member: 'user' });
  if (!user) return refuse(`user ${JSON.stringify(userName)} does not exist`);
  const odd = UNSUPPORTED.find((name) => cluster[name] !== undefined || user[name] !== undefined);
  if (odd !== undefined) refuse(`${odd} is not supported`);
  const url = textIn(cluster, 'server');
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) refuse(`server ${JSON.stringify(url)} is no http or https URL`);
  try {
    const access = await accessOf(url, { cluster, user, directory: dirname(path) });
    const { ca, certificate: cert, key } = access;
    // What is no PEM is told now, not with the first event.
    if (ca !== undefined) new X509Certificate(ca);
    createSecureContext({ ...(cert !== undefined && { cert }), ...(key !== undefined && { key }) });
    return access;
  } catch (error) {
    return refuse(messageOf(error));
  }
}

/** The entry of a list by its name. */
function named(config: Fields, { list, name, member }: { list: string; name: string; member: string }): Fields | undefined {
  const entries = config[list];
  const found: unknown = Array.isArray(entries) ? entries.find((entry) => isObject(entry) && entry['name'] === name) : undefined;
  const value = isObject(found) ? found[member] : undefined;
  return isObject(value) ? value : undefined;
}

function textIn(fields: Fields, name: string): string {
  const value = fields[name];
  return typeof value === 'string' ? value : '';
}

async function accessOf(
  url: string,
  { cluster, user, directory }: { cluster: Fields; user: Fields; directory: string },
): Promise<WebhookAccess> {
  /** What stands in the file itself wins over the name of a file. */
  const pem = async (fields: Fields, name: string): Promise<string | undefined> => {
    const data = textIn(fields, `${name}-data`);
    if (data !== '') return Buffer.from(data, 'base64').toString('utf8');
    const file = textIn(fields, name);
    return file === '' ? undefined : await readFile(resolve(directory, file), 'utf8');
  };
  const tokenFile = textIn(user, 'tokenFile');
  const found = {
    ca: await pem(cluster, 'certificate-authority'),
    serverName: textIn(cluster, 'tls-server-name') || undefined,
    insecure: cluster['insecure-skip-tls-verify'] === true || undefined,
    certificate: await pem(user, 'client-certificate'),
    key: await pem(user, 'client-key'),
    token: textIn(user, 'token') || undefined,
    tokenFile: tokenFile === '' ? undefined : resolve(directory, tokenFile),
    username: textIn(user, 'username') || undefined,
    password: textIn(user, 'password') || undefined,
  };
  const known = Object.entries(found).filter(([, value]) => value !== undefined);
  return { url, ...(Object.fromEntries(known) as Partial<WebhookAccess>) }; // What is absent is left out.
}

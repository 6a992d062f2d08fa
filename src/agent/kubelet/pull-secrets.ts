// Credentials of registries from Secrets of type kubernetes.io/dockerconfigjson and kubernetes.io/dockercfg.

import { isObject } from '../../api/copy.ts';
import type { Secret } from '../../api/types/core-v1.gen.ts';
import { parseImageName } from './image-name.ts';

/** Credentials for one registry or path of it. */
export interface RegistryAuth {
  readonly username: string;
  readonly password: string;
}

/** The credentials in the Secrets that fit the image, the most specific first. Secrets that cannot be read give none. */
export function pullAuths(image: string, secrets: readonly Secret[]): readonly RegistryAuth[] {
  const name = parseImageName(image);
  if (!name) return [];
  const target = `${name.registry}/${name.repository}`;
  return secrets
    .flatMap(entriesOf)
    .filter((entry) => fits(entry.key, target))
    .sort((a, b) => b.key.length - a.key.length)
    .map((entry) => entry.auth);
}

interface Entry {
  readonly key: string;
  readonly auth: RegistryAuth;
}

function entriesOf(secret: Secret): Entry[] {
  const modern = secret.data?.['.dockerconfigjson'];
  const config = parseJson(modern ?? secret.data?.['.dockercfg']);
  const auths = modern === undefined ? config : isObject(config) ? config['auths'] : undefined;
  if (!isObject(auths)) return [];
  return Object.entries(auths).flatMap(([key, value]): Entry[] => {
    const auth = isObject(value) ? authOf(value) : undefined;
    return auth ? [{ key: normalize(key), auth }] : [];
  });
}

function parseJson(base64: string | undefined): unknown {
  try {
    return base64 === undefined ? undefined : JSON.parse(Buffer.from(base64, 'base64').toString('utf8'));
  } catch {
    return undefined; // validation keeps such Secrets out; an old one is as good as none
  }
}

function authOf(value: Record<string, unknown>): RegistryAuth | undefined {
  const { username, password, auth } = value;
  if (typeof username === 'string' && typeof password === 'string') return { username, password };
  if (typeof auth !== 'string') return undefined;
  const text = Buffer.from(auth, 'base64').toString('utf8').replace(/\0+$/, '');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** A key is a host, maybe with a scheme, a path, `/v1/` of old Docker, and `*` in its labels. */
function normalize(key: string): string {
  const bare = key
    .replace(/^https?:\/\//, '')
    .replace(/\/v[12]\/?$/, '')
    .replace(/\/$/, '');
  return bare === 'index.docker.io' ? 'docker.io' : bare;
}

function fits(key: string, target: string): boolean {
  const [keyHost = '', ...keyPath] = key.split('/');
  const [host = '', ...path] = target.split('/');
  const labels = keyHost.split('.');
  const hostLabels = host.split('.');
  if (labels.length !== hostLabels.length) return false;
  const glob = (pattern: string, text: string): boolean =>
    new RegExp(`^${pattern.replace(/[.*+?^${}()|[\]\\]/g, (c) => (c === '*' ? '[^.]*' : `\\${c}`))}$`).test(text);
  if (!labels.every((label, i) => glob(label, hostLabels[i] ?? ''))) return false;
  return `${path.join('/')}/`.startsWith(keyPath.length ? `${keyPath.join('/')}` : '');
}

// The keys that Secrets are encrypted with, in the form of upstream's EncryptionConfiguration: what the key file holds. Pure.
// https://kubernetes.io/docs/tasks/administer-cluster/encrypt-data/

import { StoreError } from '../errors.ts';

/** Bytes of a key: AES-256. */
export const KEY_BYTES = 32;
/** Most keys in a file: more means that rotations begin and never end. */
const MAX_KEYS = 16;

/** One key. */
export interface EncryptionKey {
  /** Stands in front of every value that is encrypted with it. */
  readonly name: string;
  readonly secret: Uint8Array;
}

/** The keys, and what is done with new values. */
export interface EncryptionKeys {
  /** New values are encrypted with the first key. Otherwise they are plain, and the keys only read. */
  readonly enabled: boolean;
  readonly keys: readonly EncryptionKey[];
}

interface Provider {
  readonly aesgcm?: { readonly keys?: readonly { readonly name?: unknown; readonly secret?: unknown }[] };
  readonly identity?: object;
}

interface Configuration {
  readonly kind?: unknown;
  readonly resources?: readonly { readonly resources?: readonly unknown[]; readonly providers?: readonly Provider[] }[];
}

/** The text of the key file: an EncryptionConfiguration whose first provider writes. */
export function formatEncryptionKeys({ enabled, keys }: EncryptionKeys): string {
  const listed = keys.map(({ name, secret }) => ({ name, secret: Buffer.from(secret).toString('base64') }));
  const aesgcm = listed.length > 0 ? [{ aesgcm: { keys: listed } }] : [];
  const identity = { identity: {} };
  const providers = enabled ? [...aesgcm, identity] : [identity, ...aesgcm];
  const configuration = {
    kind: 'EncryptionConfiguration',
    apiVersion: 'apiserver.config.k8s.io/v1',
    resources: [{ resources: ['secrets'], providers }],
  };
  return `${JSON.stringify(configuration)}\n`;
}

/** Reads such a text. @throws StoreError `undecipherable` for what kts cannot work with; `path` is named in the message */
export function parseEncryptionKeys(text: string, path: string): EncryptionKeys {
  const fault = (why: string): StoreError => new StoreError('undecipherable', `${path} cannot be used: ${why}; restore it from a backup`);
  const configuration = parsed(text);
  if (configuration?.kind !== 'EncryptionConfiguration') throw fault('it is not an EncryptionConfiguration in JSON');
  const [entry, ...more] = configuration.resources ?? [];
  if (!entry || more.length > 0 || entry.resources?.length !== 1 || entry.resources[0] !== 'secrets')
    throw fault('it must name the resource secrets, once, and no other');
  const providers = entry.providers ?? [];
  const keys = providers.flatMap((provider) => {
    const [kind, ...others] = Object.keys(provider ?? {});
    if (others.length > 0 || (kind !== 'aesgcm' && kind !== 'identity'))
      throw fault(`the provider ${kind ?? ''} is not aesgcm or identity`);
    return (provider.aesgcm?.keys ?? []).map((key) => parseKey(key, fault));
  });
  const enabled = providers[0]?.aesgcm !== undefined;
  if (providers.length === 0 || (enabled && keys.length === 0)) throw fault('it has no key');
  if (new Set(keys.map(({ name }) => name)).size < keys.length) throw fault('two keys have the same name');
  return { enabled, keys };
}

function parsed(text: string): Configuration | undefined {
  try {
    return JSON.parse(text) ?? undefined; // Parser: each member is checked by the caller.
  } catch {
    // The caller says what is wrong with the file.
    return undefined;
  }
}

function parseKey(key: { readonly name?: unknown; readonly secret?: unknown }, fault: (why: string) => StoreError): EncryptionKey {
  const { name, secret } = key;
  if (typeof name !== 'string' || name === '' || name.includes(':')) throw fault('a key has no name, or one with a colon');
  const bytes = Buffer.from(typeof secret === 'string' ? secret : '', 'base64');
  if (bytes.length !== KEY_BYTES) throw fault(`the secret of the key ${name} is not ${KEY_BYTES} bytes in base64`);
  return { name, secret: bytes };
}

/** `keys` with a new one that writes from now on. @throws StoreError `unwritable` when there are too many already */
export function withNewKey({ keys }: EncryptionKeys, key: EncryptionKey): EncryptionKeys {
  if (keys.length >= MAX_KEYS) throw new StoreError('unwritable', `${MAX_KEYS} keys are still in use: earlier rotations have not finished`);
  return { enabled: true, keys: [key, ...keys] };
}

/** `keys` without those that nothing needs: neither stored values (`used`) nor new ones. */
export function withoutUnused({ enabled, keys }: EncryptionKeys, used: ReadonlySet<string>): EncryptionKeys {
  return { enabled, keys: keys.filter(({ name }, at) => used.has(name) || (enabled && at === 0)) };
}

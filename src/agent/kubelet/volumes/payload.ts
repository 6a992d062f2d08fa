// What the files of ConfigMap, Secret and projected volumes contain, as values. Pure.
// Rules: Kubernetes API reference, ConfigMapVolumeSource, SecretVolumeSource, ProjectedVolumeSource.

import type { ConfigMap, KeyToPath, Secret } from '../../../api/types/core-v1.gen.ts';
import { VolumeError } from './errors.ts';

/** One file. */
export interface PayloadFile {
  readonly bytes: Uint8Array;
  /** Permission bits. */
  readonly mode: number;
  /** Owner; absent = root. */
  readonly uid?: number;
}

/** Files by path relative to the volume's root. */
export type Payload = ReadonlyMap<string, PayloadFile>;

/** How an object's data become files. */
export interface ItemOptions {
  readonly items?: readonly KeyToPath[] | undefined;
  readonly optional?: boolean | undefined;
  readonly defaultMode: number;
}

/** Default of `defaultMode` of all volumes that have one. */
export const DEFAULT_MODE = 0o644;
/** Longest path, longest name of a file (Linux: PATH_MAX less room for the root, NAME_MAX). */
const MAX_PATH = 4096;
const MAX_NAME = 255;

/** The data of a ConfigMap as bytes by key; `undefined` (an optional one that is missing) has none. */
export function configMapData(configMap: ConfigMap | undefined): ReadonlyMap<string, Uint8Array> {
  return new Map([
    ...Object.entries(configMap?.data ?? {}).map(([key, text]) => [key, Buffer.from(text, 'utf8')] as const),
    ...Object.entries(configMap?.binaryData ?? {}).map(([key, base64]) => [key, Buffer.from(base64, 'base64')] as const),
  ]);
}

/** The data of a Secret as bytes by key. */
export function secretData(secret: Secret | undefined): ReadonlyMap<string, Uint8Array> {
  return new Map(Object.entries(secret?.data ?? {}).map(([key, base64]) => [key, Buffer.from(base64, 'base64')]));
}

/**
 * The files of a volume made of keys: all keys, or those of `items` under their paths.
 * @throws VolumeError `volume-not-found` for a key that is missing and not optional
 */
export function itemsPayload(data: ReadonlyMap<string, Uint8Array>, kind: 'ConfigMap' | 'Secret', options: ItemOptions): Payload {
  const files = new Map<string, PayloadFile>();
  const items = options.items ?? [];
  if (items.length === 0) for (const [key, bytes] of data) files.set(key, { bytes, mode: options.defaultMode });
  for (const { key, path, mode } of items) {
    const bytes = data.get(key);
    if (bytes) files.set(path, { bytes, mode: mode ?? options.defaultMode });
    else if (!options.optional) {
      const what = kind === 'ConfigMap' ? 'configmap references non-existent config key' : 'references non-existent secret key';
      throw new VolumeError('volume-not-found', `${what}: ${key}`);
    }
  }
  return files;
}

/** @throws VolumeError `volume-invalid` for a path that would leave the volume or hide its bookkeeping */
export function checkPayloadPaths(payload: Payload): void {
  for (const path of payload.keys()) {
    const parts = path.split('/');
    const bad =
      path === '' ||
      path.startsWith('/') ||
      path.length > MAX_PATH ||
      path.startsWith('..') ||
      parts.some((part) => part === '..' || Buffer.byteLength(part) > MAX_NAME || part.includes('\0'));
    if (bad) throw new VolumeError('volume-invalid', `invalid path: ${JSON.stringify(path)}`);
  }
}

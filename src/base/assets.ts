// Files built into the executable: native addons, the CNI client, images, descriptions. From source they are read from dist/assets.

import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { writeFileAtomic } from './atomic-file.ts';
import { KtsError } from './errors.ts';

/** The built-in files by name. */
export type AssetName = 'better_sqlite3.node' | 'cni-client' | 'pause.tar' | 'demo.tar' | 'descriptions.json.gz';

interface Sea {
  isSea(): boolean;
  getRawAsset(name: string): ArrayBuffer;
  getAsset(name: string, encoding: 'utf8'): string;
}

/** The node:sea module when this process is the single executable, in every thread of it. */
export function executable(): Sea | undefined {
  const sea = createRequire(process.execPath)('node:sea') as Sea; // The module has no types for builds that are not an executable.
  return sea.isSea() ? sea : undefined;
}

/** Where `npm run build` puts the assets, for runs from source. */
const SOURCE_ASSETS = join(import.meta.dirname ?? '', '../../dist/assets');

/** Files that are compressed in the executable: large, and read on the first start only. */
const PACKED: ReadonlySet<AssetName> = new Set(['better_sqlite3.node', 'cni-client']);

/** The bytes of a built-in file, read-only. @throws KtsError `asset-missing` from a source tree that was not built. */
export function assetBytes(name: AssetName): Uint8Array {
  const sea = executable();
  if (sea) return PACKED.has(name) ? gunzipSync(sea.getRawAsset(`${name}.gz`)) : new Uint8Array(sea.getRawAsset(name));
  const path = join(SOURCE_ASSETS, name);
  if (!existsSync(path)) throw new KtsError('asset-missing', `${path} is missing: run npm run assets`);
  return readFileSync(path);
}

/**
 * Writes a built-in file into `directory` unless it is there, atomically, and returns its path. The directory should be keyed by
 * build, or an upgrade would go on with the old file.
 */
export function extractAsset(name: AssetName, directory: string, mode = 0o755): string {
  const path = join(directory, name);
  if (existsSync(path)) return path;
  writeFileAtomic(path, assetBytes(name), { mode });
  return path;
}

/**
 * Loads a native addon that is built in, from a copy in `directory`.
 * @returns undefined when run from source, where the package finds its own.
 */
export function nativeAddon(name: AssetName, directory: string): object | undefined {
  if (!executable()) return undefined;
  const module = { exports: {} };
  process.dlopen(module, extractAsset(name, directory, 0o700));
  return module.exports;
}

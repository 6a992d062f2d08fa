// Warnings about volumes: plugins that are deprecated or gone, and files that hide others. Pure.

import type { DownwardAPIVolumeFile, KeyToPath, Volume, VolumeProjection } from '../types/core-v1.gen.ts';

const PLUGINS = {
  photonPersistentDisk: 'deprecated in v1.11, non-functional in v1.16+',
  gitRepo: 'deprecated in v1.11',
  scaleIO: 'deprecated in v1.16, non-functional in v1.22+',
  flocker: 'deprecated in v1.22, non-functional in v1.25+',
  storageos: 'deprecated in v1.22, non-functional in v1.25+',
  quobyte: 'deprecated in v1.22, non-functional in v1.25+',
  glusterfs: 'deprecated in v1.25, non-functional in v1.26+',
  cephfs: 'deprecated in v1.28, non-functional in v1.31+',
  rbd: 'deprecated in v1.28, non-functional in v1.31+',
} as const;

/** How texts call a plugin whose field has another name. */
const NAMES: Readonly<Record<string, string>> = { storageos: 'storageOS' };

/** Warns of plugins that are on their way out. `volume` is one of a pod or a PersistentVolumeSpec. */
export function pluginWarnings(path: string, volume: { readonly [Plugin in keyof typeof PLUGINS]?: unknown }): string[] {
  return Object.entries(PLUGINS).flatMap(([plugin, text]) =>
    volume[plugin as keyof typeof PLUGINS] ? [`${path}.${NAMES[plugin] ?? plugin}: ${text}`] : [],
  );
}

interface File {
  readonly path: string;
  readonly source: string;
}

const fileText = ({ path, source }: File): string => (source === '' ? JSON.stringify(path) : `${JSON.stringify(path)} (${source})`);

const filesOf = (items: readonly (KeyToPath | DownwardAPIVolumeFile)[] | undefined, source: string): File[] =>
  (items ?? []).map(({ path }) => ({ path: path.replace(/\/+$/, ''), source }));

const isWithin = (inner: string, outer: string): boolean => inner === outer || inner.startsWith(`${outer}/`);

/** Each file that lies at or below another one, or above it, of those before it. */
function overlaps(files: readonly File[]): string[] {
  return files.flatMap((file, i) =>
    files
      .slice(0, i)
      .filter((other) => isWithin(file.path, other.path) || isWithin(other.path, file.path))
      .map((other) => `${fileText(file)} with ${fileText(other)}`),
  );
}

function projectedFiles({ configMap, secret, downwardAPI, serviceAccountToken, clusterTrustBundle }: VolumeProjection): File[] {
  if (configMap) return filesOf(configMap.items, `ConfigMap ${JSON.stringify(configMap.name ?? '')}`);
  if (secret) return filesOf(secret.items, `Secret ${JSON.stringify(secret.name ?? '')}`);
  if (downwardAPI) return filesOf(downwardAPI.items, 'DownwardAPI');
  if (serviceAccountToken) return [{ path: serviceAccountToken.path, source: 'ServiceAccountToken' }];
  if (!clusterTrustBundle) return [];
  const { name, signerName = '', path } = clusterTrustBundle;
  return [{ path, source: `ClusterTrustBundle ${JSON.stringify(name ?? signerName)}` }];
}

function overlapWarnings({ name, configMap, secret, downwardAPI, projected }: Volume): string[] {
  const texts = (what: string, files: readonly File[]): string[] =>
    overlaps(files).map((text) => `volume ${JSON.stringify(name)} (${what}): overlapping paths: ${text}`);
  if (configMap) return texts(`ConfigMap ${JSON.stringify(configMap.name ?? '')}`, filesOf(configMap.items, ''));
  if (secret) return texts(`Secret ${JSON.stringify(secret.secretName ?? '')}`, filesOf(secret.items, ''));
  if (downwardAPI) return texts('DownwardAPI', filesOf(downwardAPI.items, ''));
  return projected ? texts('Projected', (projected.sources ?? []).flatMap(projectedFiles)) : [];
}

/** Warnings about the volumes of a pod, at `path`. */
export function volumeWarnings(path: string, volumes: readonly Volume[] | undefined): string[] {
  const all = volumes ?? [];
  return [...all.flatMap((volume, i) => pluginWarnings(`${path}[${i}]`, volume)), ...all.flatMap(overlapWarnings)];
}

// Validation of projected volumes: several sources in one directory, no two of them at one path. Pure. Rules: "Projected Volumes".

import type { FieldError } from '../status-error.ts';
import type * as core from '../types/core-v1.gen.ts';
import { validateLabelSelector } from './affinity.ts';
import { checkSignerName } from './certificates.ts';
import { checkPresent, checkString, eachItem, forbiddenValue, invalidValue, requiredValue } from './field-error.ts';
import { dnsSubdomain } from './object-meta.ts';
import { localNonReservedPath } from './strings.ts';
import { checkFilePath, checkMode, validateDownwardFile, validateItems } from './volume-files.ts';

const MIN_TOKEN_SECONDS = 600;
const MAX_TOKEN_SECONDS = 2 ** 32;

/** Takes a path once; `blame` is what upstream names when it is taken again. */
type Take = (path: string | undefined, blame: string) => FieldError[];

/** Validates a projected volume. */
export function validateProjected(projected: core.ProjectedVolumeSource, path: string): FieldError[] {
  const taken = new Set<string>();
  const take: Take = (file, blame) => {
    if (!file) return [];
    if (taken.has(file)) return [invalidValue(path, blame, 'conflicting duplicate paths')];
    taken.add(file);
    return [];
  };
  return [
    ...checkMode(`${path}.defaultMode`, projected.defaultMode),
    ...eachItem(`${path}.sources`, projected.sources, (source, at) => validateProjection(source, at, { path, take })),
  ];
}

const KINDS = ['secret', 'downwardAPI', 'configMap', 'serviceAccountToken', 'clusterTrustBundle', 'podCertificate'] as const;

function validateProjection(source: core.VolumeProjection, at: string, { path, take }: { path: string; take: Take }): FieldError[] {
  const errors: FieldError[] = [];
  for (const kind of ['secret', 'configMap'] as const) {
    const files = source[kind];
    if (!files) continue;
    errors.push(...checkPresent(`${at}.${kind}.name`, files.name), ...validateItems(`${at}.${kind}.items`, files.items));
    for (const item of files.items ?? []) errors.push(...take(item.path, files.name ?? ''));
  }
  for (const file of source.downwardAPI?.items ?? [])
    errors.push(...validateDownwardFile(file, `${at}.downwardAPI`), ...take(file.path, file.path));
  if (source.serviceAccountToken) errors.push(...validateToken(source.serviceAccountToken, at, path));
  if (source.clusterTrustBundle) {
    const { path: file } = source.clusterTrustBundle;
    errors.push(...validateTrustBundle(source.clusterTrustBundle, `${at}.clusterTrustBundle`), ...take(file, file));
  }
  if (KINDS.filter((kind) => source[kind] !== undefined).length > 1)
    errors.push(forbiddenValue(at, 'may not specify more than 1 volume type per source'));
  return errors;
}

/** The path of a token is reported at the volume, its life at the source, as upstream does. */
function validateToken(token: core.ServiceAccountTokenProjection, at: string, volume: string): FieldError[] {
  const field = `${at}.serviceAccountToken.expirationSeconds`;
  const seconds = token.expirationSeconds ?? 3600;
  const errors: FieldError[] = [];
  if (seconds < MIN_TOKEN_SECONDS) errors.push(invalidValue(field, seconds, 'may not specify a duration less than 10 minutes'));
  if (seconds > MAX_TOKEN_SECONDS) errors.push(invalidValue(field, seconds, 'may not specify a duration larger than 2^32 seconds'));
  if (!token.path) return [...errors, requiredValue(`${volume}.path`)];
  return [...errors, ...checkString(`${volume}.path`, token.path, localNonReservedPath)];
}

function validateTrustBundle(bundle: core.ClusterTrustBundleProjection, path: string): FieldError[] {
  const { name, signerName, labelSelector } = bundle;
  const errors: FieldError[] = [];
  if (name !== undefined && signerName !== undefined)
    errors.push(invalidValue(path, bundle, 'only one of name and signerName may be used'));
  else if (name !== undefined) {
    if (name === '') errors.push(requiredValue(`${path}.name`, 'must be a valid object name'));
    for (const why of dnsSubdomain(name.split(':').at(-1) ?? ''))
      errors.push(invalidValue(`${path}.name`, name, `not a valid clustertrustbundlename: ${why}`));
    if (labelSelector)
      errors.push(invalidValue(`${path}.labelSelector`, labelSelector, 'labelSelector must be unset if name is specified'));
  } else if (signerName !== undefined) {
    if (signerName === '') errors.push(requiredValue(`${path}.signerName`, 'must be a valid signer name'));
    errors.push(...checkSignerName(`${path}.signerName`, signerName), ...validateLabelSelector(`${path}.labelSelector`, labelSelector));
  } else errors.push(requiredValue(path, 'either name or signerName must be specified'));
  return [...errors, ...checkFilePath(`${path}.path`, bundle.path)];
}

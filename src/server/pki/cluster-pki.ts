// The cluster's certificates and keys on disk (`<data-dir>/server/tls`): made at first start, made anew when they run out or when
// the names of the server change. Calling it again in a running server renews what is due.

import { join } from 'node:path';
import { readTextIfThere, writeFileAtomic } from '../../base/atomic-file.ts';
import { type Clock, rfc3339 } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import {
  type CertifiedKey,
  createAuthority,
  fromPem,
  generateKey,
  issueCertificate,
  publicKeyOf,
  type SubjectAltNames,
} from '../../base/x509.ts';
import { parseCertificate } from '../../base/x509-parse.ts';
import {
  AUTHORITIES,
  type AuthorityName,
  authorityProfile,
  type LeafName,
  type LeafPlan,
  leafPlans,
  leafProfile,
  readPair,
  renewalReason,
} from './certificate-plan.ts';
import { PkiError } from './errors.ts';

/** Everything the server shows or signs with, PEM. */
export interface ClusterPki {
  readonly authorities: Readonly<Record<AuthorityName, CertifiedKey>>;
  readonly leaves: Readonly<Record<LeafName, CertifiedKey>>;
  /** Private key that signs service-account tokens (ECDSA P-256). */
  readonly serviceAccountKey: string;
}

/** Where the files are and what the API answers under. */
export interface ClusterPkiOptions {
  /** `<data-dir>/server/tls`. */
  readonly directory: string;
  readonly sans: SubjectAltNames;
}

/**
 * Loads the files and makes what is missing, expiring, or for other names. Keys are kept when a certificate is renewed.
 * @throws PkiError `authority-broken`
 */
export function openClusterPki(options: ClusterPkiOptions, deps: { clock: Pick<Clock, 'now'>; log: Logger }): ClusterPki {
  const { directory } = options;
  const now = deps.clock.now();
  const authority = (name: AuthorityName): CertifiedKey => openAuthority(directory, name, { now, log: deps.log });
  const authorities = Object.fromEntries(AUTHORITIES.map((name) => [name, authority(name)])) as Record<AuthorityName, CertifiedKey>; // All names are in the list.
  const leaf = (plan: LeafPlan): CertifiedKey => openLeaf(directory, plan, { authority: authorities[plan.authority], now, log: deps.log });
  const leaves = Object.fromEntries(leafPlans(options.sans).map((plan) => [plan.name, leaf(plan)])) as Record<LeafName, CertifiedKey>; // All names are in the list.
  return { authorities, leaves, serviceAccountKey: openKey(join(directory, 'service.key')) };
}

interface Context {
  readonly now: number;
  readonly log: Logger;
}

function openAuthority(directory: string, name: AuthorityName, { now, log }: Context): CertifiedKey {
  const path = join(directory, name);
  const found = readFiles(path);
  if (found.certificate === undefined && found.key === undefined) {
    const made = createAuthority(authorityProfile(name, now));
    writeFiles(path, made);
    log.info('certificate authority created', { name });
    return made;
  }
  const advice = `restore ${path}.crt and ${path}.key from a backup; new ones would lock out every node and user`;
  if (found.certificate === undefined || found.key === undefined) {
    throw new PkiError('authority-broken', `${path}: ${found.key === undefined ? 'the key' : 'the certificate'} is missing; ${advice}`);
  }
  const pair = { certificate: found.certificate, key: found.key };
  const read = readPair(pair);
  if (typeof read === 'string') throw new PkiError('authority-broken', `${path}: ${read}; ${advice}`);
  if (read.notAfter < now) log.error('certificate authority has expired', { name, since: rfc3339(read.notAfter) });
  return pair;
}

function openLeaf(directory: string, plan: LeafPlan, context: Context & { authority: CertifiedKey }): CertifiedKey {
  const path = join(directory, plan.name);
  const found = readFiles(path);
  const authority = parseCertificate(fromPem(context.authority.certificate));
  const reason = renewalReason(found, plan, { authority, now: context.now });
  if (reason === undefined) return { certificate: found.certificate ?? '', key: found.key ?? '' };
  const reusable = found.key !== undefined && reason !== 'unreadable' && reason !== 'missing';
  const key = reusable && found.key !== undefined ? found.key : generateKey();
  const made = { key, certificate: issueCertificate(leafProfile(plan, authority, context.now), publicKeyOf(key), context.authority) };
  writeFiles(path, made);
  context.log.info('certificate issued', { name: plan.name, reason });
  return made;
}

function openKey(path: string): string {
  const found = readTextIfThere(path);
  if (found !== undefined) return found;
  const key = generateKey();
  writeFileAtomic(path, key, { mode: 0o600 });
  return key;
}

function readFiles(path: string): Partial<CertifiedKey> {
  const certificate = readTextIfThere(`${path}.crt`);
  const key = readTextIfThere(`${path}.key`);
  return { ...(certificate !== undefined && { certificate }), ...(key !== undefined && { key }) };
}

/** The key first: a certificate without its key would be taken for a broken pair. */
function writeFiles(path: string, pair: CertifiedKey): void {
  writeFileAtomic(`${path}.key`, pair.key, { mode: 0o600 });
  writeFileAtomic(`${path}.crt`, pair.certificate, { mode: 0o600 });
}

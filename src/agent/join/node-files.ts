// What a node keeps of its membership, under <data-dir>/agent, mode 600: so that it starts without the server.

import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { readTextIfThere, writeFileAtomic } from '../../base/atomic-file.ts';
import type { CertifiedKey } from '../../base/x509.ts';
import { type ClusterConfig, readClusterConfig } from '../../client/cluster-config.ts';

/** The names of the pairs: `<name>.crt` and `<name>.key`. */
export type PairName = 'client-kubelet' | 'serving-kubelet';

/** The files of one node. */
export class NodeFiles {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Path of a file, for parts that are given paths. */
  path(name: string): string {
    return join(this.#directory, name);
  }

  /** The node's own random password; made at the first call. */
  password(): string {
    const kept = readTextIfThere(this.path('node-password'))?.trim();
    if (kept) return kept;
    const made = randomBytes(16).toString('hex');
    this.#write('node-password', `${made}\n`);
    return made;
  }

  authority(): string | undefined {
    return readTextIfThere(this.path('server-ca.crt'));
  }

  /** The configuration of the last join; undefined when there was none or it cannot be read. */
  config(): ClusterConfig | undefined {
    try {
      return readClusterConfig(JSON.parse(readTextIfThere(this.path('cluster-config.json')) ?? 'null'));
    } catch {
      return undefined; // A node that has not joined, or with a file of another version: it joins (again).
    }
  }

  /** A pair that belongs together; undefined when it is missing or broken. */
  pair(name: PairName): CertifiedKey | undefined {
    const certificate = readTextIfThere(this.path(`${name}.crt`));
    const key = readTextIfThere(this.path(`${name}.key`));
    if (certificate === undefined || key === undefined) return undefined;
    return { certificate, key };
  }

  saveJoin(authority: string, config: ClusterConfig): void {
    this.#write('server-ca.crt', authority);
    this.#write('client-ca.crt', config.clientCa);
    this.#write('cluster-config.json', `${JSON.stringify(config)}\n`);
  }

  /** The key first: what reads a new certificate with the old key would fail, and a pair that does not match is asked for anew. */
  savePair(name: PairName, pair: CertifiedKey): void {
    this.#write(`${name}.key`, pair.key);
    this.#write(`${name}.crt`, pair.certificate);
  }

  #write(name: string, content: string): void {
    writeFileAtomic(this.path(name), content, { mode: 0o600 });
  }
}

/** The node's addresses, as its serving certificate must name them. */
export interface ServingNames {
  readonly name: string;
  readonly ips: readonly string[];
}

/**
 * When a pair must be replaced, in milliseconds since 1970: after two thirds of its life; 0 (at once) when it is broken, of another
 * node, or lacks one of `ips`.
 */
export function renewalTime(pair: CertifiedKey | undefined, wanted: ServingNames): number {
  if (!pair) return 0;
  try {
    const certificate = new X509Certificate(pair.certificate);
    if (!certificate.checkPrivateKey(createPrivateKey(pair.key))) return 0;
    if (!certificate.subject.split('\n').includes(`CN=system:node:${wanted.name}`)) return 0;
    if (wanted.ips.some((ip) => certificate.checkIP(ip) === undefined)) return 0;
    const end = certificate.validToDate.getTime();
    // The server dates certificates back: a life counts as at most a year (its length there).
    const life = Math.min(end - certificate.validFromDate.getTime(), YEAR_MS);
    return end - life / 3;
  } catch {
    return 0; // Not a certificate.
  }
}

const YEAR_MS = 365 * 86_400_000;

// Reads the admin kubeconfig that `kts server` writes.

import { existsSync, readFileSync } from 'node:fs';
import { KtsError } from '../base/errors.ts';
import { parseYaml } from '../base/yaml.ts';

/** What a client of the cluster needs. */
export interface AdminAccess {
  readonly server: string;
  /** PEM. */
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

interface Kubeconfig {
  readonly clusters?: readonly { readonly cluster?: { readonly server?: string; readonly 'certificate-authority-data'?: string } }[];
  readonly users?: readonly { readonly user?: { readonly 'client-certificate-data'?: string; readonly 'client-key-data'?: string } }[];
}

const decoded = (text: string | undefined): string => Buffer.from(text ?? '', 'base64').toString('utf8');

/** The first cluster and user of the file. @throws KtsError `kubeconfig` when it is missing or of another form */
export async function readKubeconfig(path: string): Promise<AdminAccess> {
  if (!existsSync(path)) throw new KtsError('kubeconfig', `${path} is missing: is kts server running?`);
  const file = (await parseYaml(readFileSync(path, 'utf8'))) as Kubeconfig; // Checked by what is demanded below.
  const cluster = file.clusters?.[0]?.cluster;
  const user = file.users?.[0]?.user;
  if (!cluster?.server || !user?.['client-certificate-data']) throw new KtsError('kubeconfig', `${path} is no kubeconfig of kts`);
  return {
    server: cluster.server,
    authority: decoded(cluster['certificate-authority-data']),
    certificate: decoded(user['client-certificate-data']),
    key: decoded(user['client-key-data']),
  };
}

// The kubeconfig of the administrator, as `kts server` writes it.

import type { ClusterPki } from '../server/pki/cluster-pki.ts';
import { writeKubeconfig } from '../server/pki/kubeconfig.ts';
import { groupIdOf } from './group-id.ts';
import type { ServerOptions } from './options.ts';

/** Writes it where and for whom the options say. */
export function writeAdminKubeconfig(options: ServerOptions, pki: Pick<ClusterPki, 'authorities' | 'leaves'>): void {
  const { path, mode, group } = options.kubeconfig;
  const gid = group === undefined ? undefined : groupIdOf(group);
  const host = options.bindAddress === '0.0.0.0' || options.bindAddress === '::' ? '127.0.0.1' : options.bindAddress;
  writeKubeconfig(
    path,
    {
      name: 'default',
      server: `https://${host}:${options.port}`,
      authority: pki.authorities['server-ca'].certificate,
      client: pki.leaves['client-admin'],
    },
    { mode, ...(gid !== undefined && { gid }) },
  );
}

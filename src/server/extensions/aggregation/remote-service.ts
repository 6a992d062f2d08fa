// An API server behind a Service that serves a group version, as its APIService describes it.

import { isAvailable, registeredGroupVersion } from '../../../api/api-services.ts';
import type { GroupVersion } from '../../../api/resources.ts';
import type { APIService } from '../../../api/types/apiregistration-v1.gen.ts';
import type { ServicePort } from '../service-resolver.ts';

/** What is needed to reach it and to decide whether to try. */
export interface RemoteService extends GroupVersion {
  readonly service: ServicePort;
  /** PEM; undefined = the authorities that the system trusts. */
  readonly ca: string | undefined;
  /** Its certificate is not verified. */
  readonly insecure: boolean;
  /** The condition Available is True. */
  readonly available: boolean;
}

const HTTPS_PORT = 443;

/** Reads an APIService; undefined for a local one. */
export function remoteService(object: APIService): RemoteService | undefined {
  const { service, caBundle, insecureSkipTLSVerify = false } = object.spec;
  if (!service) return undefined;
  return {
    ...registeredGroupVersion(object),
    service: { namespace: service.namespace ?? '', name: service.name ?? '', port: service.port ?? HTTPS_PORT },
    ca: caBundle ? Buffer.from(caBundle, 'base64').toString('latin1') : undefined,
    insecure: insecureSkipTLSVerify,
    available: isAvailable(object),
  };
}

/** The path of its discovery document, and the beginning of all its others. */
export function groupVersionPath({ group, version }: GroupVersion): string {
  return `/apis/${group}/${version}`;
}

/** Group and version of a request's path; undefined for paths of the core group and of no group. */
export function groupVersionOfPath(path: string): GroupVersion | undefined {
  const [root, group, version] = path.split('/').filter((part) => part !== '');
  return root === 'apis' && group !== undefined && version !== undefined ? { group, version } : undefined;
}

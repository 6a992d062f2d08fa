// The ConfigMap from which extension API servers learn whom to believe: kube-system/extension-apiserver-authentication.
// https://kubernetes.io/docs/tasks/extend-kubernetes/configure-aggregation-layer/

import type { KubeObject } from '../../api/object.ts';
import type { ConfigMap } from '../../api/types/core-v1.gen.ts';
import { AUTH_PROXY_HEADERS } from '../auth/auth-proxy-headers.ts';
import { type BootstrapHook, enforce } from './post-start-hooks.ts';

/** What they are told. */
export interface AuthenticationConfig {
  /** PEM of the authority of client certificates. */
  readonly clientCa: string;
  /** PEM of the authority of front proxies, and their names. */
  readonly requestHeaderCa: string;
  readonly proxyNames: readonly string[];
}

/** Writes it at start; another process may have written an older one. */
export function authenticationConfigHook({ clientCa, requestHeaderCa, proxyNames }: AuthenticationConfig): BootstrapHook {
  const data = {
    'client-ca-file': clientCa,
    'requestheader-allowed-names': JSON.stringify(proxyNames),
    'requestheader-client-ca-file': requestHeaderCa,
    'requestheader-extra-headers-prefix': JSON.stringify([AUTH_PROXY_HEADERS.extraPrefix]),
    'requestheader-group-headers': JSON.stringify([AUTH_PROXY_HEADERS.group]),
    'requestheader-uid-headers': JSON.stringify([AUTH_PROXY_HEADERS.uid]),
    'requestheader-username-headers': JSON.stringify([AUTH_PROXY_HEADERS.user]),
  };
  return {
    name: 'start-cluster-authentication-info-controller',
    async run({ backend }) {
      const metadata = { name: 'extension-apiserver-authentication', namespace: 'kube-system' };
      const object: ConfigMap & KubeObject = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data };
      await enforce(backend, { group: '', version: 'v1', resource: 'configmaps' }, object);
    },
  };
}

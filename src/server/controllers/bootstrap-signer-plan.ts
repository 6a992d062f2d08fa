// What stands in the ConfigMap cluster-info: the cluster's kubeconfig, signed once with each bootstrap token that may sign, so that who has
// such a token can tell the true one. Pure. https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/#configmap-signing

import { createHmac } from 'node:crypto';
import { type BootstrapToken, usableBootstrapToken } from '../../api/bootstrap-token.ts';
import { deepEqual } from '../../api/copy.ts';
import type { ConfigMap, Secret } from '../../api/types/core-v1.gen.ts';

const CONTENT = 'kubeconfig';
const SIGNATURE_PREFIX = 'jws-kubeconfig-';

/** A detached JWS (RFC 7515, appendix F) of the content by HMAC-SHA256 with the token's secret as the key. */
function detachedSignature(content: string, { id, secret }: BootstrapToken): string {
  const header = Buffer.from(JSON.stringify({ alg: 'HS256', kid: id })).toString('base64url');
  const payload = Buffer.from(content).toString('base64url');
  return `${header}..${createHmac('sha256', secret).update(`${header}.${payload}`).digest('base64url')}`;
}

/** The data that cluster-info should have at `now` (ms since 1970); undefined when it has it, or has nothing to sign. */
export function signedData(clusterInfo: ConfigMap, secrets: readonly Secret[], now: number): Record<string, string> | undefined {
  const { data = {} } = clusterInfo;
  const content = data[CONTENT];
  if (content === undefined) return undefined;
  const unsigned = Object.entries(data).filter(([name]) => !name.startsWith(SIGNATURE_PREFIX));
  const tokens = secrets.flatMap((secret) => usableBootstrapToken(secret, 'signing', now) ?? []);
  const signed = {
    ...Object.fromEntries(unsigned),
    ...Object.fromEntries(tokens.map((token) => [SIGNATURE_PREFIX + token.id, detachedSignature(content, token)])),
  };
  return deepEqual(signed, data) ? undefined : signed;
}

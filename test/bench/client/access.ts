// How the bench's clients reach the API: the admin's kubeconfig, kts's own HTTP client.

import { systemClock } from '../../../src/base/clock.ts';
import { readKubeconfig } from '../../../src/cli/kubeconfig-file.ts';
import { HttpClient } from '../../../src/client/http-client.ts';

/** A client with a connection of its own; the caller closes it. */
export async function openClient(kubeconfig: string): Promise<HttpClient> {
  const { server, authority, certificate, key } = await readKubeconfig(kubeconfig);
  return new HttpClient({ server, userAgent: 'kts-bench', tls: () => ({ ca: authority, cert: certificate, key }) }, { clock: systemClock });
}

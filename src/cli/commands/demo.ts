// `kts demo`: puts the demo application into the cluster, waits until it answers, and prints its address.

import type { KubeObject } from '../../api/object.ts';
import { isNotFound } from '../../api/status-error.ts';
import { systemClock } from '../../base/clock.ts';
import { KtsError, messageOf } from '../../base/errors.ts';
import { getText } from '../../base/http-get.ts';
import type { Client, TypedResource } from '../../client/client.ts';
import { HttpClient } from '../../client/http-client.ts';
import { DEPLOYMENTS, NODES, SERVICES } from '../../client/resources.ts';
import type { ProcessInput } from '../command.ts';
import { DEMO, DEMO_DEPLOYMENT, DEMO_SERVICE } from '../demo-app.ts';
import { readKubeconfig } from '../kubeconfig-file.ts';

/** The image is there and the pods are two: a minute is plenty, also on a Pi. */
const WAIT_MS = 120_000;
const LOOK_MS = 250;
const NAME = { namespace: 'default', name: DEMO };

async function ensure<T extends KubeObject>(client: Client, resource: TypedResource<T>, object: T): Promise<T> {
  try {
    return await client.get(resource, NAME);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    return client.create(resource, object);
  }
}

async function until<T>(what: string, probe: () => Promise<T | undefined>): Promise<T> {
  const end = systemClock.monotonic() + WAIT_MS;
  let last = '';
  while (systemClock.monotonic() < end) {
    try {
      const found = await probe();
      if (found !== undefined) return found;
    } catch (error) {
      last = `: ${messageOf(error)}`;
    }
    await systemClock.sleep(LOOK_MS);
  }
  throw new KtsError('demo', `${what} not within ${WAIT_MS / 1000} s${last}; kubectl get pods,events says why`);
}

/** Runs the command; prints the URL alone, so that a script can take it. */
export async function demoCommand(input: ProcessInput): Promise<number> {
  const access = await readKubeconfig(input.args[0] ?? input.env['KUBECONFIG'] ?? '/etc/kts/kts.yaml');
  const client = new HttpClient(
    { server: access.server, tls: () => ({ ca: access.authority, cert: access.certificate, key: access.key }) },
    { clock: systemClock },
  );
  try {
    await ensure(client, DEPLOYMENTS, DEMO_DEPLOYMENT);
    const service = await ensure(client, SERVICES, DEMO_SERVICE);
    const port = service.spec.ports?.[0]?.nodePort;
    await until('both replicas available', async () => {
      const { status } = await client.get(DEPLOYMENTS, NAME);
      return (status?.availableReplicas ?? 0) >= 2 || undefined;
    });
    const nodes = await client.list(NODES);
    const address = nodes.items.flatMap((node) => node.status?.addresses ?? []).find(({ type }) => type === 'InternalIP')?.address;
    const url = `http://${address}:${port}/`;
    await until(`${url} answering`, async () => ((await getText(url)).includes('kts') ? true : undefined));
    process.stdout.write(`${url}\n`);
    return 0;
  } finally {
    await client.close();
  }
}

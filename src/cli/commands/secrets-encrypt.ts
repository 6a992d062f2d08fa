// `kts secrets-encrypt`: status and changes of the encryption of Secrets at rest, through the running server.

import { systemClock } from '../../base/clock.ts';
import { KtsError } from '../../base/errors.ts';
import { Http2Transport } from '../../client/http2-transport.ts';
import type { ProcessInput } from '../command.ts';
import { readKubeconfig } from '../kubeconfig-file.ts';

/** What the user types → what the server is asked to do; undefined only looks. */
const ACTIONS: Readonly<Record<string, string | undefined>> = {
  status: undefined,
  rotate: 'rotate',
  'rotate-keys': 'rotate',
  enable: 'enable',
  disable: 'disable',
};

/** The words of `k3s secrets-encrypt` that need no step of their own here. */
const ONE_STEP = ['prepare', 'reencrypt'];

interface Status {
  readonly enabled: boolean;
  readonly keys: readonly { readonly name: string; readonly secrets: number }[];
  readonly plain: number;
}

/** Runs the command. @throws KtsError `usage`, `kubeconfig`, `secrets-encrypt` */
export async function secretsEncryptCommand(input: ProcessInput): Promise<number> {
  const [word = 'status', kubeconfig, ...more] = input.args;
  if (ONE_STEP.includes(word)) throw new KtsError('usage', `${word} is part of kts secrets-encrypt rotate, which does it all at once`);
  if (!(word in ACTIONS) || more.length > 0)
    throw new KtsError('usage', 'usage: kts secrets-encrypt status|rotate|enable|disable [KUBECONFIG]');
  const status = await ask(kubeconfig ?? input.env['KUBECONFIG'] ?? '/etc/kts/kts.yaml', ACTIONS[word]);
  process.stdout.write(statusText(status));
  return 0;
}

async function ask(kubeconfig: string, action: string | undefined): Promise<Status> {
  const access = await readKubeconfig(kubeconfig);
  const tls = () => ({ ca: access.authority, cert: access.certificate, key: access.key });
  const transport = new Http2Transport({ server: access.server, tls }, { clock: systemClock });
  try {
    const response = await transport.request({
      method: action === undefined ? 'GET' : 'POST',
      path: '/v1-kts/secrets-encryption',
      headers: { accept: 'application/json' },
      ...(action !== undefined && { body: JSON.stringify({ action }) }),
    });
    const answer = JSON.parse(await textOf(response.body)) as Status & { message?: string }; // The server's own route.
    if (response.status !== 200) throw new KtsError('secrets-encrypt', answer.message ?? `HTTP ${response.status}`);
    return answer;
  } finally {
    await transport.close();
  }
}

async function textOf(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

/** What is printed: the state, then the keys, the one that writes marked. */
export function statusText({ enabled, keys, plain }: Status): string {
  const width = Math.max(4, ...keys.map(({ name }) => name.length));
  const row = (active: string, type: string, name: string, secrets: string | number): string =>
    `${active.padEnd(8)}${type.padEnd(10)}${name.padEnd(width)}  ${secrets}`;
  return [
    `Encryption Status: ${enabled ? 'Enabled' : 'Disabled'}`,
    ...(plain > 0 ? [`Plain Secrets: ${plain}`] : []),
    '',
    row('Active', 'Key Type', 'Name', 'Secrets'),
    row('------', '--------', '----', '-------'),
    ...keys.map(({ name, secrets }, at) => row(enabled && at === 0 ? ' *' : '', 'AES-GCM', name, secrets)),
    '',
  ].join('\n');
}

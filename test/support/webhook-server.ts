// An HTTPS server that answers JSON posts, with a certificate made for the names it is to have: webhooks for integration tests.

import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createAuthority, generateKey, issueCertificate, publicKeyOf } from '../../src/base/x509.ts';

/** A request as the server got it. */
export interface WebhookPost {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: unknown;
  /** TLS server name that the client asked for. */
  readonly serverName: string | false;
}

/** What it answers: a value becomes JSON with code 200; text is sent as it is. Never settling = no answer. */
export type WebhookAnswer = { readonly code?: number; readonly text?: string; readonly value?: unknown };

/** A running server. */
export interface WebhookServer {
  readonly port: number;
  /** The authority of its certificate: PEM in base64, as a `caBundle`. */
  readonly caBundle: string;
  /** What was posted, in order. */
  readonly posts: WebhookPost[];
  /** Connections that were opened. */
  connections(): number;
  /** Ends the connections that are open. */
  cut(): void;
  stop(): Promise<void>;
}

const DAY_MS = 86_400_000;

/** Starts one on a free port of 127.0.0.1. `names` default to those of the Service `webhook` in `default`, and 127.0.0.1. */
export async function startWebhookServer(
  answer: (post: WebhookPost) => WebhookAnswer | Promise<WebhookAnswer>,
  names: { dns: readonly string[]; ips: readonly string[]; expired?: true } = { dns: ['webhook.default.svc'], ips: ['127.0.0.1'] },
): Promise<WebhookServer> {
  const { certificate, key, authority } = certify(names);
  const posts: WebhookPost[] = [];
  let connections = 0;
  const server = createServer({ cert: certificate, key }, async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const socket = request.socket as { servername?: string | false };
    const post = {
      path: request.url ?? '',
      headers: request.headers,
      body: JSON.parse(Buffer.concat(chunks).toString() || 'null') as unknown,
      serverName: socket.servername ?? false,
    };
    posts.push(post);
    const { code = 200, value, text } = await answer(post);
    response.writeHead(code, { 'content-type': text === undefined ? 'application/json' : 'text/plain' });
    response.end(text ?? JSON.stringify(value));
  });
  server.on('secureConnection', () => connections++);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    caBundle: Buffer.from(authority).toString('base64'),
    posts,
    connections: () => connections,
    cut: () => server.closeAllConnections(),
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function certify(names: { dns: readonly string[]; ips: readonly string[]; expired?: true }) {
  const now = Date.now();
  const life = { notBefore: now - 2 * DAY_MS, notAfter: now + DAY_MS };
  const authority = createAuthority({
    subject: { commonName: 'webhook test CA' },
    ...life,
    usages: [],
    keyUsages: ['certSign'],
    authority: true,
  });
  const key = generateKey();
  const certificate = issueCertificate(
    {
      subject: { commonName: names.dns[0] ?? 'webhook' },
      ...life,
      ...(names.expired && { notAfter: now - DAY_MS }),
      usages: ['server'],
      keyUsages: ['digitalSignature'],
      sans: names,
    },
    publicKeyOf(key),
    authority,
  );
  return { certificate, key, authority: authority.certificate };
}

// What a node that wants in talks to: `/cacerts` (to check its token against) and `/v1-kts/join` (name and token in, a bootstrap
// token and the cluster's configuration out). The certificates themselves go through the CertificateSigningRequest API.

import { badRequest, forbidden, unauthorized } from '../../api/status-error.ts';
import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import type { Client } from '../../client/client.ts';
import type { ClusterConfig, JoinReply } from '../../client/cluster-config.ts';
import { parseJoinToken } from '../../client/join-token.ts';
import { bearerToken } from '../auth/bearer-token.ts';
import type { Exchange } from '../http/exchange.ts';
import type { Route } from '../http/routes.ts';
import { type JoinSecrets, matchPassword } from '../pki/join-secrets.ts';
import type { NodeBootstrapTokens } from './node-bootstrap-tokens.ts';
import { holdsNodeName } from './node-passwords.ts';

/** What the routes need. */
export interface JoinRouteDeps {
  /** Authority of the API server's certificate, PEM. */
  readonly serverCa: string;
  readonly secrets: JoinSecrets;
  readonly config: ClusterConfig;
  readonly tokens: NodeBootstrapTokens;
  /** Reads and writes node passwords. */
  readonly client: Client;
  readonly log: Logger;
}

/** Node names are DNS subdomains. */
const NODE_NAME = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;
const JSON_TYPE = { 'content-type': 'application/json' };

/** The routes; both are open: the first is public, the second looks at the token itself. */
export function joinRoutes(deps: JoinRouteDeps): Route[] {
  const cacerts: Route['handle'] = (exchange) => exchange.send(200, { 'content-type': 'text/plain' }, deps.serverCa);
  return [
    { path: '/cacerts', open: true, listed: false, handle: cacerts },
    { path: '/v1-kts/join', methods: ['POST'], open: true, listed: false, handle: (exchange) => join(exchange, deps) },
  ];
}

async function join(exchange: Exchange, deps: JoinRouteDeps): Promise<void> {
  const token = bearerToken({ authorization: exchange.header('authorization'), webSocketProtocols: [], clientCertificate: undefined });
  if (!isJoinToken(token, deps.secrets)) throw unauthorized('the join token is not that of this cluster');
  const { nodeName, nodePassword } = parseJoinRequest(await exchange.body());
  if (!(await holdsNodeName(deps.client, nodeName, nodePassword))) {
    const why = 'another machine has this name: choose another (--node-name), or delete the Node if it is gone';
    throw forbidden({ group: '', resource: 'nodes' }, nodeName, why);
  }
  const reply: JoinReply = { bootstrapToken: deps.tokens.issue(nodeName), config: deps.config };
  deps.log.info('node joins', { node: nodeName });
  exchange.send(200, JSON_TYPE, JSON.stringify(reply));
}

function isJoinToken(token: string | undefined, secrets: JoinSecrets): boolean {
  const parsed = token === undefined ? undefined : parseJoinToken(token);
  return parsed !== undefined && matchPassword(secrets, parsed.password, parsed.user) !== undefined;
}

function parseJoinRequest(body: Buffer): { nodeName: string; nodePassword: string } {
  let value: { nodeName?: unknown; nodePassword?: unknown };
  try {
    value = JSON.parse(body.toString('utf8')) ?? {}; // Parser: each member is checked below.
  } catch (error) {
    throw badRequest(`the request is not JSON: ${messageOf(error)}`);
  }
  const { nodeName, nodePassword } = value;
  if (typeof nodeName !== 'string' || !NODE_NAME.test(nodeName)) throw badRequest('nodeName is missing or no DNS subdomain');
  if (typeof nodePassword !== 'string' || nodePassword.length < 16 || nodePassword.length > 256)
    throw badRequest('nodePassword is missing or not of 16 to 256 characters');
  return { nodeName, nodePassword };
}

// What a node is told of its cluster when it joins (server/join/join-routes.ts), and the token it joins with. Parsers.

import { joinError } from './errors.ts';

/** The configuration all nodes share. */
export interface ClusterConfig {
  /** Prefixes of pods. */
  readonly clusterCidrs: readonly string[];
  /** Prefixes of Services. */
  readonly serviceCidrs: readonly string[];
  readonly clusterDns: string;
  readonly clusterDomain: string;
  readonly backend: 'vxlan' | 'host-gw' | 'auto';
  /** Authority of the certificates that clients of the kubelet show, PEM. */
  readonly clientCa: string;
}

/** What the server answers to a join. */
export interface JoinReply {
  readonly bootstrapToken: string;
  readonly config: ClusterConfig;
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText);

/** Reads a configuration from JSON. @throws KtsError `join-unavailable` when it is not one. */
export function parseClusterConfig(value: unknown): ClusterConfig {
  const config = (value ?? {}) as Partial<Record<keyof ClusterConfig, unknown>>; // Parser: each member is checked.
  const { clusterCidrs, serviceCidrs, clusterDns, clusterDomain, clientCa } = config;
  const backend = (['vxlan', 'host-gw', 'auto'] as const).find((b) => b === config.backend);
  if (!isTexts(clusterCidrs) || !isTexts(serviceCidrs) || !isText(clusterDns) || !isText(clusterDomain) || !isText(clientCa) || !backend) {
    throw joinError('join-unavailable', 'the server sent no cluster configuration: is it a kts server of this version?');
  }
  return { clusterCidrs, serviceCidrs, clusterDns, clusterDomain, backend, clientCa };
}

/** Reads the answer to a join. @throws KtsError `join-unavailable` */
export function parseJoinReply(text: string): JoinReply {
  let reply: { bootstrapToken?: unknown; config?: unknown };
  try {
    reply = JSON.parse(text) ?? {}; // Parser: each member is checked.
  } catch (error) {
    throw joinError('join-unavailable', 'the server sent no JSON: is it a kts server?', error);
  }
  if (!isText(reply.bootstrapToken)) throw joinError('join-unavailable', 'the server sent no bootstrap token');
  return { bootstrapToken: reply.bootstrapToken, config: parseClusterConfig(reply.config) };
}

/** The hash of the server's authority that a token names; undefined for a bare password, which names none. @throws KtsError `join-token-invalid` */
export function authorityHashOf(token: string): string | undefined {
  const secure = /^K10([0-9a-f]{64})::(?:server|node):\S+$/.exec(token);
  if (secure) return secure[1];
  if (token !== '' && !/^K10|\s/.test(token)) return undefined;
  throw joinError(
    'join-token-invalid',
    'the token is not K10<hash>::node:<password> or a password: copy it from <data-dir>/server/node-token',
  );
}

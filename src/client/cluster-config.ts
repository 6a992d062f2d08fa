// What every node is told of its cluster when it joins: goes over the wire as JSON. Pure; both ends of a join have it from here.

/** How packets get to the pods of other nodes. */
const BACKENDS = ['vxlan', 'host-gw', 'auto'] as const;

/** The configuration all nodes share. */
export interface ClusterConfig {
  /** Prefixes of pods. */
  readonly clusterCidrs: readonly string[];
  /** Prefixes of Services. */
  readonly serviceCidrs: readonly string[];
  readonly clusterDns: string;
  readonly clusterDomain: string;
  /** `auto` = a plain route where nodes share a link, VXLAN where they do not. */
  readonly backend: (typeof BACKENDS)[number];
  /** Authority of the certificates that clients of the kubelet show, PEM. */
  readonly clientCa: string;
}

/** What the server answers to a join. */
export interface JoinReply {
  /** Bearer token for the first certificate request, good for this node's name only. */
  readonly bootstrapToken: string;
  readonly config: ClusterConfig;
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText);

/** Reads a configuration from JSON; undefined when it is none. */
export function readClusterConfig(value: unknown): ClusterConfig | undefined {
  const config = (value ?? {}) as Partial<Record<keyof ClusterConfig, unknown>>; // Parser: each member is checked.
  const { clusterCidrs, serviceCidrs, clusterDns, clusterDomain, clientCa } = config;
  const backend = BACKENDS.find((b) => b === config.backend);
  const complete = isTexts(clusterCidrs) && isTexts(serviceCidrs) && isText(clusterDns) && isText(clusterDomain) && isText(clientCa);
  return complete && backend ? { clusterCidrs, serviceCidrs, clusterDns, clusterDomain, backend, clientCa } : undefined;
}

/** Reads the answer to a join; undefined when it is none. */
export function readJoinReply(value: unknown): JoinReply | undefined {
  const { bootstrapToken, config } = (value ?? {}) as { bootstrapToken?: unknown; config?: unknown }; // Parser: as above.
  const read = readClusterConfig(config);
  return isText(bootstrapToken) && read ? { bootstrapToken, config: read } : undefined;
}

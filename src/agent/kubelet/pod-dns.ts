// A pod's host name, resolv.conf and /etc/hosts (documentation page "DNS for Services and Pods"; KEP-1797, KEP-4762).

import type { Pod } from '../../api/types/core-v1.gen.ts';

/** A resolver configuration. */
export interface ResolvConf {
  readonly servers: readonly string[];
  readonly searches: readonly string[];
  readonly options: readonly string[];
}

/** Parses resolv.conf(5). */
export function parseResolvConf(text: string): ResolvConf {
  const conf = { servers: [] as string[], searches: [] as string[], options: [] as string[] };
  for (const line of text.split('\n')) {
    const [keyword, ...words] = line
      .replace(/[#;].*$/, '')
      .trim()
      .split(/\s+/);
    if (keyword === 'nameserver' && words[0]) conf.servers.push(words[0]);
    else if (keyword === 'search') conf.searches = words.map((w) => (w.length > 1 ? w.replace(/\.$/, '') : w));
    else if (keyword === 'options') conf.options = words;
  }
  return conf;
}

/** What a node gives its pods. */
export interface NodeDns {
  readonly clusterDns: readonly string[];
  readonly clusterDomain: string;
  /** The node's own resolv.conf. */
  readonly host: ResolvConf;
}

/** glibc reads no more name servers; upstream's limits for the rest. */
const MAX_SERVERS = 3;
const MAX_SEARCHES = 32;
const MAX_SEARCH_CHARS = 2048;

const unique = (items: readonly string[]): string[] => [...new Set(items)];

/** The resolver configuration of a pod by its dnsPolicy and dnsConfig. */
export function podDns(pod: Pod, node: NodeDns): ResolvConf {
  const base = policyDns(pod, node);
  const custom = pod.spec.dnsConfig;
  const options = new Map([...base.options].map((text) => [text.split(':')[0] ?? text, text]));
  for (const { name = '', value } of custom?.options ?? []) options.set(name, value === undefined ? name : `${name}:${value}`);
  return {
    servers: unique([...base.servers, ...(custom?.nameservers ?? [])]).slice(0, MAX_SERVERS),
    searches: limitSearches(unique([...base.searches, ...(custom?.searches ?? [])])),
    options: [...options.values()],
  };
}

function policyDns(pod: Pod, { clusterDns, clusterDomain, host }: NodeDns): ResolvConf {
  const policy = pod.spec.dnsPolicy ?? 'ClusterFirst';
  if (policy === 'None') return { servers: [], searches: [], options: [] };
  const cluster = policy === 'ClusterFirstWithHostNet' || (policy === 'ClusterFirst' && !pod.spec.hostNetwork);
  if (!cluster || clusterDns.length === 0) return host;
  const own = [`${pod.metadata.namespace}.svc.${clusterDomain}`, `svc.${clusterDomain}`, clusterDomain];
  return { servers: clusterDns, searches: [...own, ...host.searches], options: ['ndots:5'] };
}

function limitSearches(searches: readonly string[]): string[] {
  const kept = searches.slice(0, MAX_SEARCHES);
  while (kept.join(' ').length > MAX_SEARCH_CHARS) kept.pop();
  return kept;
}

/** Host name and domain of a pod. */
export interface PodHostname {
  /** What the container sees; for host-network pods that of the node. */
  readonly hostname: string;
  /** Fully qualified domain below a headless Service; `''` without subdomain. */
  readonly domain: string;
}

/** Longest host name the kernel takes. */
const MAX_HOSTNAME = 64;

/** Host name by `hostname`, `subdomain`, `hostnameOverride` and `setHostnameAsFQDN`. */
export function podHostname(pod: Pod, clusterDomain: string): PodHostname {
  const { spec, metadata } = pod;
  if (spec.hostnameOverride) return { hostname: spec.hostnameOverride, domain: '' };
  const short = spec.hostname || truncate(metadata.name ?? '');
  const domain = spec.subdomain ? `${spec.subdomain}.${metadata.namespace}.svc.${clusterDomain}` : '';
  const full = spec.setHostnameAsFQDN && domain ? `${short}.${domain}` : short;
  return { hostname: full.length > MAX_HOSTNAME ? short : full, domain };
}

/** Upstream cuts a long pod name to 63 characters and trims what may not end a name. */
function truncate(name: string): string {
  return name.length <= 63 ? name : name.slice(0, 63).replace(/[-.]+$/, '');
}

const HEADER = '# Kubernetes-managed hosts file.';

/** The text of a pod's /etc/hosts. `hostFile` is the node's own, which host-network pods get. */
export function hostsFile(
  pod: Pod,
  podIPs: readonly string[],
  options: { readonly clusterDomain: string; readonly hostFile: string },
): string {
  const aliases = (pod.spec.hostAliases ?? []).map(({ ip, hostnames = [] }) => `${ip}\t${hostnames.join('\t')}`);
  const tail = aliases.length ? `\n# Entries added by HostAliases.\n${aliases.join('\n')}\n` : '';
  if (pod.spec.hostNetwork) return `# Kubernetes-managed hosts file (host network).\n${options.hostFile}${tail}`;
  const { hostname, domain } = podHostname(pod, options.clusterDomain);
  const short = hostname.endsWith(`.${domain}`) && domain ? hostname.slice(0, -domain.length - 1) : hostname;
  const own = podIPs.map((ip) => `${ip}\t${domain ? `${short}.${domain}\t` : ''}${short}`);
  const fixed = ['127.0.0.1\tlocalhost', '::1\tlocalhost ip6-localhost ip6-loopback', 'fe00::0\tip6-localnet', 'fe00::0\tip6-mcastprefix'];
  return `${[HEADER, ...fixed, 'fe00::1\tip6-allnodes', 'fe00::2\tip6-allrouters', ...own].join('\n')}\n${tail}`;
}

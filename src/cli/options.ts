// Flag values as typed options of the two long-lived commands, checked. Pure.

import { isIP } from 'node:net';
import { KtsError } from '../base/errors.ts';
import { type PluginSelection, selectionFault } from '../server/admission/plugin-selection.ts';
import { type AuditOptions, auditOptions } from './audit-options.ts';
import { type OidcSettings, oidcSettings } from './oidc-options.ts';
import type { FlagValue, FlagValues } from './parse-flags.ts';

/** Where things are on this machine. */
export interface Directories {
  /** Everything that is kept. */
  readonly data: string;
  /** Sockets and state that a reboot may lose. */
  readonly run: string;
  /** Pods' volumes. */
  readonly kubelet: string;
  readonly podLogs: string;
  readonly containerLogs: string;
}

/** What an agent is told by its machine's operator. */
export interface NodeOptions {
  readonly directories: Directories;
  readonly debug: boolean;
  /** Absent: standard error. */
  readonly logFile: string | undefined;
  readonly nodeName: string | undefined;
  readonly withNodeId: boolean;
  readonly nodeLabels: Readonly<Record<string, string>>;
  readonly nodeTaints: readonly { key: string; value: string; effect: string }[];
  readonly nodeIp: string | undefined;
  readonly nodeExternalIp: string | undefined;
  readonly resolvConf: string;
  readonly maxPods: number;
  readonly runtime: 'runc' | 'crun' | undefined;
  readonly snapshotter: 'overlayfs' | 'native';
  readonly pauseImage: string;
  readonly cgroupRoot: string;
  /** The secret, or the file that holds it. */
  readonly token: string | undefined;
  readonly tokenFile: string | undefined;
}

/** Options of `kts agent`. */
export interface AgentOptions extends NodeOptions {
  /** `https://host:port`. */
  readonly server: string;
}

/** Options of `kts server`. */
export interface ServerOptions extends NodeOptions {
  readonly bindAddress: string;
  readonly port: number;
  readonly advertiseAddress: string | undefined;
  readonly tlsSans: readonly string[];
  /** Requests that may run at once; from 1 on. */
  readonly maxInFlight: number;
  readonly clusterCidr: string;
  readonly serviceCidr: string;
  readonly nodePorts: { readonly first: number; readonly last: number };
  readonly clusterDns: string;
  readonly clusterDomain: string;
  readonly backend: 'vxlan' | 'host-gw' | 'auto';
  readonly kubeconfig: { readonly path: string; readonly mode: number; readonly group: string | undefined };
  readonly agentToken: string | undefined;
  readonly agentTokenFile: string | undefined;
  /** Admission plugins beyond, and without some of, the default ones. */
  readonly admission: PluginSelection & { readonly configFile: string | undefined };
  readonly oidc: OidcSettings | undefined;
  /** File with an AuthenticationConfiguration. */
  readonly authenticationConfig: string | undefined;
  readonly runAgent: boolean;
  readonly runScheduler: boolean;
  readonly audit: AuditOptions;
}

const usage = (message: string): KtsError<'usage'> => new KtsError('usage', message);

/** Reads typed values out of the flags; each method throws KtsError `usage` naming the flag. */
class FlagReader {
  readonly #values: FlagValues;

  constructor(values: FlagValues) {
    this.#values = values;
  }

  #get(name: string): FlagValue | undefined {
    return this.#values.get(name);
  }

  text(name: string): string {
    return String(this.#get(name) ?? '');
  }

  optional(name: string): string | undefined {
    return this.text(name) || undefined;
  }

  number(name: string): number {
    return Number(this.#get(name));
  }

  flag(name: string): boolean {
    return this.#get(name) === true;
  }

  list(name: string): readonly string[] {
    const value = this.#get(name);
    return Array.isArray(value) ? (value as readonly string[]) : []; // Only lists of words are arrays.
  }

  /** One of a set; `''` counts as absent. */
  choice<T extends string>(name: string, choices: readonly T[]): T | undefined {
    const text = this.optional(name);
    if (text === undefined) return undefined;
    const found = choices.find((choice) => choice === text);
    if (found === undefined) throw usage(`--${name}: "${text}" is none of ${choices.join(', ')}`);
    return found;
  }

  /** A whole number that is not negative. */
  count(name: string): number {
    const count = this.number(name);
    if (!Number.isInteger(count) || count < 0) throw usage(`--${name}: ${count} is no whole number from 0 on`);
    return count;
  }

  port(name: string): number {
    const port = this.number(name);
    if (!Number.isInteger(port) || port < 1 || port > 65_535) throw usage(`--${name}: ${port} is no port (1 to 65535)`);
    return port;
  }

  address(name: string): string | undefined {
    const text = this.optional(name);
    if (text !== undefined && isIP(text) === 0) throw usage(`--${name}: "${text}" is no IP address`);
    return text;
  }

  directory(name: string): string {
    const text = this.text(name);
    if (!text.startsWith('/')) throw usage(`--${name}: "${text}" is not an absolute path`);
    return text.replace(/(.)\/+$/, '$1');
  }

  /** An IPv4 network with its prefix length. */
  network(name: string): string {
    const text = this.text(name);
    const [address = '', bits = ''] = text.split('/');
    if (isIP(address) !== 4 || !/^([1-9]|[12]\d|30)$/.test(bits))
      throw usage(`--${name}: "${text}" is no IPv4 network such as 10.42.0.0/16`);
    return text;
  }
}

/** The directories among the flags. */
export function directoriesOf(values: FlagValues): Directories {
  const read = new FlagReader(values);
  return {
    data: read.directory('data-dir'),
    run: read.directory('run-dir'),
    kubelet: read.directory('kubelet-dir'),
    podLogs: read.directory('pod-logs-dir'),
    containerLogs: read.directory('container-logs-dir'),
  };
}

const LABEL = /^[^=\s]+=[^=\s]*$/;
const TAINT = /^([^=:\s]+)(?:=([^:\s]*))?:(NoSchedule|PreferNoSchedule|NoExecute)$/;

function nodeOptions(values: FlagValues): NodeOptions {
  const read = new FlagReader(values);
  const nodeName = read.optional('node-name');
  if (nodeName !== undefined && !/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/.test(nodeName)) {
    throw usage(`--node-name: "${nodeName}" is no node name: lower case letters, digits, '-' and '.'`);
  }
  return {
    directories: directoriesOf(values),
    debug: read.flag('debug'),
    logFile: read.optional('log'),
    nodeName,
    withNodeId: read.flag('with-node-id'),
    nodeLabels: Object.fromEntries(read.list('node-label').map(labelOf)),
    nodeTaints: read.list('node-taint').map(taintOf),
    nodeIp: read.address('node-ip'),
    nodeExternalIp: read.address('node-external-ip'),
    resolvConf: read.optional('resolv-conf') ?? '/etc/resolv.conf',
    maxPods: read.number('max-pods'),
    runtime: read.choice('default-runtime', ['runc', 'crun']),
    snapshotter: read.choice('snapshotter', ['overlayfs', 'native']) ?? 'overlayfs',
    pauseImage: read.text('pause-image'),
    cgroupRoot: read.directory('cgroup-root'),
    token: read.optional('token'),
    tokenFile: read.optional('token-file'),
  };
}

function labelOf(text: string): [string, string] {
  if (!LABEL.test(text)) throw usage(`--node-label: "${text}" is not key=value`);
  const at = text.indexOf('=');
  return [text.slice(0, at), text.slice(at + 1)];
}

function taintOf(text: string): { key: string; value: string; effect: string } {
  const match = TAINT.exec(text);
  if (!match) throw usage(`--node-taint: "${text}" is not key=value:Effect (NoSchedule, PreferNoSchedule, NoExecute)`);
  return { key: match[1] ?? '', value: match[2] ?? '', effect: match[3] ?? '' };
}

/** Options of `kts agent`. @throws KtsError `usage` */
export function agentOptions(values: FlagValues): AgentOptions {
  const server = new FlagReader(values).text('join').replace(/\/+$/, '');
  const node = nodeOptions(values);
  if (server === '') throw usage('--join https://HOST:6443 is needed (or KTS_URL)');
  if (!/^https:\/\/[^/]+$/.test(server)) throw usage(`--join: "${server}" is not https://HOST:PORT`);
  if (node.token === undefined && node.tokenFile === undefined) throw usage('--token is needed (or --token-file, KTS_TOKEN)');
  return { ...node, server };
}

function nodePortRange(text: string): { first: number; last: number } {
  const match = /^(\d{1,5})-(\d{1,5})$/.exec(text);
  const [first, last] = [Number(match?.[1]), Number(match?.[2])];
  if (!(first >= 1 && last <= 65_535 && first <= last)) throw usage(`--service-node-port-range: "${text}" is no range such as 30000-32767`);
  return { first, last };
}

const toNumber = (ip: string): number => ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);

/** Whether an IPv4 address lies in a network. */
function contains(network: string, ip: string): boolean {
  const [address = '', bits = ''] = network.split('/');
  const size = 2 ** (32 - Number(bits));
  return isIP(ip) === 4 && Math.floor(toNumber(address) / size) === Math.floor(toNumber(ip) / size);
}

/** Options of `kts server`. @throws KtsError `usage` */
export function serverOptions(values: FlagValues): ServerOptions {
  const read = new FlagReader(values);
  const mode = read.text('write-kubeconfig-mode');
  if (!/^0?[0-7]{3}$/.test(mode)) throw usage(`--write-kubeconfig-mode: "${mode}" is no octal mode such as 600`);
  const options: ServerOptions = {
    ...nodeOptions(values),
    bindAddress: read.address('bind-address') ?? '0.0.0.0',
    port: read.port('https-listen-port'),
    advertiseAddress: read.address('advertise-address'),
    tlsSans: read.list('tls-san'),
    maxInFlight: read.count('max-requests-inflight') + read.count('max-mutating-requests-inflight'),
    clusterCidr: read.network('cluster-cidr'),
    serviceCidr: read.network('service-cidr'),
    nodePorts: nodePortRange(read.text('service-node-port-range')),
    clusterDns: read.address('cluster-dns') ?? '',
    clusterDomain: read.text('cluster-domain'),
    backend: read.choice('flannel-backend', ['vxlan', 'host-gw', 'auto']) ?? 'vxlan',
    kubeconfig: {
      path: read.directory('write-kubeconfig'),
      mode: Number.parseInt(mode, 8),
      group: read.optional('write-kubeconfig-group'),
    },
    agentToken: read.optional('agent-token'),
    agentTokenFile: read.optional('agent-token-file'),
    admission: {
      enable: read.list('enable-admission-plugins'),
      disable: read.list('disable-admission-plugins'),
      configFile: read.optional('admission-control-config-file'),
    },
    oidc: oidcSettings(values),
    authenticationConfig: read.optional('authentication-config'),
    runAgent: !read.flag('disable-agent'),
    runScheduler: !read.flag('disable-scheduler'),
    audit: auditOptions(values),
  };
  if (!contains(options.serviceCidr, options.clusterDns))
    throw usage(`--cluster-dns: ${options.clusterDns} is not in --service-cidr ${options.serviceCidr}`);
  if (options.maxInFlight === 0) throw usage('--max-requests-inflight, --max-mutating-requests-inflight: one of them must be more than 0');
  const admissionFault = selectionFault(options.admission);
  if (admissionFault !== undefined) throw usage(`--enable-admission-plugins, --disable-admission-plugins: ${admissionFault}`);
  const [clusterBase = ''] = options.clusterCidr.split('/');
  const [serviceBase = ''] = options.serviceCidr.split('/');
  if (contains(options.clusterCidr, serviceBase) || contains(options.serviceCidr, clusterBase)) {
    throw usage(`--cluster-cidr ${options.clusterCidr} and --service-cidr ${options.serviceCidr} overlap`);
  }
  return options;
}

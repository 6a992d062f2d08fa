// Every flag of every command, in one table: help, parsing, environment and configuration file all read it.

import { AUDIT_FLAGS } from './audit-options.ts';
import { NODE_FLAGS } from './node-flags.ts';
import { OIDC_FLAGS } from './oidc-options.ts';

/** Commands that take flags of this table. */
export type FlagCommand = 'server' | 'agent' | 'uninstall';

/** One flag. */
export interface Flag {
  readonly name: string;
  /** One-letter form. */
  readonly short?: string;
  /** `list` may be given several times; values are also split at commas. */
  readonly type: 'string' | 'boolean' | 'number' | 'list';
  readonly default?: string | number | boolean;
  /** Environment variable that sets it. */
  readonly env?: string;
  readonly group: string;
  readonly help: string;
  readonly commands: readonly FlagCommand[];
}

const BOTH: readonly FlagCommand[] = ['server', 'agent'];
const SERVER: readonly FlagCommand[] = ['server'];
const AGENT: readonly FlagCommand[] = ['agent'];

/** The table, in the order of the help text. */
const FLAGS: readonly Flag[] = [
  {
    name: 'config',
    short: 'c',
    type: 'string',
    default: '/etc/kts/config.yaml',
    env: 'KTS_CONFIG_FILE',
    group: 'config',
    commands: BOTH,
    help: 'configuration file; drop-ins are read from FILE.d/*.yaml',
  },
  {
    name: 'data-dir',
    short: 'd',
    type: 'string',
    default: '/var/lib/kts',
    env: 'KTS_DATA_DIR',
    group: 'config',
    commands: [...BOTH, 'uninstall'],
    help: 'directory of everything that is kept',
  },
  {
    name: 'run-dir',
    type: 'string',
    default: '/run/kts',
    env: 'KTS_RUN_DIR',
    group: 'config',
    commands: [...BOTH, 'uninstall'],
    help: 'directory of sockets and state that a reboot may lose',
  },
  { name: 'debug', type: 'boolean', default: false, env: 'KTS_DEBUG', group: 'logging', commands: BOTH, help: 'log at debug level' },
  {
    name: 'log',
    short: 'l',
    type: 'string',
    env: 'KTS_LOG',
    group: 'logging',
    commands: BOTH,
    help: 'log to this file instead of standard error',
  },

  { name: 'bind-address', type: 'string', default: '0.0.0.0', group: 'listener', commands: SERVER, help: 'address the API listens on' },
  {
    name: 'https-listen-port',
    type: 'number',
    default: 6443,
    env: 'KTS_HTTPS_LISTEN_PORT',
    group: 'listener',
    commands: SERVER,
    help: 'port the API listens on',
  },
  {
    name: 'advertise-address',
    type: 'string',
    group: 'listener',
    commands: SERVER,
    help: 'address of the API for members of the cluster (default: node-ip)',
  },
  {
    name: 'max-requests-inflight',
    type: 'number',
    default: 400,
    group: 'listener',
    commands: SERVER,
    help: 'with --max-mutating-requests-inflight: how many requests run at once, shared among the priority levels',
  },
  {
    name: 'max-mutating-requests-inflight',
    type: 'number',
    default: 200,
    group: 'listener',
    commands: SERVER,
    help: 'added to --max-requests-inflight',
  },
  { name: 'tls-san', type: 'list', group: 'listener', commands: SERVER, help: 'further host name or address in the serving certificate' },

  {
    name: 'cluster-cidr',
    type: 'string',
    default: '10.42.0.0/16',
    group: 'network',
    commands: SERVER,
    help: 'network of the pods; each node gets a /24',
  },
  { name: 'service-cidr', type: 'string', default: '10.43.0.0/16', group: 'network', commands: SERVER, help: 'network of the Services' },
  {
    name: 'service-node-port-range',
    type: 'string',
    default: '30000-32767',
    group: 'network',
    commands: SERVER,
    help: 'ports of NodePort Services',
  },
  {
    name: 'cluster-dns',
    type: 'string',
    default: '10.43.0.10',
    group: 'network',
    commands: [...SERVER, 'uninstall'],
    help: 'address of the cluster DNS, in the service network',
  },
  {
    name: 'cluster-domain',
    type: 'string',
    default: 'cluster.local',
    group: 'network',
    commands: SERVER,
    help: 'DNS domain of the cluster',
  },
  {
    name: 'flannel-backend',
    type: 'string',
    default: 'vxlan',
    group: 'network',
    commands: SERVER,
    help: 'how nodes reach each other: vxlan, host-gw or auto (routes on the same link, VXLAN beyond)',
  },

  {
    name: 'write-kubeconfig',
    short: 'o',
    type: 'string',
    default: '/etc/kts/kts.yaml',
    env: 'KTS_KUBECONFIG_OUTPUT',
    group: 'kubeconfig',
    commands: SERVER,
    help: 'where the admin kubeconfig is written',
  },
  {
    name: 'write-kubeconfig-mode',
    type: 'string',
    default: '600',
    env: 'KTS_KUBECONFIG_MODE',
    group: 'kubeconfig',
    commands: SERVER,
    help: 'its mode, octal',
  },
  { name: 'write-kubeconfig-group', type: 'string', env: 'KTS_KUBECONFIG_GROUP', group: 'kubeconfig', commands: SERVER, help: 'its group' },

  {
    name: 'token',
    short: 't',
    type: 'string',
    env: 'KTS_TOKEN',
    group: 'cluster',
    commands: BOTH,
    help: 'shared secret of the cluster (default on a server: made at the first start)',
  },
  { name: 'token-file', type: 'string', env: 'KTS_TOKEN_FILE', group: 'cluster', commands: BOTH, help: 'file that holds the token' },
  {
    name: 'agent-token',
    type: 'string',
    env: 'KTS_AGENT_TOKEN',
    group: 'cluster',
    commands: SERVER,
    help: 'secret with which agents join (default: the token)',
  },
  {
    name: 'agent-token-file',
    type: 'string',
    env: 'KTS_AGENT_TOKEN_FILE',
    group: 'cluster',
    commands: SERVER,
    help: 'file that holds the agent token',
  },
  {
    name: 'join',
    short: 's',
    type: 'string',
    env: 'KTS_URL',
    group: 'cluster',
    commands: AGENT,
    help: 'server to join, https://HOST:6443 (also --server)',
  },
  ...OIDC_FLAGS,
  {
    name: 'enable-admission-plugins',
    type: 'list',
    group: 'cluster',
    commands: SERVER,
    help: 'admission plugin to run beside the default ones, e.g. AlwaysPullImages',
  },
  {
    name: 'disable-admission-plugins',
    type: 'list',
    group: 'cluster',
    commands: SERVER,
    help: 'admission plugin not to run although it is a default one',
  },
  {
    name: 'admission-control-config-file',
    type: 'string',
    group: 'cluster',
    commands: SERVER,
    help: 'file with the configuration of admission plugins (apiserver.config.k8s.io/v1): EventRateLimit, ImagePolicyWebhook, PodSecurity, ResourceQuota',
  },
  { name: 'disable-agent', type: 'boolean', default: false, group: 'cluster', commands: SERVER, help: 'run no node on this machine' },
  { name: 'disable-scheduler', type: 'boolean', default: false, group: 'cluster', commands: SERVER, help: 'run no scheduler' },

  ...AUDIT_FLAGS,

  ...NODE_FLAGS,

  {
    name: 'keep-data',
    type: 'boolean',
    default: false,
    group: 'uninstall',
    commands: ['uninstall'],
    help: 'keep the data directory and the configuration',
  },
];

/** Other spellings of flags, as k3s has them. */
export const FLAG_ALIASES: Readonly<Record<string, string>> = { server: 'join' };

/** The flags of one command. */
export function flagsOf(command: FlagCommand): Flag[] {
  return FLAGS.filter((flag) => flag.commands.includes(command));
}

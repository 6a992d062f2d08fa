// The CNI contract: requests, results and errors of the specification (0.3.1 to 1.1.0), and their wire forms.
// https://www.cni.dev/docs/spec/

import { messageOf } from '../base/errors.ts';
import { cniCodeOf, cniError } from './errors.ts';

/** Versions that are spoken, oldest first. */
const CNI_VERSIONS = ['0.3.1', '0.4.0', '1.0.0', '1.1.0'] as const;

/** What the runtime asks for. */
export type CniCommand = 'ADD' | 'DEL' | 'CHECK' | 'STATUS' | 'GC' | 'VERSION';

/** One host port (the `portMappings` capability). */
export interface PortMapping {
  readonly hostPort: number;
  readonly containerPort: number;
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  /** `''` = all addresses of the node. */
  readonly hostIp: string;
}

/** The container interface a request is about. */
export interface AttachmentKey {
  readonly containerId: string;
  readonly ifName: string;
}

/** A request, checked. `netns` is `''` where a DEL has none. */
export interface CniRequest extends AttachmentKey {
  readonly command: CniCommand;
  readonly netns: string;
  readonly cniVersion: string;
  readonly network: string;
  readonly type: string;
  readonly portMappings: readonly PortMapping[];
  /** GC: the attachments that are still wanted. */
  readonly validAttachments: readonly AttachmentKey[];
}

/** What an ADD made; wire form by `formatResult`. */
export interface CniResult {
  readonly interfaces: readonly { readonly name: string; readonly mac: string; readonly sandbox?: string }[];
  /** `address` with prefix length; `interface` is an index into `interfaces`. */
  readonly ips: readonly { readonly address: string; readonly gateway: string; readonly interface: number }[];
  readonly routes: readonly { readonly dst: string; readonly gw?: string }[];
}

/** A plugin. Each method rejects with a CNI failure (errors.ts). */
export interface CniPlugin {
  /** Makes the interface; for a key that exists already, makes it anew. */
  add(request: CniRequest): Promise<CniResult>;
  /** Removes the interface and frees its address. Resolves also when nothing is there. */
  del(request: AttachmentKey): Promise<void>;
  /** @throws `cni-check` when the interface is not as ADD made it. */
  check(request: CniRequest): Promise<void>;
  /** Removes all attachments but these. */
  gc(valid: readonly AttachmentKey[]): Promise<void>;
}

const COMMANDS: readonly CniCommand[] = ['ADD', 'DEL', 'CHECK', 'STATUS', 'GC', 'VERSION'];
const CONTAINER_ID = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/;
const IF_NAME = /^[A-Za-z0-9_.-]{1,15}$/;
/** A path that can stand in an `ip -batch` line. */
const NETNS = /^\/[A-Za-z0-9_./-]+$/;

/** Reads a request from the CNI_* variables and the configuration on standard input. @throws a CNI failure with the code the specification names. */
export function parseCniRequest(env: Readonly<Record<string, string | undefined>>, stdin: string): CniRequest {
  const command = COMMANDS.find((c) => c === env['CNI_COMMAND']);
  if (!command) throw cniError('cni-invalid-environment', `CNI_COMMAND is ${env['CNI_COMMAND'] ?? 'not set'}`);
  const config = parseConfig(stdin);
  const cniVersion = stringOf(config['cniVersion'], '0.1.0');
  if (command !== 'VERSION' && !CNI_VERSIONS.some((v) => v === cniVersion)) {
    throw cniError('cni-incompatible-version', `CNI version ${cniVersion} is not supported, only ${CNI_VERSIONS.join(', ')}`);
  }
  const request = {
    command,
    containerId: env['CNI_CONTAINERID'] ?? '',
    ifName: env['CNI_IFNAME'] ?? '',
    netns: env['CNI_NETNS'] ?? '',
    cniVersion,
    network: stringOf(config['name'], ''),
    type: stringOf(config['type'], ''),
    portMappings: parsePortMappings(config['runtimeConfig']),
    validAttachments: parseAttachments(config['cni.dev/valid-attachments'] ?? config['cni.dev/attachments']),
  };
  checkEnvironment(request);
  return request;
}

function checkEnvironment(request: CniRequest): void {
  if (request.command === 'VERSION' || request.command === 'STATUS' || request.command === 'GC') return;
  if (!CONTAINER_ID.test(request.containerId)) throw cniError('cni-invalid-environment', 'CNI_CONTAINERID is missing or malformed');
  if (!IF_NAME.test(request.ifName) || request.ifName === '.' || request.ifName === '..') {
    throw cniError('cni-invalid-environment', 'CNI_IFNAME is missing or malformed');
  }
  if (request.netns === '' && request.command === 'DEL') return;
  if (!NETNS.test(request.netns)) throw cniError('cni-invalid-environment', 'CNI_NETNS is missing or malformed');
}

function parseConfig(stdin: string): Record<string, unknown> {
  if (stdin.trim() === '') return {};
  try {
    return recordOf(JSON.parse(stdin));
  } catch (error) {
    throw cniError('cni-decode', 'the network configuration is not JSON', error);
  }
}

function recordOf(value: unknown): Record<string, unknown> {
  // Parser: a JSON object is a record of unknowns.
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

const stringOf = (value: unknown, absent: string): string => (typeof value === 'string' ? value : absent);
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const isPort = (value: unknown): value is number => Number.isInteger(value) && Number(value) > 0 && Number(value) < 65_536;

function parsePortMappings(runtimeConfig: unknown): PortMapping[] {
  const mappings: PortMapping[] = [];
  for (const item of listOf(recordOf(runtimeConfig)['portMappings']).map(recordOf)) {
    // containerd writes `HostPort` where the convention has `hostPort`: member names are told apart without their case, as in Go.
    const field = new Map(Object.entries(item).map(([name, value]) => [name.toLowerCase(), value]));
    const [hostPort, containerPort] = [field.get('hostport'), field.get('containerport')];
    if (!hostPort) continue; // Port 0 asks for nothing.
    const protocol = stringOf(field.get('protocol'), 'tcp').toLowerCase();
    if (!isPort(hostPort) || !isPort(containerPort) || (protocol !== 'tcp' && protocol !== 'udp' && protocol !== 'sctp')) {
      throw cniError('cni-invalid-config', `port mapping ${JSON.stringify(item)} is not valid`);
    }
    mappings.push({ hostPort, containerPort, protocol, hostIp: stringOf(field.get('hostip'), '') });
  }
  return mappings;
}

function parseAttachments(value: unknown): AttachmentKey[] {
  return listOf(value)
    .map(recordOf)
    .map((item) => ({ containerId: stringOf(item['containerID'], ''), ifName: stringOf(item['ifname'], '') }));
}

/** The JSON of a result in the form of the version that was asked for. */
export function formatResult(cniVersion: string, result: CniResult): string {
  const old = cniVersion.startsWith('0.');
  const ips = result.ips.map((ip) => ({ ...(old && { version: ip.address.includes(':') ? '6' : '4' }), ...ip }));
  return JSON.stringify({ cniVersion, interfaces: result.interfaces, ips, routes: result.routes, dns: {} });
}

/** The JSON of a failure. */
export function formatError(cniVersion: string, error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : '';
  return JSON.stringify({ cniVersion, code: cniCodeOf(error), msg: messageOf(error), ...(cause && { details: cause }) });
}

/** The JSON that answers VERSION. */
export function formatVersions(): string {
  return JSON.stringify({ cniVersion: '1.1.0', supportedVersions: CNI_VERSIONS });
}

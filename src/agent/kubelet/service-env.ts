// Environment variables of Services (documentation page "Service", Discovering services): `WEB_SERVICE_HOST`, and the link variables.

import type { Service } from '../../api/types/core-v1.gen.ts';

const nameOf = (text: string): string => text.toUpperCase().replaceAll('-', '_');

/** Variables of the Services a pod sees: those of its namespace (when it wants links) and `kubernetes` of the default namespace. */
export function serviceEnv(services: readonly Service[], namespace: string, links: boolean): ReadonlyMap<string, string> {
  const visible = new Map<string, Service>();
  for (const service of services) {
    const { name = '', namespace: own = '' } = service.metadata;
    const ip = service.spec.clusterIP;
    if (!ip || ip === 'None') continue;
    if (own === 'default' && name === 'kubernetes' && !visible.has(name)) visible.set(name, service);
    if (links && own === namespace) visible.set(name, service);
  }
  const env = new Map<string, string>();
  for (const [name, service] of visible) addService(env, name, service);
  return env;
}

function addService(env: Map<string, string>, name: string, service: Service): void {
  const ip = service.spec.clusterIP ?? '';
  const host = ip.includes(':') ? `[${ip}]` : ip;
  const prefix = nameOf(name);
  const ports = service.spec.ports ?? [];
  const first = ports[0];
  if (!first) return;
  env.set(`${prefix}_SERVICE_HOST`, ip);
  env.set(`${prefix}_SERVICE_PORT`, String(first.port));
  for (const { name: port, port: number } of ports) if (port) env.set(`${prefix}_SERVICE_PORT_${nameOf(port)}`, String(number));
  for (const [index, { port, protocol = 'TCP' }] of ports.entries()) {
    const url = `${protocol.toLowerCase()}://${host}:${port}`;
    if (index === 0) env.set(`${prefix}_PORT`, url);
    const link = `${prefix}_PORT_${port}_${protocol}`;
    env.set(link, url);
    env.set(`${link}_PROTO`, protocol.toLowerCase());
    env.set(`${link}_PORT`, String(port));
    env.set(`${link}_ADDR`, ip);
  }
}

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { DnsRecord, RecordReply } from '../../../../src/agent/dns/message.ts';
import { answerFromZone, answerReverse, type ZoneData } from '../../../../src/agent/dns/zone.ts';
import type { Service, ServiceSpec } from '../../../../src/api/types/core-v1.gen.ts';
import type { Endpoint, EndpointSlice } from '../../../../src/api/types/discovery-v1.gen.ts';

const OPTIONS = { domain: 'cluster.local', address: '10.43.0.10' };
const service = (name: string, spec: ServiceSpec): [string, Service] => [`d/${name}`, { metadata: { namespace: 'd', name }, spec }];
const SERVICES = new Map([
  service('web', {
    clusterIP: '10.43.0.80',
    clusterIPs: ['10.43.0.80', 'fd00::80'],
    ports: [
      { name: 'http', port: 80 },
      { name: 'dns', protocol: 'UDP', port: 53 },
    ],
  }),
  service('db', { clusterIP: 'None', ports: [{ name: 'sql', port: 5432 }] }),
  service('empty', { clusterIP: 'None' }),
  service('ext', { type: 'ExternalName', externalName: 'Example.COM.' }),
  service('extip', { type: 'ExternalName', externalName: '192.0.2.7' }),
]);
const endpoint = (ip: string, rest: Partial<Endpoint> = {}): Endpoint => ({ addresses: [ip], ...rest });
const DB: EndpointSlice = {
  metadata: { namespace: 'd', name: 'db-1' },
  addressType: 'IPv4',
  ports: [{ name: 'sql', protocol: 'TCP', port: 5432 }],
  endpoints: [endpoint('10.42.1.5', { hostname: 'db-0' }), endpoint('10.42.1.6'), endpoint('10.42.1.7', { conditions: { ready: false } })],
};
const DATA: ZoneData = {
  service: (key) => SERVICES.get(key),
  slices: (key) => (key === 'd/db' ? [DB] : []),
  hasNamespace: (name) => name === 'd',
  servicesByIp: (ip) => [...SERVICES.values()].filter((s) => s.spec.clusterIP === ip),
  hostnamesByIp: (ip) => (ip === '10.42.1.5' ? [{ serviceKey: 'd/db', hostname: 'db-0' }] : []),
};

const show = (r: DnsRecord): string =>
  r.type === 'SRV' ? `SRV ${r.data.weight} ${r.data.port} ${r.data.target}` : `${r.type} ${r.type === 'SOA' ? r.name : r.data}`;
const shown = (reply: RecordReply | undefined): string | string[] => {
  if (!reply) return 'not here';
  if (reply.answers.length > 0) return reply.answers.map(show);
  assert.equal(reply.authorities[0]?.type, 'SOA', 'a negative answer carries the SOA');
  return reply.rcode === 'NOERROR' ? 'NODATA' : reply.rcode;
};

suite('answerFromZone', () => {
  const cases: [string, string, string | string[]][] = [
    ['A', 'web.d.svc.cluster.local', ['A 10.43.0.80']],
    ['AAAA', 'web.d.svc.cluster.local', ['AAAA fd00::80']],
    ['MX', 'web.d.svc.cluster.local', 'NODATA'],
    ['SRV', '_http._tcp.web.d.svc.cluster.local', ['SRV 100 80 web.d.svc.cluster.local']],
    ['SRV', '_dns._udp.web.d.svc.cluster.local', ['SRV 100 53 web.d.svc.cluster.local']],
    ['SRV', '_http._udp.web.d.svc.cluster.local', 'NXDOMAIN'],
    ['SRV', 'web.d.svc.cluster.local', ['SRV 50 80 web.d.svc.cluster.local', 'SRV 50 53 web.d.svc.cluster.local']],
    ['A', '_tcp.web.d.svc.cluster.local', 'NODATA'],
    ['A', 'db.d.svc.cluster.local', ['A 10.42.1.5', 'A 10.42.1.6']],
    ['AAAA', 'db.d.svc.cluster.local', 'NODATA'],
    ['A', 'db-0.db.d.svc.cluster.local', ['A 10.42.1.5']],
    ['A', '10-42-1-6.db.d.svc.cluster.local', ['A 10.42.1.6']],
    ['A', '10-42-1-7.db.d.svc.cluster.local', 'NXDOMAIN'],
    [
      'SRV',
      '_sql._tcp.db.d.svc.cluster.local',
      ['SRV 50 5432 db-0.db.d.svc.cluster.local', 'SRV 50 5432 10-42-1-6.db.d.svc.cluster.local'],
    ],
    ['A', 'empty.d.svc.cluster.local', 'NODATA'],
    ['A', 'ext.d.svc.cluster.local', ['CNAME example.com']],
    ['CNAME', 'ext.d.svc.cluster.local', ['CNAME example.com']],
    ['A', 'x.ext.d.svc.cluster.local', 'NXDOMAIN'],
    ['A', 'extip.d.svc.cluster.local', ['A 192.0.2.7']],
    ['A', 'none.d.svc.cluster.local', 'NXDOMAIN'],
    ['A', 'web.other.svc.cluster.local', 'NXDOMAIN'],
    ['A', 'd.svc.cluster.local', 'NODATA'],
    ['A', 'other.svc.cluster.local', 'NXDOMAIN'],
    ['A', 'svc.cluster.local', 'NODATA'],
    ['A', 'example.com.d.svc.cluster.local', 'NXDOMAIN'],
    ['A', 'a.b.c.web.d.svc.cluster.local', 'NXDOMAIN'],
    ['A', '10-42-1-9.d.pod.cluster.local', ['A 10.42.1.9']],
    ['AAAA', 'fd00--9.d.pod.cluster.local', ['AAAA fd00::9']],
    ['A', '10-42-1.d.pod.cluster.local', 'NXDOMAIN'],
    ['A', '10-42-1-9.other.pod.cluster.local', 'NXDOMAIN'],
    ['TXT', 'dns-version.cluster.local', ['TXT 1.1.0']],
    ['SOA', 'cluster.local', ['SOA cluster.local']],
    ['NS', 'cluster.local', ['NS ns.dns.cluster.local']],
    ['A', 'ns.dns.cluster.local', ['A 10.43.0.10']],
    ['A', 'nothing.cluster.local', 'NXDOMAIN'],
    ['A', 'example.com', 'not here'],
    ['A', 'mycluster.local', 'not here'],
  ];
  for (const [type, name, expected] of cases) {
    test(`${type} ${name} is ${expected}`, () => assert.deepEqual(shown(answerFromZone({ name, type }, OPTIONS, DATA)), expected));
  }

  test('adds the addresses of SRV targets', () => {
    const reply = answerFromZone({ name: '_sql._tcp.db.d.svc.cluster.local', type: 'SRV' }, OPTIONS, DATA);
    assert.deepEqual(reply?.additionals.map(show), ['A 10.42.1.5', 'A 10.42.1.6']);
  });
  test('asks for what an alias stands for', () => {
    assert.equal(answerFromZone({ name: 'ext.d.svc.cluster.local', type: 'A' }, OPTIONS, DATA)?.chase, 'example.com');
  });
});

suite('answerReverse', () => {
  const cases: [string, string, string | string[]][] = [
    ['PTR', '80.0.43.10.in-addr.arpa', ['PTR web.d.svc.cluster.local']],
    ['PTR', '5.1.42.10.in-addr.arpa', ['PTR db-0.db.d.svc.cluster.local']],
    ['PTR', '6.1.42.10.in-addr.arpa', 'NXDOMAIN'],
    ['A', '80.0.43.10.in-addr.arpa', 'NODATA'],
    ['PTR', '8.8.8.8.in-addr.arpa', 'not here'],
    ['PTR', '8.8.8.in-addr.arpa', 'not here'],
    ['PTR', 'example.com', 'not here'],
    ['PTR', `${'0.'.repeat(31)}f.ip6.arpa`, 'not here'],
  ];
  const isCluster = (ip: string) => ip.startsWith('10.4');
  for (const [type, name, expected] of cases) {
    test(`${type} ${name} is ${expected}`, () =>
      assert.deepEqual(shown(answerReverse({ name, type }, { options: OPTIONS, data: DATA }, isCluster)), expected));
  }
});

// Services and names, as applications meet them: from pods, from the node and from outside.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { TestCluster } from '../support/cluster.ts';
import { enter } from '../support/lan.ts';
import { PEER_WEB, request, service, shellPod, WAIT } from '../support/manifests.ts';
import { enterPod } from '../support/pod-network.ts';
import { eventually, run, start } from '../support/shell.ts';

const PORTS = [
  { name: 'http', port: 80, targetPort: 8080 },
  { name: 'other', port: 81, targetPort: 8081 },
];
const server = (name: string, spec: object = {}): object =>
  shellPod(name, PEER_WEB, {
    metadata: { labels: { app: 'net' } },
    spec: { nodeName: 'node1', ...spec },
    container: { ports: [{ containerPort: 8080 }], readinessProbe: { httpGet: { path: '/', port: 8080 }, periodSeconds: 1 } },
  });
const lastLine = (text: string): string => text.trim().split('\n').at(-1)?.trim() ?? '';

const reversed = (ip: string): string => `${ip.split('.').toReversed().join('.')}.in-addr.arpa`;

/** The suite. */
export function network(of: () => TestCluster): void {
  describe('the network', () => {
    const kubectl = () => of().kubectl.in('net');
    const inPod = async (pod: string, script: string): Promise<string> => kubectl().run(['exec', pod, '--', 'sh', '-c', script]);
    const from = async (pod: string, host: string, port = 80, path = '/'): Promise<string> =>
      lastLine(await inPod(pod, request(host, port, path)));
    const ipOf = (pod: string): Promise<string> => kubectl().path(`pod ${pod}`, '{.status.podIP}');
    const clusterIp = (name: string): Promise<string> => kubectl().path(`service ${name}`, '{.spec.clusterIP}');
    const lookUp = async (name: string, type = 'a'): Promise<string> =>
      (await kubectl().try(['exec', 'client', '--', 'nslookup', `-type=${type}`, name])).stdout;
    const nodeCurl = (url: string) => run('nsenter', [...enter(of().server.machine.netns).slice(1), 'curl', '-s', '-m', '3', url]);
    const nodeIp = (): string => of().server.machine.address;

    before(async () => {
      await of().kubectl.run(['create', 'namespace', 'net']);
      await kubectl().run(['wait', '--for=create', 'serviceaccount/default', '--timeout=20s']);
      await kubectl().apply(
        server('web1', { hostname: 'first', subdomain: 'heads' }),
        server('web2', { hostname: 'second', subdomain: 'heads' }),
        shellPod('client', WAIT, {
          spec: {
            nodeName: 'node1',
            dnsConfig: { nameservers: ['10.43.0.10'], searches: ['heads.net.svc.cluster.local'], options: [{ name: 'ndots', value: '2' }] },
          },
        }),
        service('net', { selector: { app: 'net' }, ports: PORTS }),
        service('heads', { selector: { app: 'net' }, clusterIP: 'None', ports: PORTS }),
      );
      for (const pod of ['web1', 'web2', 'client']) await kubectl().ready(pod);
    });

    after(() => of().kubectl.run(['delete', 'namespace', 'net', '--timeout=60s']));

    test('a pod reaches the API by name with its token and the authority it was given', async () => {
      const access = '/var/run/secrets/kubernetes.io/serviceaccount';
      const [token, authority] = await Promise.all(['token', 'ca.crt'].map((file) => inPod('client', `cat ${access}/${file}`)));
      const file = join(of().server.root, 'pod-ca.crt');
      writeFileSync(file, authority ?? '');
      const ip = await kubectl().path('service kubernetes -n default', '{.spec.clusterIP}');
      assert.match(await lookUp('kubernetes.default.svc.cluster.local'), new RegExp(`Address: ${ip}\\n`));
      const [program = '', ...words] = await enterPod(of().server, await ipOf('client'));
      const ask = (path: string) =>
        run(program, [
          ...words,
          'curl',
          '-s',
          '--cacert',
          file,
          '--resolve',
          `kubernetes.default.svc:443:${ip}`,
          '-H',
          `Authorization: Bearer ${token}`,
          `https://kubernetes.default.svc${path}`,
        ]);
      assert.match(
        (await ask('/api/v1/namespaces/net/pods')).stdout,
        /pods is forbidden: User \\"system:serviceaccount:net:default\\" cannot list resource/,
      );
      assert.match((await ask('/version')).stdout, /"gitVersion"/);
    });

    test('names of Services, ports, endpoints, pods and addresses resolve', async () => {
      const [web1, web2, net] = [await ipOf('web1'), await ipOf('web2'), await clusterIp('net')];
      assert.match(await lookUp('net.net.svc.cluster.local'), new RegExp(`Address: ${net}\\n`));
      const heads = await lookUp('heads.net.svc.cluster.local');
      for (const ip of [web1, web2]) assert.match(heads, new RegExp(`Address: ${ip}\\n`));
      assert.match(await lookUp('first.heads.net.svc.cluster.local'), new RegExp(`Address: ${web1}\\n`));
      assert.match(await lookUp('first'), new RegExp(`Address: ${web1}\\n`), 'by a search path of dnsConfig');
      assert.match(await lookUp(`${web1.replaceAll('.', '-')}.net.pod.cluster.local`), new RegExp(`Address: ${web1}\\n`));
      assert.match(await lookUp('_http._tcp.net.net.svc.cluster.local', 'srv'), /service = 0 100 80 net\.net\.svc\.cluster\.local/);
      assert.match(
        await lookUp('_other._tcp.heads.net.svc.cluster.local', 'srv'),
        /service = 0 50 8081 (first|second)\.heads\.net\.svc\.cluster\.local/,
      );
      assert.match(await lookUp(reversed(net), 'ptr'), /name = net\.net\.svc\.cluster\.local/);
      assert.match(await lookUp(reversed(web1), 'ptr'), /name = first\.heads\.net\.svc\.cluster\.local/);
      assert.match(await lookUp('nobody.net.svc.cluster.local'), /NXDOMAIN/);
      assert.equal(await inPod('web1', 'hostname -f'), 'first.heads.net.svc.cluster.local\n');
      assert.equal(
        await inPod('client', 'cat /etc/resolv.conf'),
        [
          'search net.svc.cluster.local svc.cluster.local cluster.local heads.net.svc.cluster.local',
          'nameserver 10.43.0.10',
          'options ndots:2',
          '',
        ].join('\n'),
      );
    });

    test('a pod reaches itself and others through its Service, several ports, with its own address as the source', async () => {
      const ip = await clusterIp('net');
      const seen = new Set<string>();
      await eventually('both answer, also the one that asks', async () => seen.add(await from('web1', ip)) && seen.size === 2);
      assert.deepEqual([...seen].sort(), ['first', 'second']);
      assert.match(await from('client', ip, 81, '/cgi-bin/peer'), new RegExp(`${await ipOf('client')}\\] GET`));
      const { stdout } = await nodeCurl(`http://${ip}/`);
      assert.match(stdout, /^(first|second)\n$/, 'from the node');
    });

    test('session affinity keeps a client at its endpoint, until it is switched off', async () => {
      const ip = await clusterIp('net');
      const answers = async (): Promise<Set<string>> =>
        new Set((await inPod('client', `for i in 1 2 3 4 5 6 7 8 9 10 11 12; do ${request(ip, 80)} | tail -n 1; done`)).trim().split('\n'));
      const set = (value: string) =>
        kubectl().run(['patch', 'service', 'net', '-p', `{"spec":{"type":"NodePort","sessionAffinity":"${value}"}}`]);
      await set('ClientIP');
      await eventually('one endpoint', async () => (await answers()).size === 1);
      for (let i = 0; i < 3; i++) assert.equal((await answers()).size, 1);
      const port = await kubectl().path('service net', '{.spec.ports[0].nodePort}');
      const outside = new Set<string>();
      for (let i = 0; i < 10; i++) outside.add((await of().client(['curl', '-s', '-m', '2', `http://${nodeIp()}:${port}/`])).stdout);
      assert.equal(outside.size, 1, 'on the node port, too');
      await set('None');
      await eventually('both endpoints', async () => (await answers()).size === 2);
    });

    test('a Service changes its type, and its addresses and ports with it', async () => {
      await kubectl().apply({
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'turns' },
        spec: { type: 'ExternalName', externalName: 'net.net.svc.cluster.local' },
      });
      await eventually('an alias', async () =>
        (await lookUp('turns.net.svc.cluster.local')).includes(`canonical name = net.net.svc.cluster.local`),
      );
      const patch = (spec: object) => kubectl().run(['patch', 'service', 'turns', '-p', JSON.stringify({ spec })]);
      await patch({ type: 'ClusterIP', externalName: null, selector: { app: 'net' }, ports: PORTS });
      const ip = await clusterIp('turns');
      assert.match(ip, /^10\.43\./);
      await eventually('an answer', async () => ['first', 'second'].includes(await from('client', ip)));
      await patch({ type: 'NodePort' });
      const port = await kubectl().path('service turns', '{.spec.ports[1].nodePort}');
      assert.equal(await clusterIp('turns'), ip);
      const ask = () => of().client(['curl', '-s', '-m', '2', `http://${nodeIp()}:${port}/`]);
      await eventually('an answer from outside', async () => (await ask()).code === 0);
      await patch({ type: 'ClusterIP' });
      assert.equal(await kubectl().path('service turns', '{.spec.ports[*].nodePort}'), '');
      await eventually('no answer from outside', async () => (await ask()).code === 7);
      await patch({ type: 'LoadBalancer' });
      assert.match(await kubectl().path('service turns', '{.spec.ports[0].nodePort}'), /^3\d{4}$/);
      await patch({ type: 'ExternalName', externalName: 'example.org', clusterIP: null, clusterIPs: null });
      assert.equal(await clusterIp('turns'), '');
      await kubectl().run(['delete', 'service', 'turns']);
    });

    test('Endpoints that a user keeps are mirrored into slices and serve, as long as they are there', async () => {
      const slices = (path: string) =>
        kubectl().run(['get', 'endpointslices', '-l', 'kubernetes.io/service-name=mine', '-o', `jsonpath=${path}`]);
      await kubectl().apply(service('mine', { selector: undefined }));
      const endpoints = (ip: string): object => ({
        apiVersion: 'v1',
        kind: 'Endpoints',
        metadata: { name: 'mine' },
        subsets: [{ addresses: [{ ip }], ports: [{ name: 'http', port: 8080 }] }],
      });
      await kubectl().apply(endpoints(await ipOf('web1')));
      await eventually('a mirror', async () => (await slices('{.items[*].endpoints[*].addresses[*]}')) === (await ipOf('web1')));
      assert.equal(
        await slices('{.items[0].metadata.labels.endpointslice\\.kubernetes\\.io/managed-by}'),
        'endpointslicemirroring-controller.k8s.io',
      );
      const ip = await clusterIp('mine');
      await eventually('the first', async () => (await from('client', ip)) === 'first');
      await kubectl().apply(endpoints(await ipOf('web2')));
      await eventually('the second', async () => (await from('client', ip)) === 'second');
      await kubectl().run(['delete', 'endpoints', 'mine']);
      await eventually('no mirror', async () => (await slices('{.items[*].metadata.name}')) === '');
      await kubectl().run(['delete', 'service', 'mine']);
    });

    test('host ports differ by address and protocol', async () => {
      const pod = (name: string, port: object): object =>
        shellPod(name, PEER_WEB, {
          spec: { nodeName: 'node1' },
          container: { ports: [{ containerPort: 8080, hostPort: 54_323, ...port }] },
        });
      await kubectl().apply(
        pod('host1', { hostIP: '127.0.0.1' }),
        pod('host2', { hostIP: nodeIp() }),
        pod('host3', { hostIP: nodeIp(), protocol: 'UDP' }),
      );
      for (const name of ['host1', 'host2', 'host3']) await kubectl().ready(name);
      assert.equal((await nodeCurl('http://127.0.0.1:54323/')).stdout, 'host1\n');
      assert.equal((await nodeCurl(`http://${nodeIp()}:54323/`)).stdout, 'host2\n');
      assert.equal((await of().client(['curl', '-s', `http://${nodeIp()}:54323/`])).stdout, 'host2\n');
      assert.equal(await from('client', nodeIp(), 54_323), 'host2');
      await kubectl().run(['delete', 'pod', 'host1', 'host2', 'host3']);
      assert.equal((await of().client(['curl', '-s', '-m', '2', `http://${nodeIp()}:54323/`])).code, 7);
    });

    test('the API forwards to pods and Services', async () => {
      const raw = (path: string, ...more: string[]) => kubectl().run(['get', '--raw', `/api/v1/namespaces/net/${path}`, ...more]);
      for (const path of ['pods/web1/proxy/', 'pods/web1:8081/proxy/', 'pods/http:web1:8080/proxy/index.html'])
        assert.equal(await raw(path), 'first\n', path);
      for (const name of ['net:http', 'net:other', 'http:net:80', 'http:net:other', 'net:81'])
        assert.match(await raw(`services/${name}/proxy/`), /^(first|second)\n$/, name);
      const posted = await kubectl().run(['create', '--raw', '/api/v1/namespaces/net/services/net:http/proxy/cgi-bin/peer', '-f', '-'], {
        input: 'text',
      });
      assert.match(posted, / POST\n$/);
      assert.match(
        (await kubectl().try(['get', '--raw', '/api/v1/namespaces/net/services/net:nothing/proxy/'])).stderr,
        /no endpoints available for service "net:nothing"|ServiceUnavailable/,
      );
    });

    test('external policy Local keeps the client and answers health checks', async () => {
      const spec = { type: 'LoadBalancer', externalTrafficPolicy: 'Local', selector: { app: 'net' } };
      await kubectl().apply(service('local', spec));
      assert.match(await kubectl().run(['get', 'service', 'local']), /LoadBalancer\s+10\.43\.\S+\s+<pending>/);
      const [port, health] = (await kubectl().path('service local', '{.spec.ports[0].nodePort} {.spec.healthCheckNodePort}')).split(' ');
      const ask = (number: string | undefined, path: string) =>
        of().client(['curl', '-s', '-m', '2', `http://${nodeIp()}:${number}${path}`]);
      await eventually('the client', async () => (await ask(port, '/cgi-bin/peer')).stdout.includes('172.31.77.1] GET'));
      assert.match((await ask(health, '/healthz')).stdout, /"localEndpoints":2/);
      await kubectl().run(['patch', 'service', 'local', '-p', '{"spec":{"selector":{"app":"nobody"}}}']);
      await eventually('unhealthy', async () => /"localEndpoints":0/.test((await ask(health, '/healthz')).stdout));
      await kubectl().run(['delete', 'service', 'local']);
    });

    test('kinds of the network are defaulted, checked and deleted as a collection', async () => {
      const path = { path: '/', pathType: 'Prefix', backend: { service: { name: 'net', port: { number: 80 } } } };
      const object = (kind: string, name: string, spec: object, metadata: object = {}): object => ({
        apiVersion: 'networking.k8s.io/v1',
        kind,
        metadata: { name, labels: { of: 'net' }, ...metadata },
        spec,
      });
      const isDefault = { annotations: { 'ingressclass.kubernetes.io/is-default-class': 'true' } };
      await kubectl().apply(object('IngressClass', 'usual', { controller: 'example.com/none' }, isDefault));
      await kubectl().apply(
        object('Ingress', 'site', { rules: [{ host: 'a.example', http: { paths: [path] } }] }),
        object('NetworkPolicy', 'open', { podSelector: {}, ingress: [{}] }),
        object('ServiceCIDR', 'more', { cidrs: ['10.44.0.0/24'] }),
        object('IPAddress', '10.44.0.5', { parentRef: { resource: 'services', namespace: 'net', name: 'net' } }),
      );
      assert.match(await kubectl().run(['get', 'ingress', 'site']), /site\s+usual\s+a\.example/);
      const patch = (what: string, body: string, ...more: string[]) =>
        kubectl().try(['patch', ...what.split(' '), '--type=merge', '-p', body, ...more]);
      await patch('ingress site', '{"status":{"loadBalancer":{"ingress":[{"ip":"192.0.2.1"}]}}}', '--subresource=status');
      assert.match(await kubectl().run(['get', 'ingress', 'site']), /192\.0\.2\.1/);
      assert.match(
        (await patch('servicecidr more', '{"spec":{"cidrs":["10.45.0.0/24"]}}')).stderr,
        /spec\.cidrs\[0\]: Invalid value: .*field is immutable/,
      );
      assert.match(
        (await patch('ipaddress 10.44.0.5', '{"spec":{"parentRef":{"name":"x"}}}')).stderr,
        /spec\.parentRef: Invalid value: .*field is immutable/,
      );
      const group = '/apis/networking.k8s.io/v1';
      const namespaced = ['ingresses', 'networkpolicies'].map((name) => `${group}/namespaces/net/${name}`);
      for (const collection of [...namespaced, ...['ingressclasses', 'servicecidrs', 'ipaddresses'].map((name) => `${group}/${name}`)]) {
        await kubectl().run(['delete', '--raw', `${collection}?labelSelector=of%3Dnet`]);
        assert.doesNotMatch(await kubectl().run(['get', '--raw', `${collection}?labelSelector=of%3Dnet`]), /"name"/, collection);
      }
      for (const name of ['one', 'two']) await kubectl().apply({ ...service(name), metadata: { name, labels: { of: 'net' } } });
      await kubectl().run(['delete', '--raw', '/api/v1/namespaces/net/services?labelSelector=of%3Dnet']);
      assert.equal(await kubectl().run(['get', 'services', '-l', 'of=net', '-o', 'name']), '');
    });

    test('pods reach outside with the address of their node', async () => {
      const script = `require('node:http').createServer((q, a) => a.end(q.socket.remoteAddress)).listen(8099, '0.0.0.0', () => console.log('on'))`;
      const [program = '', ...words] = [...of().lan.client, process.execPath, '-e', script];
      const outside = start(program, words);
      try {
        await new Promise((resolve) => outside.stdout?.once('data', resolve));
        assert.match(await from('client', '172.31.77.1', 8099), new RegExp(`${nodeIp()}$`));
      } finally {
        outside.kill();
      }
    });
  });
}

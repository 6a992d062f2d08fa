// What clients see of the API: kubectl's commands one after the other, and the promises of the API behind them.

import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { TEST_IMAGE } from '../../../scripts/images/test-image.ts';
import type { TestCluster } from '../support/cluster.ts';
import type { Kubectl } from '../support/kubectl.ts';
import { service, shellPod, WAIT, webDeployment } from '../support/manifests.ts';
import { eventually, run, start } from '../support/shell.ts';

const NAMESPACE = 'api';

/** No node has this label: pods that ask for it are never run, and go at once. */
const NOWHERE = { nodeSelector: { no: 'where' } };
const HELD = 'example.com/held';

interface Listed {
  readonly items: readonly { readonly metadata: { readonly name: string; readonly ownerReferences?: readonly object[] } }[];
}

function replicationController(name: string): object {
  const labels = { app: name };
  const template = { metadata: { labels, finalizers: [HELD] }, spec: { ...NOWHERE, containers: [{ name: 'c', image: TEST_IMAGE }] } };
  return { apiVersion: 'v1', kind: 'ReplicationController', metadata: { name }, spec: { replicas: 2, selector: labels, template } };
}

/** The names of what a list holds. */
async function names(kubectl: Kubectl, ...what: string[]): Promise<string[]> {
  return (await kubectl.json<Listed>(['get', ...what])).items.map(({ metadata }) => metadata.name).sort();
}

/** Takes the finalizer off pods, so that they go. */
async function release(kubectl: Kubectl, selector: string): Promise<void> {
  for (const name of await names(kubectl, 'pods', '-l', selector))
    await kubectl.run(['patch', 'pod', name, '--type=merge', '-p', '{"metadata":{"finalizers":null}}']);
}

/** Runs kubectl in the background until `enough` of its output is there, then `use`, which gets the output. */
async function withOutput<T>(
  kubectl: Kubectl,
  args: readonly string[],
  { enough, use }: { readonly enough: (text: string) => boolean; readonly use: (text: string) => T | Promise<T> },
): Promise<T> {
  const [program = '', ...words] = kubectl.words(args);
  const child = start(program, words);
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  try {
    return await use(await eventually(`output of kubectl ${args.join(' ')}`, async () => enough(text) && text, 15_000));
  } finally {
    child.kill('SIGKILL');
  }
}

/** The body of a GET over a unix socket. */
function getFrom(socketPath: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = get({ socketPath, path }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve(text));
    });
    request.on('error', reject);
  });
}

/** The suite. */
export function api(of: () => TestCluster): void {
  describe('the API', () => {
    const kubectl = (): Kubectl => of().kubectl.in(NAMESPACE);
    before(() => of().kubectl.run(['create', 'namespace', NAMESPACE]));
    after(() => of().kubectl.run(['delete', 'namespace', NAMESPACE, '--timeout=30s']));
    describeKinds(kubectl);
    changeObjects(of, kubectl);
    collectGarbage(kubectl);
    endNamespaces(kubectl);
    identities(of, kubectl);
  });
}

function describeKinds(kubectl: () => Kubectl): void {
  test('kubectl explain tells what fields are for', async () => {
    const strategy = await kubectl().run(['explain', 'deployment.spec.strategy']);
    assert.match(strategy, /FIELD: strategy <DeploymentStrategy>/);
    assert.match(strategy, /The deployment strategy to use to replace existing pods with new ones\./);
    assert.match(strategy, /type\t<string>\n {2}enum: Recreate, RollingUpdate\n/);
    assert.match(strategy, /Possible enum values:\n\s+- `"Recreate"` /);
    assert.doesNotMatch(strategy, /<no description>|<empty>/);
    const pod = await kubectl().run(['explain', 'pod', '--recursive']);
    assert.match(pod, /\n {6}livenessProbe\t<Probe>\n/);
    const old = await kubectl().run(['explain', 'pod.spec.containers', '--output=plaintext-openapiv2']);
    assert.match(old, /A single application container that you want to run within a pod\./);
  });

  test('every resource that can be listed prints a table, and every object can be described', async () => {
    const all = (await kubectl().run(['api-resources', '--verbs=list', '-o', 'name'])).trim().split('\n');
    assert.ok(all.length > 55, `${all.length} resources`);
    const table = await kubectl().run(['get', all.join(','), '-A']);
    assert.doesNotMatch(table, /<unknown>\s*$/m);
    const kinds = 'node namespace service endpointslice clusterrole/view csr serviceaccount priorityclass'.split(' ');
    for (const kind of kinds) assert.match(await kubectl().run(['describe', kind, '--namespace=default']), /^Name:/m, kind);
  });

  test('lists come in chunks that fit together, and from a version that was', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) await kubectl().run(['create', 'configmap', `chunk-${name}`]);
    const path = `/api/v1/namespaces/${NAMESPACE}/configmaps?limit=2`;
    const seen: string[] = [];
    let next: string | undefined = '';
    while (next !== undefined) {
      const text = await kubectl().run(['get', '--raw', `${path}${next && `&continue=${encodeURIComponent(next)}`}`]);
      const page = JSON.parse(text) as Listed & { metadata: { continue?: string } };
      assert.ok(page.items.length <= 2);
      seen.push(...page.items.map(({ metadata }) => metadata.name));
      next = page.metadata.continue;
      if (seen.length === 2) await kubectl().run(['create', 'configmap', 'chunk-aa']); // After the version of the list.
    }
    assert.deepEqual(
      seen.filter((name) => name.startsWith('chunk')),
      ['a', 'b', 'c', 'd', 'e'].map((name) => `chunk-${name}`),
    );
  });
}

function changeObjects(of: () => TestCluster, kubectl: () => Kubectl): void {
  test('a watch tells of additions, changes and of objects that leave the selection', async () => {
    await kubectl().run(['create', 'configmap', 'watched']);
    const watching = withOutput(
      kubectl(),
      ['get', 'configmaps', '-l', 'watch=yes', '--watch', '--output-watch-events', '-o', 'custom-columns=T:.type,N:.object.metadata.name'],
      { enough: (text) => /DELETED/.test(text), use: (text) => text },
    );
    const label = async (value: string): Promise<void> => {
      await kubectl().run(['label', 'configmap', 'watched', `watch=${value}`, '--overwrite']);
    };
    // kubectl lists before it watches: what comes first is ADDED either way.
    await label('yes');
    await kubectl().run(['annotate', 'configmap', 'watched', 'seen=1']);
    await eventually('the end of the watch', async () => {
      await label('yes');
      await label('no');
      return Promise.race([watching, new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), 500))]);
    });
    const events = [...(await watching).matchAll(/^(ADDED|MODIFIED|DELETED)\s+watched$/gm)].map(([, type]) => type);
    assert.equal(events[0], 'ADDED');
    assert.ok(events.includes('DELETED'), events.join());
  });

  test('diff and server-side dry run show a change without making it', async () => {
    await kubectl().apply(webDeployment('dry', 0));
    const before = await kubectl().path('deployment dry', '{.metadata.resourceVersion}{.spec}');
    const input = JSON.stringify(webDeployment('dry', 3));
    const { code, stdout } = await kubectl().try(['diff', '-f', '-'], { input });
    assert.equal(code, 1);
    assert.match(stdout, /^-\s+replicas: 0\n\+\s+replicas: 3$/m);
    const dry = await kubectl().run(['apply', '-f', '-', '--dry-run=server', '-o', 'jsonpath={.spec.replicas}'], { input });
    assert.equal(dry, '3');
    assert.equal(await kubectl().path('deployment dry', '{.metadata.resourceVersion}{.spec}'), before);
    assert.equal(await kubectl().run(['create', 'configmap', 'dry', '--dry-run=server', '-o', 'name']), 'configmap/dry\n');
    assert.equal((await kubectl().try(['get', 'configmap', 'dry'])).code, 1);
  });

  test('label, annotate, patch, replace, scale, expose and set change what they say', async () => {
    const k = kubectl();
    await k.apply(webDeployment('changed', 0));
    await k.run(['label', 'deployment', 'changed', 'tier=front']);
    assert.equal((await k.try(['label', 'deployment', 'changed', 'tier=back'])).code, 1);
    await k.run(['annotate', 'deployment', 'changed', 'note=1']);
    await k.run([
      'patch',
      'deployment',
      'changed',
      '-p',
      `{"spec":{"template":{"spec":{"containers":[{"name":"web","env":[{"name":"A","value":"1"}]}]}}}}`,
    ]);
    await k.run(['patch', 'deployment', 'changed', '--type=json', '-p', '[{"op":"add","path":"/metadata/labels/json","value":"1"}]']);
    await k.run(['patch', 'deployment', 'changed', '--subresource=scale', '--type=merge', '-p', '{"spec":{"replicas":0}}']);
    await k.run(['set', 'env', 'deployment/changed', 'B=2']);
    await k.run(['expose', 'deployment', 'changed', '--name=front', '--port=80']);
    const [labels, env] = await Promise.all([
      k.path('deployment changed', '{.metadata.labels}'),
      k.path('deployment changed', '{range .spec.template.spec.containers[0].env[*]}{.name}={.value} {end}'),
    ]);
    assert.deepEqual(JSON.parse(labels), { app: 'changed', json: '1', tier: 'front' });
    assert.equal(env, 'A=1 B=2 ');
    assert.equal(await k.path('service front', '{.spec.selector.app} {.spec.ports[0].port} {.spec.ports[0].targetPort}'), 'changed 80 80');
    const replaced = JSON.stringify({ ...service('front'), metadata: { name: 'front', labels: { new: 'yes' } } });
    await k.run(['replace', '-f', '-'], { input: replaced });
    assert.equal(await k.path('service front', '{.metadata.labels.new} {.spec.ports[0].targetPort}'), 'yes 8080');
  });

  test('a node is tainted, cordoned and drained', async () => {
    const k = kubectl();
    await k.apply(webDeployment('drained', 1, { terminationGracePeriodSeconds: 1 }));
    await k.run(['rollout', 'status', 'deployment/drained', '--timeout=30s']);
    const [pod = ''] = await names(k, 'pods', '-l', 'app=drained');
    await k.run(['taint', 'node', 'node1', 'example.com/busy=yes:PreferNoSchedule']);
    assert.match(await k.run(['describe', 'node', 'node1']), /Taints:\s+example\.com\/busy=yes:PreferNoSchedule/);
    await k.run(['taint', 'node', 'node1', 'example.com/busy-']);
    const drained = await k.run(['drain', 'node1', '--ignore-daemonsets', '--pod-selector=app=drained', '--timeout=30s']);
    assert.match(drained, new RegExp(`pod/${pod} evicted`));
    assert.match(await k.run(['get', 'node', 'node1']), /Ready,SchedulingDisabled/);
    await k.run(['uncordon', 'node1']);
    await k.run(['rollout', 'status', 'deployment/drained', '--timeout=30s']);
    await k.run(['delete', 'deployment', 'drained']);
  });

  test('kubectl run waits for what the pod prints, wait for a condition, and events tells of it', async () => {
    const k = kubectl();
    const said = await k.run([
      'run',
      'speaker',
      `--image=${TEST_IMAGE}`,
      '--restart=Never',
      '--attach',
      '--rm',
      '--quiet',
      '--',
      'echo',
      'hello',
    ]);
    assert.match(said, /hello/);
    await k.apply(shellPod('waiter', WAIT));
    await k.run(['wait', 'pod/waiter', '--for=condition=Ready', '--timeout=30s']);
    await k.run(['wait', 'pod/waiter', '--for=jsonpath={.status.phase}=Running', '--timeout=5s']);
    assert.match(await k.run(['events', '--for', 'pod/waiter']), /Normal\s+Started\s+Pod\/waiter/);
    const columns = ['-o', 'custom-columns=NAME:.metadata.name,IMAGE:.spec.containers[0].image', '--sort-by=.metadata.name'];
    assert.match(await k.run(['get', 'pods', '-l', 'app=waiter', ...columns]), /^NAME\s+IMAGE\nwaiter\s+test\.local\/busybox:1\n$/);
    await k.run(['delete', 'pod', 'waiter', '--now']);
  });

  test('kubectl proxy serves the API, and cluster-info dump writes all there is', async () => {
    const socketPath = join(of().server.root, 'proxy.sock');
    const versions = await withOutput(kubectl(), ['proxy', `--unix-socket=${socketPath}`], {
      enough: (text) => /Starting to serve on/.test(text),
      use: () => getFrom(socketPath, '/api'),
    });
    assert.match(versions, /"kind":\s*"APIVersions"/);
    const dump = await kubectl().run(['cluster-info', 'dump', '--namespaces', NAMESPACE]);
    assert.match(dump, /"kind": "NodeList"/);
  });
}

function collectGarbage(kubectl: () => Kubectl): void {
  test('dependents go with their owner, stay as orphans, or hold it', async () => {
    const k = kubectl();
    const sets = (app: string): Promise<string[]> => names(k, 'replicasets', '-l', `app=${app}`);
    for (const name of ['gone', 'orphaned']) await k.apply(webDeployment(name, 0));
    for (const name of ['gone', 'orphaned']) await eventually(`the set of ${name}`, async () => (await sets(name)).length === 1);
    await k.run(['delete', 'deployment', 'gone', '--cascade=background']);
    await eventually('the end of the set', async () => (await sets('gone')).length === 0);
    await k.run(['delete', 'deployment', 'orphaned', '--cascade=orphan']);
    const [set = ''] = await sets('orphaned');
    assert.equal(await k.path(`replicaset ${set}`, '{.metadata.ownerReferences}'), '');

    await k.apply(replicationController('held'));
    await eventually('two pods', async () => (await names(k, 'pods', '-l', 'app=held')).length === 2);
    await k.run(['delete', 'rc', 'held', '--cascade=foreground', '--wait=false']);
    await k.until('pods -l app=held', '{.items[*].metadata.deletionTimestamp}', (value) => value.split(' ').length === 2);
    assert.equal(await k.path('rc held', '{.metadata.finalizers[0]}'), 'foregroundDeletion');
    await release(k, 'app=held');
    await eventually('the end of the controller', async () => (await k.try(['get', 'rc', 'held'])).code === 1);
  });

  test('objects that own each other in a circle go when one of them is deleted', async () => {
    const k = kubectl();
    const three = ['circle-1', 'circle-2', 'circle-3'];
    for (const name of three) await k.run(['create', 'configmap', name]);
    for (const [index, name] of three.entries()) {
      const owner = three[(index + 1) % three.length] ?? '';
      const uid = await k.path(`configmap ${owner}`, '{.metadata.uid}');
      const reference = { apiVersion: 'v1', kind: 'ConfigMap', name: owner, uid, controller: true, blockOwnerDeletion: true };
      await k.run(['patch', 'configmap', name, '--type=merge', '-p', JSON.stringify({ metadata: { ownerReferences: [reference] } })]);
    }
    await k.run(['delete', 'configmap', 'circle-1']);
    await eventually('the end of all', async () => !(await names(k, 'configmaps')).some((name) => name.startsWith('circle')));
  });
}

function endNamespaces(kubectl: () => Kubectl): void {
  test('a namespace ends its pods before the rest, and says what it waits for', async () => {
    const k = kubectl();
    await k.run(['create', 'namespace', 'ending']);
    const inside = k.in('ending');
    await inside.apply(shellPod('last', WAIT, { spec: NOWHERE, metadata: { finalizers: [HELD] } }));
    await inside.run(['create', 'configmap', 'kept']);
    await k.run(['delete', 'namespace', 'ending', '--wait=false']);
    const remaining = '{.status.conditions[?(@.type=="NamespaceContentRemaining")].message}';
    await k.until('namespace ending', remaining, (value) => value === 'Some resources are remaining: pods. has 1 resource instances');
    assert.equal((await inside.try(['get', 'configmap', 'kept'])).code, 0);
    const { stderr } = await inside.try(['create', 'configmap', 'late']);
    assert.match(stderr, /configmaps "late" is forbidden: unable to create new content in namespace ending because it is being terminated/);
    await inside.run(['patch', 'pod', 'last', '--type=merge', '-p', '{"metadata":{"finalizers":null}}']);
    await eventually('the end of the namespace', async () => (await k.try(['get', 'namespace', 'ending'])).code === 1, 20_000);
  });

  test('a namespace keeps what was patched into its status', async () => {
    const condition = { type: 'Patched', status: 'True', reason: 'Test', message: 'by a test', lastTransitionTime: null };
    const patch = JSON.stringify({ status: { conditions: [condition] } });
    await kubectl().run(['patch', 'namespace', NAMESPACE, '--subresource=status', '--type=merge', '-p', patch]);
    assert.equal(await kubectl().path(`namespace ${NAMESPACE}`, '{.status.conditions[0].message}'), 'by a test');
    assert.equal(await kubectl().path(`namespace ${NAMESPACE}`, '{.status.phase}'), 'Active');
  });
}

function identities(of: () => TestCluster, kubectl: () => Kubectl): void {
  test('a signed certificate is an identity', async () => {
    const k = kubectl();
    const { root } = of().server;
    const key = join(root, 'bob.key');
    writeFileSync(key, generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const { stdout } = await run('openssl', ['req', '-new', '-key', key, '-subj', '/O=readers/CN=bob']);
    const spec = {
      request: Buffer.from(stdout).toString('base64'),
      signerName: 'kubernetes.io/kube-apiserver-client',
      usages: ['client auth'],
    };
    await k.apply({ apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest', metadata: { name: 'bob' }, spec });
    assert.match(await k.run(['get', 'csr', 'bob']), /system:admin\s+<none>\s+Pending/);
    await k.run(['certificate', 'approve', 'bob']);
    const signed = await k.until('csr bob', '{.status.certificate}', (value) => value !== '');
    writeFileSync(join(root, 'bob.crt'), Buffer.from(signed, 'base64'));
    const config = await k.json<{ users: { user: object }[] }>(['config', 'view', '--raw']);
    const users = config.users.map((entry) => ({ ...entry, user: { 'client-certificate': join(root, 'bob.crt'), 'client-key': key } }));
    writeFileSync(join(root, 'bob.json'), JSON.stringify({ ...config, users }));
    const whoami = ['auth', 'whoami', '-o', 'jsonpath={.status.userInfo.username} {.status.userInfo.groups}'];
    const who = await k.run([...whoami, '--kubeconfig', join(root, 'bob.json')]);
    assert.match(who, /^bob \["readers","system:authenticated"\]$/);
    await k.run(['delete', 'csr', 'bob']);
  });

  test('a token is good for its audience, and the namespace has its root certificate again', async () => {
    const k = kubectl();
    await k.run(['create', 'serviceaccount', 'robot']);
    const token = (await k.run(['create', 'token', 'robot', '--audience=vault', '--duration=10m'])).trim();
    const review = (audiences: string[]): Promise<string> =>
      k.run(['create', '-f', '-', '-o', 'jsonpath={.status.authenticated} {.status.user.username}'], {
        input: JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token, audiences } }),
      });
    assert.equal(await review(['vault']), `true system:serviceaccount:${NAMESPACE}:robot`);
    assert.doesNotMatch(await review(['other']), /^true/);
    await k.run(['delete', 'configmap', 'kube-root-ca.crt']);
    await eventually('the certificate', async () =>
      (await k.path('configmap kube-root-ca.crt', '{.data.ca\\.crt}')).includes('BEGIN CERTIFICATE'),
    );
    assert.equal((await k.try(['auth', 'can-i', 'get', 'pods', `--as=system:serviceaccount:${NAMESPACE}:robot`])).stdout, 'no\n');
    await k.run(['create', 'rolebinding', 'robot', '--clusterrole=view', `--serviceaccount=${NAMESPACE}:robot`]);
    await eventually(
      'the right',
      async () => (await k.try(['auth', 'can-i', 'get', 'pods', `--as=system:serviceaccount:${NAMESPACE}:robot`])).stdout === 'yes\n',
    );
  });
}

// The kinds of workloads beside Deployments, and what stands between them and a node: order, history, schedules, budgets, priorities.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { TEST_IMAGE } from '../../../scripts/images/test-image.ts';
import type { TestCluster } from '../support/cluster.ts';
import type { Kubectl } from '../support/kubectl.ts';
import { service, shellPod, WAIT } from '../support/manifests.ts';
import { eventually } from '../support/shell.ts';

const NAMESPACE = 'kinds';

/** A template of pods that run a script. */
const template = (app: string, script = WAIT, spec: object = {}): object => ({
  metadata: { labels: { app } },
  spec: {
    terminationGracePeriodSeconds: 1,
    containers: [{ name: 'main', image: TEST_IMAGE, command: ['sh', '-c', script] }],
    ...spec,
  },
});

/** A workload that selects the pods of its template. */
const workload = (kind: string, name: string, spec: object = {}): object => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: { name },
  spec: { selector: { matchLabels: { app: name } }, template: template(name), ...spec },
});

const job = (name: string, script: string, spec: object = {}): object => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name },
  spec: { template: template(name, script, { restartPolicy: 'Never' }), ...spec },
});

const cronJob = (name: string): object => ({
  apiVersion: 'batch/v1',
  kind: 'CronJob',
  metadata: { name },
  spec: { schedule: '* * * * *', jobTemplate: { spec: { template: template(name, 'echo tick', { restartPolicy: 'Never' }) } } },
});

const ROLLOUT = '--timeout=60s';

/** The suite. */
export function workloadKinds(of: () => TestCluster): void {
  describe('kinds of workloads', () => {
    const kubectl = (): Kubectl => of().kubectl.in(NAMESPACE);

    before(async () => {
      await of().kubectl.run(['create', 'namespace', NAMESPACE]);
      await kubectl().apply(cronJob('tick'));
    });
    after(() => of().kubectl.run(['delete', 'namespace', NAMESPACE, '--wait=false']));

    statefulSets(kubectl);
    histories(kubectl);
    budgets(kubectl);
    jobs(kubectl);
    owners(kubectl);
    priorities(kubectl);
    schedules(kubectl);
  });
}

function statefulSets(kubectl: () => Kubectl): void {
  const pods = (columns: string): Promise<string> =>
    kubectl().run(['get', 'pods', '-l', 'app=db', '--sort-by=.metadata.name', '--no-headers', '-o', `custom-columns=${columns}`]);

  test('a StatefulSet makes its pods in order, each with a name that is found', async () => {
    await kubectl().apply(workload('StatefulSet', 'db', { replicas: 3, serviceName: 'db' }), service('db', { clusterIP: 'None' }));
    await kubectl().run(['rollout', 'status', 'statefulset/db', ROLLOUT]);
    const made = await kubectl().json<{ items: { metadata: { creationTimestamp: string; labels: Record<string, string> } }[] }>([
      'get',
      'pods',
      '-l',
      'app=db',
      '--sort-by=.metadata.creationTimestamp',
    ]);
    assert.deepEqual(
      made.items.map(({ metadata }) => metadata.labels['apps.kubernetes.io/pod-index']),
      ['0', '1', '2'],
    );
    const fullName = await kubectl().run(['exec', 'db-1', '--', 'hostname', '-f']);
    assert.equal(fullName.trim(), `db-1.db.${NAMESPACE}.svc.cluster.local`);
    assert.match(
      await kubectl().run(['get', 'events']),
      /SuccessfulCreate\s+statefulset\/db\s+create Pod db-2 in StatefulSet db successful/,
    );
  });

  test('it rolls out from the top as far as the partition says, and rolls back', async () => {
    const revision = () => kubectl().path('statefulset db', '{.status.currentRevision}');
    const first = await revision();
    await kubectl().run(['patch', 'statefulset', 'db', '-p', '{"spec":{"updateStrategy":{"rollingUpdate":{"partition":2}}}}']);
    await kubectl().run(['set', 'env', 'statefulset/db', 'A=1']);
    await kubectl().run(['rollout', 'status', 'statefulset/db', ROLLOUT]);
    const update = await kubectl().path('statefulset db', '{.status.updateRevision}');
    assert.deepEqual((await pods('R:.metadata.labels.controller-revision-hash')).trim().split('\n'), [first, first, update]);
    await kubectl().run(['patch', 'statefulset', 'db', '-p', '{"spec":{"updateStrategy":{"rollingUpdate":{"partition":0}}}}']);
    await kubectl().until('statefulset db', '{.status.currentRevision}', (value) => value === update);
    assert.match(await kubectl().run(['rollout', 'history', 'statefulset/db']), /REVISION\s+CHANGE-CAUSE\n1\s+<none>\n2\s+<none>/);
    await kubectl().run(['rollout', 'undo', 'statefulset/db']);
    await kubectl().until('statefulset db', '{.status.currentRevision}', (value) => value === first);
  });

  test('it scales in the reverse order, and only from the size that is named', async () => {
    const refused = await kubectl().try(['scale', 'statefulset/db', '--current-replicas=5', '--replicas=1']);
    assert.match(refused.stderr, /Expected replicas to be 5, was 3/);
    await kubectl().run(['scale', 'statefulset/db', '--current-replicas=3', '--replicas=1']);
    await kubectl().run(['wait', '--for=jsonpath={.status.replicas}=1', 'statefulset/db', ROLLOUT]);
    await eventually('db-0 is left', async () => (await pods('N:.metadata.name')).trim() === 'db-0');
    await kubectl().run(['delete', 'statefulset/db', 'service/db']);
  });

  test('claims are made for each pod and go with the set when the policy says so', async () => {
    const claim = { metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } } };
    const persistentVolumeClaimRetentionPolicy = { whenDeleted: 'Delete' };
    const spec = { replicas: 2, podManagementPolicy: 'Parallel', volumeClaimTemplates: [claim], persistentVolumeClaimRetentionPolicy };
    await kubectl().apply(workload('StatefulSet', 'store', spec));
    const claims = () => kubectl().run(['get', 'persistentvolumeclaims', '-l', 'app=store', '-o', 'jsonpath={.items[*].metadata.name}']);
    await eventually('both claims are there', async () => (await claims()) === 'data-store-0 data-store-1');
    await kubectl().until('persistentvolumeclaim data-store-1', '{.metadata.ownerReferences[0].kind}', (kind) => kind === 'StatefulSet');
    await kubectl().run(['delete', 'statefulset/store']);
    await eventually('they go with the set', async () => (await claims()) === '');
  });
}

function histories(kubectl: () => Kubectl): void {
  test('a DaemonSet rolls out and back, and its history says so', async () => {
    await kubectl().apply(workload('DaemonSet', 'agent'));
    await kubectl().run(['rollout', 'status', 'daemonset/agent', ROLLOUT]);
    await kubectl().run(['set', 'env', 'daemonset/agent', 'A=1']);
    await kubectl().run(['rollout', 'status', 'daemonset/agent', ROLLOUT]);
    await kubectl().run(['rollout', 'undo', 'daemonset/agent', '--to-revision=1']);
    await kubectl().run(['rollout', 'status', 'daemonset/agent', ROLLOUT]);
    assert.match(await kubectl().run(['rollout', 'history', 'daemonset/agent']), /\n2\s+<none>\n3\s+<none>/);
    assert.equal(await kubectl().path('daemonset agent', '{.spec.template.spec.containers[0].env}'), '');
    await kubectl().run(['delete', 'daemonset/agent']);
  });

  test('a paused Deployment waits, and resumes', async () => {
    await kubectl().apply(workload('Deployment', 'paused', { replicas: 1 }));
    await kubectl().run(['rollout', 'status', 'deployment/paused', ROLLOUT]);
    await kubectl().run(['rollout', 'pause', 'deployment/paused']);
    await kubectl().run(['set', 'env', 'deployment/paused', 'A=1']);
    await kubectl().until(
      'deployment paused',
      '{.status.conditions[?(@.type=="Progressing")].reason}',
      (reason) => reason === 'DeploymentPaused',
    );
    assert.equal((await kubectl().run(['get', 'replicasets', '-l', 'app=paused', '-o', 'name'])).trim().split('\n').length, 1);
    await kubectl().run(['rollout', 'resume', 'deployment/paused']);
    await kubectl().run(['rollout', 'status', 'deployment/paused', ROLLOUT]);
    await kubectl().run(['autoscale', 'deployment', 'paused', '--min=1', '--max=3', '--cpu-percent=50']);
    assert.match(await kubectl().run(['get', 'hpa']), /paused\s+Deployment\/paused\s+cpu: <unknown>\/50%\s+1\s+3/);
    await kubectl().run(['delete', 'hpa/paused', 'deployment/paused']);
  });
}

function budgets(kubectl: () => Kubectl): void {
  test('a disruption budget refuses an eviction until it allows it, then drain goes through', async () => {
    const budget = {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'guarded' },
      spec: { minAvailable: 2, selector: { matchLabels: { app: 'guarded' } } },
    };
    await kubectl().apply(workload('Deployment', 'guarded', { replicas: 2 }), budget);
    await kubectl().run(['rollout', 'status', 'deployment/guarded', ROLLOUT]);
    await kubectl().until('pdb guarded', '{.status.currentHealthy}', (healthy) => healthy === '2');
    const pod = await kubectl().run(['get', 'pods', '-l', 'app=guarded', '-o', 'jsonpath={.items[0].metadata.name}']);
    const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: pod, namespace: NAMESPACE } };
    const path = `/api/v1/namespaces/${NAMESPACE}/pods/${pod}/eviction`;
    const refused = await kubectl().try(['create', '--raw', path, '-f', '-'], { input: JSON.stringify(eviction) });
    assert.match(refused.stderr, /\(TooManyRequests\): Cannot evict pod as it would violate the pod's disruption budget\./);
    assert.match(
      await kubectl().run(['describe', 'pdb', 'guarded']),
      /Allowed disruptions:\s+0\n\s+Current:\s+2\n\s+Desired:\s+2\n\s+Total:\s+2/,
    );
    await kubectl().run(['patch', 'pdb', 'guarded', '--type=merge', '-p', '{"spec":{"minAvailable":0}}']);
    await kubectl().until('pdb guarded', '{.status.disruptionsAllowed}', (allowed) => allowed === '2');
    try {
      const { code, stderr } = await kubectl().try(['drain', 'node1', '--pod-selector=app=guarded', '--timeout=30s']);
      assert.equal(code, 0, stderr);
    } finally {
      await kubectl().run(['uncordon', 'node1']);
    }
    await kubectl().run(['rollout', 'status', 'deployment/guarded', ROLLOUT]);
    await kubectl().run(['delete', 'deployment/guarded', 'pdb/guarded']);
  });
}

function jobs(kubectl: () => Kubectl): void {
  test('an Indexed Job runs each index with its host name; a failure that may not be is the end', async () => {
    const policy = { podFailurePolicy: { rules: [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [42] } }] } };
    await kubectl().apply(
      job('indexed', 'echo $(hostname) $JOB_COMPLETION_INDEX', { completions: 3, parallelism: 3, completionMode: 'Indexed' }),
      job('doomed', 'exit 42', policy),
    );
    await kubectl().run(['wait', '--for=condition=complete', 'job/indexed', ROLLOUT]);
    await kubectl().run(['wait', '--for=condition=failed', 'job/doomed', ROLLOUT]);
    assert.equal(await kubectl().path('job indexed', '{.status.completedIndexes}'), '0-2');
    assert.equal(await kubectl().path('job doomed', '{.status.conditions[?(@.type=="Failed")].reason}'), 'PodFailurePolicy');
    const output = await kubectl().run(['logs', '-l', 'batch.kubernetes.io/job-name=indexed']);
    assert.deepEqual(output.trim().split('\n').sort(), ['indexed-0 0', 'indexed-1 1', 'indexed-2 2']);
    await kubectl().run(['delete', 'job', 'indexed', 'doomed']);
  });
}

function owners(kubectl: () => Kubectl): void {
  test('a ReplicationController adopts a pod that matches and lets go of one that does not any more', async () => {
    await kubectl().apply(shellPod('orphan', WAIT));
    const controller = { replicas: 1, selector: { app: 'orphan' }, template: template('orphan') };
    await kubectl().apply({ apiVersion: 'v1', kind: 'ReplicationController', metadata: { name: 'keeper' }, spec: controller });
    const owner = '{.metadata.ownerReferences[0].name}';
    await kubectl().until('pod orphan', owner, (name) => name === 'keeper');
    await kubectl().run(['label', 'pod', 'orphan', 'app=free', '--overwrite']);
    await kubectl().until('pod orphan', owner, (name) => name === '');
    await kubectl().run(['scale', 'rc/keeper', '--replicas=2']);
    await kubectl().until('rc keeper', '{.status.readyReplicas}', (ready) => ready === '2');
    await kubectl().run(['delete', 'rc/keeper', 'pod/orphan']);
  });

  test('a Secret for a service account gets a token that works', async () => {
    const metadata = { name: 'robot-token', annotations: { 'kubernetes.io/service-account.name': 'robot' } };
    await kubectl().run(['create', 'serviceaccount', 'robot']);
    await kubectl().apply({ apiVersion: 'v1', kind: 'Secret', metadata, type: 'kubernetes.io/service-account-token' });
    const encoded = await kubectl().until('secret robot-token', '{.data.token}', (token) => token !== '');
    const token = Buffer.from(encoded, 'base64').toString();
    const flags = ['--kubeconfig=/dev/null', '--server=https://127.0.0.1:6443', '--insecure-skip-tls-verify', `--token=${token}`];
    assert.match(await kubectl().run(['auth', 'whoami', ...flags]), new RegExp(`system:serviceaccount:${NAMESPACE}:robot`));
    await kubectl().run(['delete', 'serviceaccount', 'robot']);
    await eventually('the Secret goes with it', async () => (await kubectl().try(['get', 'secret', 'robot-token'])).code === 1);
  });
}

function priorities(kubectl: () => Kubectl): void {
  const rare = (name: string, count: number, spec: object = {}): object => {
    const resources = { requests: { 'example.com/rare': `${count}` }, limits: { 'example.com/rare': `${count}` } };
    return shellPod(name, WAIT, { container: { resources }, spec });
  };
  const patchNode = (operation: object) =>
    kubectl().run(['patch', 'node', 'node1', '--subresource=status', '--type=merge', '-p', JSON.stringify({ status: operation })]);

  test('a pod of higher priority takes the place of a lower one', async () => {
    const high = { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: 'kinds-high' }, value: 1000 };
    await patchNode({ capacity: { 'example.com/rare': '2' }, allocatable: { 'example.com/rare': '2' } });
    try {
      await kubectl().apply(high, rare('low', 2, { terminationGracePeriodSeconds: 3 }));
      await kubectl().ready('low');
      await kubectl().apply(rare('high', 1, { priorityClassName: 'kinds-high' }));
      const target = '{.status.conditions[?(@.type=="DisruptionTarget")].reason}';
      await kubectl().until('pod low', target, (reason) => reason === 'PreemptionByScheduler');
      await kubectl().ready('high');
      assert.equal((await kubectl().try(['get', 'pod', 'low'])).code, 1);
      assert.match(await kubectl().run(['get', 'events']), /Preempted\s+pod\/low\s+Preempted by pod \S+ on node node1/);
      await kubectl().run(['delete', 'pod', 'high']);
    } finally {
      await patchNode({ capacity: { 'example.com/rare': null }, allocatable: { 'example.com/rare': null } });
      await kubectl().run(['delete', 'priorityclass', 'kinds-high', '--ignore-not-found']);
    }
  });
}

function schedules(kubectl: () => Kubectl): void {
  test('a CronJob has run when its minute came, and runs out of turn when asked to', async () => {
    await kubectl().until('cronjob tick', '{.status.lastSuccessfulTime}', (time) => time !== '', 90_000);
    await kubectl().run(['create', 'job', '--from=cronjob/tick', 'now']);
    await kubectl().run(['wait', '--for=condition=complete', 'job/now', ROLLOUT]);
    assert.match(await kubectl().run(['get', 'events']), /SuccessfulCreate\s+cronjob\/tick\s+Created job tick-\d+/);
    assert.match(await kubectl().run(['get', 'cronjobs']), /tick\s+\* \* \* \* \*\s+<none>\s+False/);
    await kubectl().run(['delete', 'cronjob', 'tick']);
    await eventually('its Jobs go with it', async () => (await kubectl().run(['get', 'jobs', '-o', 'name'])).trim() === '');
  });
}

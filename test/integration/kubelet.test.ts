// The kubelet on real containerd: what a user sees of pods through the API. As root.

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { testImage } from '../../scripts/images/test-image.ts';
import type { Container, ContainerStatus, Pod } from '../../src/api/types/core-v1.gen.ts';
import { systemClock } from '../../src/base/clock.ts';
import { CONFIG_MAPS, LEASES, NODES, PODS, SECRETS, SERVICES } from '../../src/client/resources.ts';
import { KubeletWorld } from '../support/kubelet-world.ts';

const world = new KubeletWorld();
before(() => world.start(), { timeout: 60_000 });
after(() => world.stop(), { timeout: 60_000 });

const sh = (name: string, script: string, more: Partial<Container> = {}): Container => ({ name, command: ['sh', '-c', script], ...more });
const first = (pod: Pod | undefined): ContainerStatus | undefined => pod?.status?.containerStatuses?.[0];
const phase = (wanted: string) => (pod: Pod | undefined) => pod?.status?.phase === wanted;
const waits = (reason: string) => (pod: Pod | undefined) => first(pod)?.state?.waiting?.reason === reason;
const condition = (pod: Pod | undefined, type: string) => pod?.status?.conditions?.find((c) => c.type === type);

async function remove(name: string): Promise<void> {
  await world.client.delete(PODS, { namespace: 'default', name });
  await world.until(name, (p) => p === undefined);
}

async function output(name: string, container: string): Promise<string> {
  const uid = (await world.pod(name))?.metadata.uid ?? '';
  const run = world.kubelet.container(uid, container);
  const lines = readFileSync(run?.logPath ?? '', 'utf8')
    .trimEnd()
    .split('\n');
  return lines.map((line) => line.split(' ').slice(3).join(' ')).join('\n');
}

describe('a node', () => {
  it('is registered with capacity, addresses and labels, and renews its lease', async () => {
    const node = await world.client.get(NODES, { namespace: '', name: 'n1' });
    assert.equal(node.metadata.labels?.['kubernetes.io/hostname'], 'n1');
    assert.equal(node.metadata.labels?.['zone'], 'a');
    assert.match(node.status?.capacity?.['memory'] ?? '', /^\d+Ki$/);
    assert.deepEqual(node.status?.addresses?.[0], { type: 'InternalIP', address: '192.0.2.1' });
    assert.equal(node.status?.conditions?.find((c) => c.type === 'Ready')?.status, 'True');
    assert.match(node.status?.nodeInfo?.containerRuntimeVersion ?? '', /^containerd:\/\/\d+\.\d+\.\d+$/);
    const lease = await world.client.get(LEASES, { namespace: 'kube-node-lease', name: 'n1' });
    assert.equal(lease.spec?.holderIdentity, 'n1');
  });
});

describe('a pod', () => {
  it('runs, says so with conditions and events, and goes when deleted, leaving nothing', async () => {
    await world.run('web', { containers: [sh('web', 'echo hello; sleep 1000')] });
    const pod = await world.until('web', phase('Running'));
    const types = pod?.status?.conditions?.map((c) => `${c.type}=${c.status}`);
    assert.deepEqual(types, [
      'PodReadyToStartContainers=True',
      'Initialized=True',
      'Ready=True',
      'ContainersReady=True',
      'PodScheduled=True',
    ]);
    assert.equal(condition(pod, 'Ready')?.reason, undefined);
    assert.equal(first(pod)?.started, true);
    assert.equal(await output('web', 'web'), 'hello');
    await remove('web');
    assert.deepEqual(await world.events('web'), [
      'Normal Pulled Container image "test.local/busybox:1" already present on machine and can be accessed by the pod',
      'Normal Created Container created',
      'Normal Started Container started',
      'Normal Killing Stopping container web',
    ]);
    const uid = pod?.metadata.uid ?? '';
    for (let i = 0; i < 200 && world.kubelet.containers(uid).length > 0; i++) await systemClock.sleep(10);
    assert.deepEqual(world.kubelet.containers(uid), []);
    for (let i = 0; i < 200 && readdirSync(join(world.dir, 'logs/pods')).length > 0; i++) await systemClock.sleep(10);
    assert.deepEqual(readdirSync(join(world.dir, 'logs/pods')), []);
    assert.equal(existsSync(join(world.dir, 'kubelet/pods', uid)), false);
    assert.equal(existsSync(`/sys/fs/cgroup/memory${world.cgroupRoot}/kubepods/besteffort/pod${uid}`), false);
  });

  it('runs init containers in order, a sidecar beside the others, and ends with Succeeded', async () => {
    await world.run('job', {
      restartPolicy: 'Never',
      volumes: [{ name: 'v', emptyDir: {} }],
      initContainers: [
        sh('one', 'echo 1 >> /v/log', { volumeMounts: [{ name: 'v', mountPath: '/v' }] }),
        sh('side', 'echo s >> /v/log; trap "exit 0" TERM; while true; do sleep 0.1; done', {
          restartPolicy: 'Always',
          volumeMounts: [{ name: 'v', mountPath: '/v' }],
        }),
        sh('two', 'sleep 0.3; echo 2 >> /v/log', { volumeMounts: [{ name: 'v', mountPath: '/v' }] }),
      ],
      containers: [sh('main', 'echo m >> /v/log; cat /v/log', { volumeMounts: [{ name: 'v', mountPath: '/v' }] })],
    });
    const pod = await world.until('job', phase('Succeeded'));
    assert.equal(await output('job', 'main'), '1\ns\n2\nm');
    assert.equal(first(pod)?.state?.terminated?.reason, 'Completed');
    assert.equal(condition(pod, 'Ready')?.reason, 'PodCompleted');
    const side = pod?.status?.initContainerStatuses?.find((s) => s.name === 'side');
    assert.ok(side?.state?.terminated);
    await remove('job');
  });

  it('fails with the exit code, the reason and the termination message', async () => {
    const container = sh('main', 'echo because > /dev/termination-log; exit 3', { terminationMessagePath: '/dev/termination-log' });
    await world.run('fails', { restartPolicy: 'Never', containers: [container] });
    const pod = await world.until('fails', phase('Failed'));
    const { exitCode, reason, message } = first(pod)?.state?.terminated ?? { exitCode: -1 };
    assert.deepEqual({ exitCode, reason, message }, { exitCode: 3, reason: 'Error', message: 'because\n' });
    await remove('fails');
  });

  it('restarts at once after the first failure and waits in CrashLoopBackOff after the second', async () => {
    await world.run('crash', { containers: [sh('c', 'exit 1')] });
    const pod = await world.until('crash', waits('CrashLoopBackOff'));
    assert.equal(first(pod)?.restartCount, 1);
    assert.equal(first(pod)?.lastState?.terminated?.exitCode, 1);
    assert.match(first(pod)?.state?.waiting?.message ?? '', /^back-off 10s restarting failed container=c pod=crash_default\(/);
    assert.equal(pod?.status?.phase, 'Running');
    const events = await world.events('crash');
    assert.ok(events.some((e) => e.startsWith('Warning BackOff Back-off restarting failed container c in pod crash_default(')));
    await remove('crash');
  });

  it('is killed for its memory limit and says OOMKilled', async () => {
    const hungry = sh('c', 'x=a; while true; do x=$x$x; done', { resources: { limits: { memory: '16Mi' }, requests: { memory: '16Mi' } } });
    await world.run('oom', { restartPolicy: 'Never', containers: [hungry] });
    const pod = await world.until('oom', phase('Failed'));
    assert.equal(first(pod)?.state?.terminated?.reason, 'OOMKilled');
    assert.equal(first(pod)?.state?.terminated?.exitCode, 137);
    await remove('oom');
  });

  it('gets its environment from every source, and its arguments expanded', async () => {
    const at = { namespace: 'default' };
    await world.client.create(CONFIG_MAPS, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'cm', ...at },
      data: { k: 'from-cm' },
    });
    await world.client.create(SECRETS, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's', ...at },
      data: { k: 'ZnJvbS1zZWNyZXQ=' },
    });
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'my-db', ...at },
      spec: { clusterIP: '10.43.0.9', ports: [{ port: 5432 }] },
    };
    await world.client.create(SERVICES, service);
    await systemClock.sleep(50);
    const container: Container = {
      name: 'c',
      command: ['sh', '-c', 'echo $A $B $C $D $E $P_k $MY_DB_SERVICE_HOST $0', '$(A)-$$(A)-$(NONE)'],
      envFrom: [{ prefix: 'P_', configMapRef: { name: 'cm' } }],
      env: [
        { name: 'A', value: 'a' },
        { name: 'B', valueFrom: { configMapKeyRef: { name: 'cm', key: 'k' } } },
        { name: 'C', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } },
        { name: 'D', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
        { name: 'E', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '1m' } } },
      ],
      resources: { limits: { cpu: '250m' } },
    };
    await world.run('env', { restartPolicy: 'Never', containers: [container] });
    await world.until('env', phase('Succeeded'));
    assert.equal(await output('env', 'c'), 'a from-cm from-secret 192.0.2.1 250 from-cm 10.43.0.9 a-$(A)-$(NONE)');
    await remove('env');
  });

  const failures: [string, Container, string, RegExp][] = [
    [
      'a missing ConfigMap',
      sh('c', 'true', { env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'no', key: 'k' } } }] }),
      'CreateContainerConfigError',
      /^configmap "no" not found$/,
    ],
    [
      'an image that must not be pulled',
      { name: 'c', image: 'test.local/none:1', imagePullPolicy: 'Never' },
      'ErrImageNeverPull',
      /is not present with pull policy of Never$/,
    ],
    ['an invalid image name', { name: 'c', image: 'Bad Name' }, 'InvalidImageName', /invalid reference format$/],
    ['a registry that does not answer', { name: 'c', image: '127.0.0.1:1/none:1' }, 'ErrImagePull', /connection refused/],
    [
      'root where it is forbidden',
      sh('c', 'true', { securityContext: { runAsNonRoot: true } }),
      'CreateContainerConfigError',
      /image will run as root/,
    ],
    ['a program that is not there', { name: 'c', command: ['/none'] }, 'RunContainerError', /no such file or directory/],
  ];
  for (const [title, container, reason, message] of failures) {
    it(`waits with ${reason} for ${title}`, async () => {
      const name = `bad-${failures.findIndex((f) => f[0] === title)}`;
      await world.run(name, { containers: [container] });
      const pod = await world.until(name, waits(reason));
      assert.match(first(pod)?.state?.waiting?.message ?? '', message);
      // What has run and failed counts as running for restartPolicy Always.
      assert.equal(pod?.status?.phase, reason === 'RunContainerError' ? 'Running' : 'Pending');
      await remove(name);
    });
  }

  it('is restarted when its liveness probe fails, and becomes ready when its readiness probe succeeds', async () => {
    const container = sh('c', 'sleep 1; touch /tmp/ready; sleep 1000', {
      readinessProbe: {
        exec: { command: ['test', '-e', '/tmp/ready'] },
        periodSeconds: 1,
        successThreshold: 1,
        failureThreshold: 1,
        timeoutSeconds: 1,
      },
      livenessProbe: {
        exec: { command: ['test', '!', '-e', '/tmp/dead'] },
        periodSeconds: 1,
        successThreshold: 1,
        failureThreshold: 1,
        timeoutSeconds: 1,
      },
    });
    await world.run('probed', { containers: [container] });
    await world.until('probed', phase('Running'));
    assert.equal(condition(await world.pod('probed'), 'Ready')?.reason, 'ContainersNotReady');
    const pod = await world.until('probed', (p) => condition(p, 'Ready')?.status === 'True');
    const run = world.kubelet.container(pod?.metadata.uid ?? '', 'c');
    await world.kubelet.execSync(run?.id ?? '', ['touch', '/tmp/dead'], 1000);
    await world.until('probed', (p) => first(p)?.restartCount === 1 && first(p)?.state?.running !== undefined);
    assert.ok((await world.events('probed')).includes('Normal Killing Container c failed liveness probe, will be restarted'));
    await remove('probed');
  });

  it('has its hooks run: postStart before it is running, preStop before SIGTERM', async () => {
    const hook = (word: string) => ({ exec: { command: ['sh', '-c', `echo ${word} >> /v/log`] } });
    const container = sh('c', 'trap "echo term >> /v/log; exit 0" TERM; while true; do sleep 0.1; done', {
      lifecycle: { postStart: hook('post'), preStop: hook('pre') },
      volumeMounts: [{ name: 'v', mountPath: '/v' }],
    });
    const path = join(world.dir, 'hooks');
    await world.run('hooks', {
      terminationGracePeriodSeconds: 5,
      volumes: [{ name: 'v', hostPath: { path, type: 'DirectoryOrCreate' } }],
      containers: [container],
    });
    await world.until('hooks', phase('Running'));
    await remove('hooks');
    assert.equal(readFileSync(join(path, 'log'), 'utf8'), 'post\npre\nterm\n');
  });

  it('fails with DeadlineExceeded', async () => {
    await world.run('slow', { activeDeadlineSeconds: 1, containers: [sh('c', 'sleep 1000')] });
    const pod = await world.until('slow', phase('Failed'));
    assert.equal(pod?.status?.reason, 'DeadlineExceeded');
    await remove('slow');
  });

  it('is refused when it does not fit', async () => {
    await world.run('huge', { containers: [sh('c', 'true', { resources: { requests: { cpu: '1000' } } })] });
    const pod = await world.until('huge', phase('Failed'));
    assert.equal(pod?.status?.reason, 'OutOfcpu');
    assert.match(
      pod?.status?.message ?? '',
      /^Pod was rejected: Node didn't have enough resource: cpu, requested: 1000000, used: \d+, capacity: \d+$/,
    );
    await remove('huge');
  });

  it('of its own network has an address, a host name, a hosts file and the cluster DNS', async () => {
    await world.run('net', {
      hostNetwork: false,
      hostname: 'h',
      subdomain: 'sub',
      restartPolicy: 'Never',
      containers: [sh('c', 'hostname; tail -1 /etc/hosts; cat /etc/resolv.conf')],
    });
    const pod = await world.until('net', phase('Succeeded'));
    const ip = pod?.status?.podIP;
    assert.match(ip ?? '', /^10\.99\.0\.\d+$/);
    const lines = (await output('net', 'c')).split('\n');
    assert.deepEqual(lines.slice(0, 2), ['h', `${ip}\th.sub.default.svc.cluster.local\th`]);
    assert.ok(
      lines.includes('nameserver 10.43.0.10') &&
        lines.some((l) => l.startsWith('search default.svc.cluster.local svc.cluster.local cluster.local')),
    );
    await remove('net');
  });

  it("has its limits in its own cgroup and in the containers'", async () => {
    const resources = { limits: { cpu: '500m', memory: '64Mi' }, requests: { cpu: '500m', memory: '64Mi' } };
    const pod = await world.run('limits', { containers: [sh('c', 'sleep 1000', { resources })] });
    await world.until('limits', phase('Running'));
    const parent = `${world.cgroupRoot}/kubepods/pod${pod.metadata.uid}`;
    const read = (path: string): string => readFileSync(join('/sys/fs/cgroup', path), 'utf8').trim();
    const v1 = existsSync('/sys/fs/cgroup/memory');
    assert.equal(read(v1 ? `memory${parent}/memory.limit_in_bytes` : `${parent}/memory.max`), String(64 << 20));
    assert.equal(v1 ? read(`cpu${parent}/cpu.cfs_quota_us`) : read(`${parent}/cpu.max`).split(' ')[0], '50000');
    const id = first(await world.pod('limits'))?.containerID?.replace('containerd://', '');
    assert.equal(read(v1 ? `memory${parent}/${id}/memory.limit_in_bytes` : `${parent}/${id}/memory.max`), String(64 << 20));
    await remove('limits');
  });
});

describe('an image archive', () => {
  const archives: [string, (bytes: Uint8Array) => Uint8Array][] = [
    ['late.tar.gz', gzipSync],
    ['later.tar.zst', zstdCompressSync],
  ];
  for (const [file, compress] of archives) {
    it(`named ${file} is imported when it appears, and pods run from it`, async () => {
      const image = `test.local/${file.split('.')[0]}:1`;
      writeFileSync(join(world.dir, 'images', file), compress(await testImage({ name: image })));
      const { client } = world.containerd;
      for (let i = 0; i < 500 && !(await client.imageStatus(image)); i++) await systemClock.sleep(20);
      const name = file.split('.')[0] ?? '';
      await world.run(name, { restartPolicy: 'Never', containers: [sh('c', 'true', { image, imagePullPolicy: 'Never' })] });
      await world.until(name, phase('Succeeded'));
      await remove(name);
    });
  }
});

describe('Kubelet', () => {
  it('takes running pods over after a restart: same containers, nothing restarted, changes meanwhile acted on', async () => {
    await world.run('stays', { containers: [sh('c', 'sleep 1000')] });
    await world.run('goes', { containers: [sh('c', 'sleep 1000')] });
    const before = first(await world.until('stays', phase('Running')));
    const goes = await world.until('goes', phase('Running'));
    await world.stopNode();
    await world.client.delete(PODS, { namespace: 'default', name: 'goes' }, { gracePeriodSeconds: 0 });
    await world.startNode();
    for (let i = 0; i < 500 && world.kubelet.containers(goes?.metadata.uid ?? '').length > 0; i++) await systemClock.sleep(10);
    assert.deepEqual(world.kubelet.containers(goes?.metadata.uid ?? ''), []);
    assert.deepEqual(first(await world.pod('stays')), before);
    await remove('stays');
  });

  it('keeps pods running when containerd dies, and works on', async () => {
    await world.run('lives', { containers: [sh('c', 'sleep 1000')] });
    const before = first(await world.until('lives', phase('Running')));
    const { pid } = JSON.parse(readFileSync(join(world.dir, 'run/containerd.json'), 'utf8')) as { pid: number };
    process.kill(pid, 'SIGKILL');
    await world.run('next', { restartPolicy: 'Never', containers: [sh('c', 'true')] });
    await world.until('next', phase('Succeeded'), 30_000);
    assert.deepEqual(first(await world.pod('lives')), before);
    await remove('lives');
    await remove('next');
  });
});

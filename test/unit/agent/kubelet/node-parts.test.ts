import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cgroupPath, podCgroup, podUidOfCgroup } from '../../../../src/agent/kubelet/cgroup-names.ts';
import {
  cpuQuota,
  cpuShares,
  cpuWeight,
  linuxResources,
  oomScoreAdj,
  podCgroupResources,
} from '../../../../src/agent/kubelet/container-resources.ts';
import { Backoffs, formatDelay } from '../../../../src/agent/kubelet/crash-backoff.ts';
import { planImageGc } from '../../../../src/agent/kubelet/image-gc.ts';
import { defaultPullPolicy, formatImageName, parseImageName } from '../../../../src/agent/kubelet/image-name.ts';
import { formatGoDuration } from '../../../../src/agent/kubelet/image-puller.ts';
import { admitPod } from '../../../../src/agent/kubelet/pod-admission.ts';
import { hostsFile, parseResolvConf, podDns, podHostname } from '../../../../src/agent/kubelet/pod-dns.ts';
import { pullAuths } from '../../../../src/agent/kubelet/pull-secrets.ts';
import { Semaphore } from '../../../../src/agent/kubelet/semaphore.ts';
import { qosClass } from '../../../../src/api/pod-resources.ts';
import type { Node, PodSpec, Secret } from '../../../../src/api/types/core-v1.gen.ts';
import { pod } from './pod-world.ts';

const limited = (limits: Record<string, string>, requests = limits): Partial<PodSpec> => ({
  containers: [{ name: 'a', resources: { limits, requests } }],
});

describe('resources', () => {
  it('become shares, quota and weight by the documented formulas', () => {
    assert.deepEqual([cpuShares(0), cpuShares(500), cpuShares(1e9)], [2, 512, 262_144]);
    assert.deepEqual([cpuQuota(0), cpuQuota(1), cpuQuota(500)], [0, 1000, 50_000]);
    assert.deepEqual([cpuWeight(2), cpuWeight(1024), cpuWeight(262_144)], [1, 39, 10_000]);
  });
  it('give the QoS class and oom_score_adj', () => {
    const rows: [Partial<PodSpec>, string, number][] = [
      [{}, 'BestEffort', 1000],
      [limited({ cpu: '1', memory: '1Gi' }), 'Guaranteed', -997],
      [limited({ memory: '1Gi' }), 'Burstable', 750],
      [limited({}, { cpu: '1' }), 'Burstable', 999],
      [{ ...limited({}), priority: 2_000_001_000 }, 'BestEffort', -997],
    ];
    for (const [spec, qos, score] of rows) {
      const p = pod(spec);
      assert.equal(qosClass(p), qos);
      assert.equal(oomScoreAdj(p, p.spec.containers[0] ?? { name: '' }, 4 * 2 ** 30), score);
    }
  });
  it('limit the pod as a whole only when every container is limited', () => {
    const half = pod({ containers: [{ name: 'a', resources: { limits: { memory: '1Mi' }, requests: { cpu: '1' } } }, { name: 'b' }] });
    assert.deepEqual(podCgroupResources(half), { cpuShares: 1024 });
    assert.deepEqual(podCgroupResources(pod(limited({ cpu: '1', memory: '1Mi' }))), {
      cpuShares: 1024,
      cpuQuota: 100_000,
      memoryBytes: 1 << 20,
    });
  });
  it('take the limit where there is no CPU request, and name huge pages as the kernel does', () => {
    const p = pod(limited({ cpu: '2', 'hugepages-2Mi': '4Mi' }, {}));
    const got = linuxResources(p, p.spec.containers[0] ?? { name: '' }, { memoryCapacity: 1, cgroupVersion: 2 });
    assert.equal(got.cpuShares, 2048);
    assert.deepEqual(got.hugepageLimits, [{ pageSize: '2MB', limit: 4 << 20 }]);
    assert.deepEqual(got.unified, { 'memory.oom.group': '1' });
  });
});

describe('podCgroup', () => {
  const rows = [
    ['', 'cgroupfs', 'Burstable', '/kubepods/burstable/poda-b', '/kubepods/burstable/poda-b'],
    ['/kts-n1', 'cgroupfs', 'Guaranteed', '/kts-n1/kubepods/poda-b', '/kts-n1/kubepods/poda-b'],
    [
      '',
      'systemd',
      'BestEffort',
      'kubepods-besteffort-poda_b.slice',
      '/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-poda_b.slice',
    ],
    [
      '/kts-n1',
      'systemd',
      'Guaranteed',
      'kts_n1-kubepods-poda_b.slice',
      '/kts_n1.slice/kts_n1-kubepods.slice/kts_n1-kubepods-poda_b.slice',
    ],
  ] as const;
  for (const [root, driver, qos, name, path] of rows)
    it(`is ${name}`, () => {
      assert.equal(podCgroup({ root, driver }, qos, 'a-b'), name);
      assert.equal(cgroupPath({ root, driver }, name), path);
      assert.equal(podUidOfCgroup(path.slice(path.lastIndexOf('/') + 1)), 'a-b');
    });
});

describe('Backoffs', () => {
  it('doubles from 10 s to 5 min and forgets after 10 min', () => {
    const backoffs = new Backoffs();
    const delays: number[] = [];
    let at = 0;
    for (let i = 0; i < 7; i++) {
      delays.push(backoffs.delay('k', at) / 1000);
      backoffs.next('k', at, at);
      at += 1000;
    }
    assert.deepEqual(delays, [0, 10, 20, 40, 80, 160, 300]);
    assert.equal(backoffs.delay('k', at + 600_001), 0);
    backoffs.forget('k');
    assert.equal(backoffs.delay('k', at), 0);
  });
  it('writes delays as Go does', () => {
    assert.deepEqual([10_000, 80_000, 300_000].map(formatDelay), ['10s', '1m20s', '5m0s']);
    assert.deepEqual([5, 1500, 62_500, 3_600_000].map(formatGoDuration), ['5ms', '1.5s', '1m2.5s', '1h0m0s']);
  });
});

describe('parseImageName', () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  const rows: [string, string | undefined][] = [
    ['nginx', 'docker.io/library/nginx:latest'],
    ['nginx:1.27', 'docker.io/library/nginx:1.27'],
    ['a/b', 'docker.io/a/b:latest'],
    ['localhost/a', 'localhost/a:latest'],
    ['r.io:5000/a/b:1', 'r.io:5000/a/b:1'],
    [`r.io/a@${digest}`, `r.io/a@${digest}`],
    ['index.docker.io/x', 'docker.io/library/x:latest'],
    ['Upper', undefined],
    ['a b', undefined],
    ['', undefined],
    ['a:', undefined],
    ['/a', undefined],
  ];
  for (const [text, want] of rows)
    it(`reads ${JSON.stringify(text)}`, () => {
      const name = parseImageName(text);
      assert.equal(name && formatImageName(name), want);
    });
  it('decides the pull policy', () =>
    assert.deepEqual(['a', 'a:latest', 'a:1', `a@${digest}`].map(defaultPullPolicy), ['Always', 'Always', 'IfNotPresent', 'IfNotPresent']));
});

describe('pullAuths', () => {
  const secret = (auths: object): Secret => ({
    metadata: {},
    data: { '.dockerconfigjson': Buffer.from(JSON.stringify({ auths })).toString('base64') },
  });
  const auth = (user: string) => ({ auth: Buffer.from(`${user}:p:w`).toString('base64') });
  it('gives the most specific first, by host, path and wildcard', () => {
    const secrets = [
      secret({
        'https://r.io/v1/': auth('host'),
        'r.io/team': auth('team'),
        '*.io': auth('any'),
        'x.r.io': auth('no'),
        'r.io/other': auth('no'),
      }),
    ];
    assert.deepEqual(
      pullAuths('r.io/team/app:1', secrets).map((a) => a.username),
      ['team', 'host', 'any'],
    );
    assert.equal(pullAuths('r.io/team/app:1', secrets)[0]?.password, 'p:w');
  });
  it('reads the Docker hub and survives rubbish', () => {
    assert.deepEqual(pullAuths('nginx', [secret({ 'https://index.docker.io/v1/': { username: 'u', password: 'p' } })]), [
      { username: 'u', password: 'p' },
    ]);
    assert.deepEqual(pullAuths('nginx', [{ metadata: {}, data: { '.dockercfg': '####' } }, secret({ 'docker.io': 7 })]), []);
  });
});

describe('podDns', () => {
  const host = parseResolvConf('# c\nnameserver 1.1.1.1\nsearch lan. example.\noptions rotate\n');
  const node = { clusterDns: ['10.43.0.10'], clusterDomain: 'cluster.local', host };
  it("is the cluster's for ClusterFirst", () => {
    assert.deepEqual(podDns(pod(), node), {
      servers: ['10.43.0.10'],
      searches: ['default.svc.cluster.local', 'svc.cluster.local', 'cluster.local', 'lan', 'example'],
      options: ['ndots:5'],
    });
  });
  it("is the node's for Default and for host-network pods", () => {
    assert.deepEqual(podDns(pod({ dnsPolicy: 'Default' }), node), host);
    assert.deepEqual(podDns(pod({ hostNetwork: true, dnsPolicy: 'ClusterFirst' }), node), host);
    assert.deepEqual(podDns(pod({ hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' }), node).servers, ['10.43.0.10']);
  });
  it('takes dnsConfig over, alone for None', () => {
    const dnsConfig = { nameservers: ['9.9.9.9'], searches: ['s'], options: [{ name: 'ndots', value: '1' }, { name: 'edns0' }] };
    assert.deepEqual(podDns(pod({ dnsPolicy: 'None', dnsConfig }), node), {
      servers: ['9.9.9.9'],
      searches: ['s'],
      options: ['ndots:1', 'edns0'],
    });
    assert.deepEqual(podDns(pod({ dnsConfig }), node).options, ['ndots:1', 'edns0']);
  });
  it('names hosts', () => {
    assert.deepEqual(podHostname(pod({ hostname: 'h', subdomain: 's', setHostnameAsFQDN: true }), 'd'), {
      hostname: 'h.s.default.svc.d',
      domain: 's.default.svc.d',
    });
    const text = hostsFile(pod({ hostAliases: [{ ip: '1.2.3.4', hostnames: ['x', 'y'] }] }), ['10.0.0.2'], {
      clusterDomain: 'd',
      hostFile: '',
    });
    assert.match(text, /^10\.0\.0\.2\tp$/m);
    assert.match(text, /^1\.2\.3\.4\tx\ty$/m);
  });
});

describe('admitPod', () => {
  const node: Node = {
    metadata: { name: 'n', labels: { disk: 'ssd' } },
    spec: {},
    status: { allocatable: { cpu: '1', memory: '1Gi', pods: '2' } },
  };
  const port = { containers: [{ name: 'a', ports: [{ containerPort: 80, hostPort: 8080 }] }] };
  const need = (key: string, operator: string, values: string[]): Partial<PodSpec> => ({
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key, operator, values }] }] },
      },
    },
  });
  const rows: [string, Partial<PodSpec>, Partial<PodSpec>[], string | undefined][] = [
    ['a pod that fits', limited({ cpu: '500m' }), [limited({ cpu: '500m' })], undefined],
    ['too much CPU', limited({ cpu: '501m' }), [limited({ cpu: '500m' })], 'OutOfcpu'],
    ['too much memory', limited({ memory: '2Gi' }), [], 'OutOfmemory'],
    ['too many pods', {}, [{}, {}], 'OutOfpods'],
    ['an unknown device', limited({ 'example.com/gpu': '1' }), [], 'OutOfexample.com/gpu'],
    ['a taken port', port, [port], 'NodePorts'],
    ['another selector', { nodeSelector: { disk: 'hdd' } }, [], 'NodeAffinity'],
    ['affinity that fits', need('disk', 'In', ['ssd']), [], undefined],
    ['affinity that does not', need('disk', 'NotIn', ['ssd']), [], 'NodeAffinity'],
    ['an unsafe sysctl', { securityContext: { sysctls: [{ name: 'kernel.msgmax', value: '1' }] } }, [], 'SysctlForbidden'],
    ['a safe sysctl', { securityContext: { sysctls: [{ name: 'net/ipv4/tcp_syncookies', value: '1' }] } }, [], undefined],
  ];
  for (const [title, spec, others, want] of rows)
    it(`decides on ${title}`, () =>
      assert.equal(
        admitPod(
          pod(spec),
          others.map((o) => pod(o)),
          node,
        )?.reason,
        want,
      ));
});

describe('planImageGc', () => {
  const disk = { bytes: 1000, availableBytes: 100, inodes: 0, freeInodes: 0 };
  const image = (id: string, lastUsedMs: number, more = {}) => ({
    id,
    size: 60,
    lastUsedMs,
    firstSeenMs: 0,
    inUse: false,
    pinned: false,
    ...more,
  });
  it('removes the least recently used until the disk is below the low threshold, never what is used, pinned or new', () => {
    const images = [
      image('new', 1, { firstSeenMs: 900_000 }),
      image('b', 5),
      image('a', 3),
      image('used', 0, { inUse: true }),
      image('pin', 0, { pinned: true }),
      image('c', 9),
    ];
    assert.deepEqual(planImageGc(images, disk, { nowMs: 1_000_000 }), ['a', 'b']);
    assert.deepEqual(planImageGc(images, { ...disk, availableBytes: 200 }, { nowMs: 1_000_000 }), []);
  });
});

describe('Semaphore', () => {
  it('lets what was begun go before what is new', async () => {
    const semaphore = new Semaphore(1);
    const order: string[] = [];
    const work = (name: string, turn: 'begun' | 'new') => semaphore.run(async () => void order.push(name), undefined, turn);
    await Promise.all([work('first', 'new'), work('new', 'new'), work('begun', 'begun')]);
    assert.deepEqual(order, ['first', 'begun', 'new']);
  });

  it('runs no more than its limit at once, in order, and goes on after failures and aborts', async () => {
    const semaphore = new Semaphore(1);
    const order: number[] = [];
    const abort = new AbortController();
    const work = (n: number, signal?: AbortSignal) =>
      semaphore.run(async () => {
        order.push(n);
        await Promise.resolve();
        if (n === 1) throw new RangeError('x');
      }, signal);
    const all = [work(1), work(2, abort.signal), work(3)];
    abort.abort();
    const results = await Promise.allSettled(all);
    assert.deepEqual(
      results.map((r) => r.status),
      ['rejected', 'rejected', 'fulfilled'],
    );
    assert.deepEqual(order, [1, 3]);
  });
});

// What a container sees and how it ends, as the conformance tests of sig-node and sig-storage ask it: many questions a pod.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { TEST_IMAGE } from '../../../scripts/images/test-image.ts';
import type { TestCluster } from '../support/cluster.ts';
import type { Kubectl } from '../support/kubectl.ts';
import { shellPod, WAIT } from '../support/manifests.ts';
import { eventually } from '../support/shell.ts';

const shell = (name: string, script: string, more: object = {}): object => ({
  name,
  image: TEST_IMAGE,
  command: ['sh', '-c', script],
  ...more,
});
const field = (name: string, fieldPath: string): object => ({ name, valueFrom: { fieldRef: { fieldPath } } });
const once = (name: string, containers: readonly object[], spec: object = {}): object =>
  shellPod(name, '', { spec: { restartPolicy: 'Never', containers, ...spec } });

/** Prints the CPU quota of the container it runs in, of 100000. */
const QUOTA = 'cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us 2>/dev/null || cut -d" " -f1 /sys/fs/cgroup/cpu.max';

interface Status {
  readonly name: string;
  readonly restartCount: number;
  readonly state: { readonly terminated?: { readonly exitCode: number; readonly reason: string; readonly message?: string } };
}

interface Pod {
  readonly metadata: object;
  readonly spec: { readonly containers: { resources: object }[]; readonly initContainers?: { resources: object }[] };
  readonly status: { readonly conditions: object[] };
}

/** The suite. */
export function containers(of: () => TestCluster): void {
  describe('containers', () => {
    const inside = (): Kubectl => of().kubectl.in('containers');
    const ended = (pod: string): Promise<string> =>
      inside().until(`pod ${pod}`, '{.status.phase}', (phase) => phase === 'Succeeded' || phase === 'Failed');
    const lines = async (pod: string, container: string): Promise<string[]> =>
      (await inside().run(['logs', pod, '-c', container])).trimEnd().split('\n');
    const statuses = async (pod: string): Promise<readonly Status[]> =>
      (await inside().json<{ status: { containerStatuses: Status[] } }>(['get', 'pod', pod])).status.containerStatuses;
    /** Changes a sub-resource of a pod by a PUT: older kubectls know no flag for it. */
    const put = async (pod: string, subresource: string, change: (object: Pod) => void): Promise<string> => {
      const object = await inside().json<Pod>(['get', 'pod', pod]);
      change(object);
      const input = JSON.stringify({ ...object, metadata: { ...object.metadata, resourceVersion: undefined } });
      return await inside().run(['replace', '--raw', `/api/v1/namespaces/containers/pods/${pod}/${subresource}`, '-f', '-'], { input });
    };

    before(async () => {
      await of().kubectl.run(['create', 'namespace', 'containers']);
      await inside().apply(
        {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: 'cm' },
          data: { one: '1', refers: '$(one)' },
          binaryData: { bin: '/wA=' },
        },
        { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'secret' }, stringData: { user: 'admin' } },
      );
      await eventually('the service account', () => inside().path('serviceaccount default', '{.metadata.name}'));
    });
    after(() => of().kubectl.run(['delete', 'namespace', 'containers', '--wait=true', '--timeout=60s']));

    test('environment: all sources, references to what came before, units of resources', async () => {
      const resources = { requests: { cpu: '250m', memory: '32Mi' }, limits: { cpu: '1250m', memory: '64Mi' } };
      const quantity = (name: string, resource: string, divisor = '0'): object => ({
        name,
        valueFrom: { resourceFieldRef: { resource, divisor } },
      });
      const env = [
        { name: 'FIRST', value: 'foo' },
        { name: 'COMPOSED', value: '$(FIRST):$(one):$(LATER):$$(FIRST)' },
        { name: 'LATER', value: 'later' },
        field('LABEL', "metadata.labels['app']"),
        field('IP', 'status.podIP'),
        field('HOST', 'status.hostIP'),
        quantity('CPU', 'limits.cpu'),
        quantity('MILLI', 'requests.cpu', '1m'),
        quantity('MEMORY', 'limits.memory', '1Mi'),
        { name: 'KEY', valueFrom: { configMapKeyRef: { name: 'cm', key: 'refers' } } },
        { name: 'NONE', valueFrom: { secretKeyRef: { name: 'secret', key: 'none', optional: true } } },
      ];
      const envFrom = [{ configMapRef: { name: 'cm' } }, { prefix: 'P_', secretRef: { name: 'secret' } }];
      const asks = `echo '$(COMPOSED)'; echo $LABEL $CPU $MILLI $MEMORY $P_user "$KEY" "[$NONE]"; echo $HOST; echo $IP; hostname -i`;
      await inside().apply(once('env', [shell('main', asks, { env, envFrom, resources })]));
      assert.equal(await ended('env'), 'Succeeded');
      const [composed, mixed, host, ip, own] = await lines('env', 'main');
      assert.equal(composed, 'foo:1:$(LATER):$(FIRST)');
      assert.equal(mixed, 'env 2 250 64 admin $(one) []');
      assert.equal(host, of().server.machine.address);
      assert.equal(ip, own);
    });

    test('ends: exit codes, messages from a file of any user and from the log, a program that is not there', async () => {
      const policy = { terminationMessagePolicy: 'FallbackToLogsOnError' };
      await inside().apply(
        once('ends', [
          shell('file', 'printf DONE > /dev/termination-log'),
          shell('user', 'printf MINE > /tmp/message; exit 2', {
            terminationMessagePath: '/tmp/message',
            securityContext: { runAsUser: 1000 },
          }),
          shell('log', 'echo said; exit 3', policy),
          shell('quiet', 'echo said', policy),
          { name: 'none', image: TEST_IMAGE, command: ['/none'] },
        ]),
      );
      assert.equal(await ended('ends'), 'Failed');
      const got = (await statuses('ends')).map(({ name, restartCount, state: { terminated } }) => {
        const message = name === 'none' ? /no such file/.test(terminated?.message ?? '') : terminated?.message;
        return [name, restartCount, terminated?.exitCode, terminated?.reason, message];
      });
      assert.deepEqual(got, [
        ['file', 0, 0, 'Completed', 'DONE'],
        ['user', 0, 2, 'Error', 'MINE'],
        ['log', 0, 3, 'Error', 'said\n'],
        ['quiet', 0, 0, 'Completed', undefined],
        ['none', 0, 128, 'StartError', true],
      ]);
    });

    test('a container that cannot be started holds up no other', async () => {
      const absent = { name: 'absent', image: 'none:1', imagePullPolicy: 'Never' };
      const env = [{ name: 'X', valueFrom: { configMapKeyRef: { name: 'nowhere', key: 'x' } } }];
      await inside().apply(
        shellPod('mixed', '', { spec: { containers: [absent, shell('fails', 'exit 1'), shell('lacks', WAIT, { env })] } }),
      );
      const of = (name: string): string => `.status.containerStatuses[?(@.name=="${name}")]`;
      // Sooner than the others are tried again, which is after 10 s.
      await inside().until('pod mixed', `{${of('fails')}.restartCount}`, (count) => count === '1', 8000);
      const reasons = `{${of('absent')}.state.waiting.reason} {${of('lacks')}.state.waiting.reason}`;
      assert.equal(await inside().path('pod mixed', reasons), 'ErrImageNeverPull CreateContainerConfigError');
    });

    test('security: users and groups, capabilities, seccomp, privileges, read-only roots, sysctls', async () => {
      const show = "grep -E 'NoNewPrivs|Seccomp:|CapBnd' /proc/1/status | tr -s '\\t\\n' '  '";
      const narrow = {
        runAsUser: 65_534,
        runAsGroup: 5,
        allowPrivilegeEscalation: false,
        seccompProfile: { type: 'RuntimeDefault' },
        capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] },
      };
      const volumes = [
        { name: 'disk', emptyDir: {} },
        { name: 'secret', secret: { secretName: 'secret', defaultMode: 0o400 } },
      ];
      const volumeMounts = [
        { name: 'disk', mountPath: '/disk' },
        { name: 'disk', mountPath: '/sub', subPath: 'deep/sub' },
        { name: 'secret', mountPath: '/secret' },
      ];
      const asks = [
        'id -u; id -g; id -G',
        'touch /disk/x /sub/x',
        "stat -c '%a %u %g' /disk /disk/x /disk/deep/sub",
        "stat -Lc '%a %u %g' /secret/user",
        'cat /secret/user; echo',
        'cat /proc/sys/kernel/shm_rmid_forced',
      ].join('; ');
      const sysctls = [{ name: 'kernel.shm_rmid_forced', value: '1' }];
      const pod = { runAsUser: 1001, runAsGroup: 2002, fsGroup: 3003, supplementalGroups: [4004], sysctls };
      await inside().apply(
        once(
          'safe',
          [
            shell('pod', asks, { volumeMounts }),
            shell('narrow', `id -u; ${show}`, { securityContext: narrow }),
            shell('fixed', 'touch /x 2>/dev/null || echo fixed', { securityContext: { runAsUser: 0, readOnlyRootFilesystem: true } }),
            shell('mighty', `mount -t tmpfs none /tmp && echo mighty`, { securityContext: { runAsUser: 0, privileged: true } }),
          ],
          { securityContext: pod, volumes },
        ),
        shellPod('rootless', WAIT, { spec: { securityContext: { runAsNonRoot: true } } }),
        once('sysctl', [shell('main', 'true')], { securityContext: { sysctls: [{ name: 'kernel.msgmax', value: '1' }] } }),
      );
      assert.equal(await ended('safe'), 'Succeeded');
      assert.deepEqual(await lines('safe', 'pod'), [
        ...['1001', '2002', '2002 3003 4004'],
        ...['2777 0 3003', '644 1001 3003', '2777 0 3003'],
        ...['440 0 3003', 'admin', '1'],
      ]);
      const [user, narrowed] = await lines('safe', 'narrow');
      assert.equal(user, '65534');
      assert.match(narrowed ?? '', /CapBnd: 0000000000000400 NoNewPrivs: 1 Seccomp: 2/);
      assert.deepEqual([await lines('safe', 'fixed'), await lines('safe', 'mighty')], [['fixed'], ['mighty']]);
      await inside().until(
        'pod rootless',
        '{.status.containerStatuses[0].state.waiting}',
        (waiting) => /CreateContainerConfigError/.test(waiting) && /image will run as root/.test(waiting),
      );
      assert.equal(await ended('sysctl'), 'Failed');
      assert.match(await inside().run(['get', 'pod', 'sysctl']), /sysctl\s+0\/1\s+SysctlForbidden/);
    });

    test('names: hosts file, host name, DNS, shared processes, the node\u2019s network', async () => {
      const spec = {
        hostname: 'me',
        subdomain: 'sub',
        setHostnameAsFQDN: true,
        shareProcessNamespace: true,
        dnsPolicy: 'None',
        dnsConfig: { nameservers: ['192.0.2.1'], searches: ['a.example'], options: [{ name: 'ndots', value: '2' }] },
        hostAliases: [{ ip: '192.0.2.9', hostnames: ['foo', 'bar'] }],
      };
      await inside().apply(
        once(
          'names',
          [
            shell('main', 'hostname; grep -E "me|foo|managed" /etc/hosts; cat /etc/resolv.conf; sleep 1; ps | grep -c "[s]leep 4"'),
            shell('other', 'sleep 4'),
          ],
          spec,
        ),
        once('node', [shell('main', 'head -1 /etc/hosts; ip -4 -o addr show eth0 | grep -c 172')], { hostNetwork: true }),
      );
      assert.equal(await ended('names'), 'Succeeded');
      const [name, ...rest] = await lines('names', 'main');
      const full = 'me.sub.containers.svc.cluster.local';
      const ip = await inside().path('pod names', '{.status.podIP}');
      assert.equal(name, full);
      assert.deepEqual(rest, [
        ...['# Kubernetes-managed hosts file.', `${ip}\t${full}\tme`, '192.0.2.9\tfoo\tbar'],
        ...['search a.example', 'nameserver 192.0.2.1', 'options ndots:2', '1'],
      ]);
      assert.equal(await ended('node'), 'Succeeded');
      assert.deepEqual(await lines('node', 'main'), ['# Kubernetes-managed hosts file (host network).', '1']);
    });

    test('volumes follow their ConfigMap, Secret and pod; sub-paths by expression stay inside', async () => {
      const volumes = [
        {
          name: 'cm',
          configMap: {
            name: 'cm',
            items: [
              { key: 'one', path: 'a/b', mode: 0o400 },
              { key: 'bin', path: 'bin' },
            ],
          },
        },
        { name: 'late', configMap: { name: 'late', optional: true } },
        { name: 'secret', secret: { secretName: 'secret' } },
        { name: 'info', downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } },
        { name: 'disk', emptyDir: {} },
      ];
      const volumeMounts = [
        ...volumes.map(({ name }) => ({ name, mountPath: `/${name}` })),
        { name: 'disk', mountPath: '/mine', subPathExpr: '$(ME)' },
      ];
      const out = { env: [{ name: 'ME', value: '../out' }], volumeMounts: [{ name: 'disk', mountPath: '/mine', subPathExpr: '$(ME)' }] };
      const main = shell('main', `touch /mine/x; ${WAIT}`, { env: [field('ME', 'metadata.name')], volumeMounts });
      await inside().apply(shellPod('follows', '', { spec: { containers: [main, shell('out', WAIT, out)], volumes } }));
      await inside().until('pod follows', '{.status.containerStatuses[?(@.name=="main")].state.running}', (running) => running !== '');
      const see = (script: string): Promise<string> => inside().run(['exec', 'follows', '-c', 'main', '--', 'sh', '-c', script]);
      assert.equal(await see('stat -Lc %a /cm/a/b; od -An -tx1 /cm/bin; ls /disk/follows'), '400\n ff 00\nx\n');
      assert.match(
        await inside().path('pod follows', '{.status.containerStatuses[?(@.name=="out")].state.waiting}'),
        /must not contain '\.\.'.*CreateContainerConfigError/,
      );
      await inside().run(['create', 'configmap', 'late', '--from-literal=k=came']);
      await inside().run(['patch', 'configmap', 'cm', '--type=merge', '-p', '{"data":{"one":"two"}}']);
      await inside().run(['patch', 'secret', 'secret', '-p', '{"stringData":{"user":"root"}}']);
      await inside().run(['label', 'pod', 'follows', 'app=changed', '--overwrite']);
      const all = 'cat /cm/a/b; echo; cat /late/k; echo; cat /secret/user; echo; cat /info/labels';
      await eventually('the volumes changed', async () => (await see(all)) === 'two\ncame\nroot\napp="changed"', 20_000);
    });

    test('hooks over HTTP, probes over gRPC, deadlines, readiness gates', async () => {
      const hook = (path: string) => ({ httpGet: { path, port: 'http' } });
      const serve = 'mkdir /www; echo > /www/started; echo > /www/stopped; exec httpd -f -vv -p 8080 -h /www';
      const spec = { activeDeadlineSeconds: 2 };
      const grpc = { livenessProbe: { grpc: { port: 9999 }, periodSeconds: 1, failureThreshold: 1 } };
      const postStart = { exec: { command: ['sh', '-c', 'until wget -qO- 127.0.0.1:8080/started; do sleep 0.1; done'] } };
      await inside().apply(
        shellPod('hooks', serve, {
          container: { ports: [{ name: 'http', containerPort: 8080 }], lifecycle: { postStart, preStop: hook('/stopped') } },
          spec: { readinessGates: [{ conditionType: 'example.com/gate' }] },
        }),
        shellPod('dead', WAIT, { spec }),
        shellPod('grpc', WAIT, { container: grpc }),
        shellPod('bad', WAIT, { container: { lifecycle: { postStart: { exec: { command: ['false'] } } } } }),
      );
      await inside().until('pod hooks', '{.status.conditions[?(@.type=="Ready")].reason}', (reason) => reason === 'ReadinessGatesNotReady');
      await put('hooks', 'status', ({ status }) => status.conditions.push({ type: 'example.com/gate', status: 'True' }));
      await inside().ready('hooks');
      const following = inside().run(['logs', '-f', 'hooks']);
      await inside().run(['delete', 'pod', 'hooks']);
      assert.match(await following, /url:\/stopped/);
      assert.equal(await ended('dead'), 'Failed');
      assert.equal(await inside().path('pod dead', '{.status.reason}'), 'DeadlineExceeded');
      await inside().until('pod grpc', '{.status.containerStatuses[0].restartCount}', (count) => Number(count) > 0);
      const events = await inside().run(['get', 'events']);
      assert.match(events, /FailedPostStartHook\s+pod\/bad\s+PostStartHook failed/);
      assert.match(events, /Unhealthy\s+pod\/grpc\s+Liveness probe failed: /);
    });

    test('sidecars end after the containers, in reverse, and their hooks run at once', async () => {
      const mount = { volumeMounts: [{ name: 'log', mountPath: '/log' }] };
      const path = `${of().server.root}/sidecars`;
      const volumes = [{ name: 'log', hostPath: { path, type: 'DirectoryOrCreate' } }];
      const says = (name: string): string => `trap "echo ${name} >> /log/end; exit 0" TERM; while :; do sleep 0.1; done`;
      const preStop = { exec: { command: ['sh', '-c', 'echo hook >> /log/end'] } };
      const initContainers = [
        shell('first', says('first'), { ...mount, restartPolicy: 'Always', lifecycle: { preStop } }),
        shell('second', says('second'), { ...mount, restartPolicy: 'Always' }),
      ];
      const main = shell('main', says('main'), { ...mount, lifecycle: { preStop: { sleep: { seconds: 1 } } } });
      await inside().apply(
        shellPod('beside', '', { spec: { containers: [main], initContainers, volumes, terminationGracePeriodSeconds: 20 } }),
      );
      await inside().ready('beside');
      await inside().run(['delete', 'pod', 'beside']);
      await inside().apply(once('reads', [shell('main', 'cat /log/end', mount)], { volumes, nodeName: 'node1' }));
      assert.equal(await ended('reads'), 'Succeeded');
      assert.deepEqual(await lines('reads', 'main'), ['hook', 'main', 'second', 'first']);
    });

    test('a container is resized in place, or restarted where its policy says so', async () => {
      const size = (cpu: string, memory: string): object => ({ requests: { cpu, memory }, limits: { cpu, memory } });
      const resizePolicy = [{ resourceName: 'memory', restartPolicy: 'RestartContainer' }];
      const main = shell('main', WAIT, { resources: size('100m', '32Mi'), resizePolicy });
      await inside().apply(shellPod('sized', '', { spec: { containers: [main] } }));
      await inside().ready('sized');
      const resize = (resources: object): Promise<string> =>
        put('sized', 'resize', ({ spec }) => {
          for (const container of spec.containers) container.resources = resources;
        });
      const one = '.status.containerStatuses[0]';
      const state = `{${one}.resources.limits.cpu} {${one}.resources.limits.memory} {${one}.restartCount}`;
      await resize(size('200m', '32Mi'));
      await inside().until('pod sized', state, (text) => text === '200m 32Mi 0', 20_000);
      assert.equal(await inside().run(['exec', 'sized', '--', 'sh', '-c', QUOTA]), '20000\n');
      await resize(size('200m', '48Mi'));
      await inside().until('pod sized', state, (text) => text === '200m 48Mi 1', 20_000);
      await assert.rejects(resize(size('1000', '48Mi')), /Node didn't have enough allocatable resources: cpu, requested: 1000000/);
    });

    test('an init container is resized while it runs', async () => {
      const resources = { requests: { cpu: '100m' }, limits: { cpu: '100m' } };
      const initContainers = [shell('early', WAIT, { resources })];
      await inside().apply(shellPod('early', '', { spec: { initContainers, containers: [shell('main', WAIT)] } }));
      const one = '.status.initContainerStatuses[0]';
      await inside().until('pod early', `{${one}.state.running.startedAt}`, Boolean);
      await put('early', 'resize', ({ spec: { initContainers: [container] = [] } }) => {
        if (container) container.resources = { requests: { cpu: '150m' }, limits: { cpu: '200m' } };
      });
      await inside().until('pod early', `{${one}.resources.limits.cpu} {${one}.restartCount}`, (text) => text === '200m 0', 20_000);
      assert.equal(await inside().run(['exec', 'early', '-c', 'early', '--', 'sh', '-c', QUOTA]), '20000\n');
    });

    test('a container that ends as its rule says makes all of them run anew, init containers first', async () => {
      const mount = { volumeMounts: [{ name: 'shared', mountPath: '/shared' }] };
      const restartPolicyRules = [{ action: 'RestartAllContainers', exitCodes: { operator: 'In', values: [42] } }];
      const initContainers = [
        shell('first', 'echo first >> /shared/order', mount),
        shell('side', `echo side >> /shared/order; ${WAIT}`, { ...mount, restartPolicy: 'Always' }),
      ];
      const containers = [
        shell('done', 'echo done >> /shared/order', mount),
        // Ends with 42 in the first round and waits in the second.
        shell('main', `[ "$(grep -c first /shared/order)" = 2 ] && { ${WAIT}; }; sleep 1; exit 42`, {
          ...mount,
          restartPolicy: 'Never',
          restartPolicyRules,
        }),
      ];
      const spec = { restartPolicy: 'Never', initContainers, containers, volumes: [{ name: 'shared', emptyDir: {} }] };
      await inside().apply(shellPod('rounds', '', { spec }));
      const counts = '{.status.initContainerStatuses[*].restartCount} {.status.containerStatuses[*].restartCount}';
      await inside().until('pod rounds', counts, (text) => text === '1 1 1 1', 60_000);
      const [done, main] = ['.status.containerStatuses[0].state', '.status.containerStatuses[1].state'];
      await inside().until('pod rounds', `{${done}.terminated.reason} {${main}.running.startedAt}`, (text) => /^Completed ./.test(text));
      const order = (await inside().run(['exec', 'rounds', '-c', 'side', '--', 'cat', '/shared/order'])).trim().split('\n');
      assert.deepEqual(order, ['first', 'side', 'done', 'first', 'side', 'done']);
      const last = '{.status.containerStatuses[1].lastState.terminated.exitCode} {.status.phase}';
      assert.equal(await inside().path('pod rounds', last), '42 Running');
      const condition = '{.status.conditions[?(@.type=="AllContainersRestarting")].status}';
      assert.equal(await inside().path('pod rounds', condition), 'False');
    });
  });
}

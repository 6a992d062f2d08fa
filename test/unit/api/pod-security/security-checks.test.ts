import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SecurityLevel } from '../../../../src/api/pod-security/pod-security-policy.ts';
import { reasonsText, violationsOf, violationsText } from '../../../../src/api/pod-security/security-checks.ts';
import type { PodSpec } from '../../../../src/api/types/core-v1.gen.ts';

/** A pod that even the restricted level lets pass, with other fields. */
function podOf(spec: object = {}, container: object = {}, annotations?: Record<string, string>): { metadata: object; spec: PodSpec } {
  const securityContext = {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    ...(Reflect.get(container, 'securityContext') as object | undefined),
  };
  const base = { securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } } };
  return {
    metadata: { ...(annotations && { annotations }) },
    spec: { ...base, ...spec, containers: [{ name: 'c', image: 'i', ...container, securityContext }] } as PodSpec,
  };
}

const secure = (securityContext: object): object => ({ securityContext });
const ofPod = (more: object): object => ({ securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' }, ...more } });

describe('violationsOf', () => {
  it("tells all that a plain pod lacks for the restricted level, in upstream's order and words", () => {
    const plain = {
      metadata: {},
      spec: {
        containers: [
          { name: 'a', image: 'i' },
          { name: 'b', image: 'i' },
        ],
      },
    };
    assert.equal(
      violationsText(violationsOf(plain, { level: 'restricted', minor: undefined })),
      'allowPrivilegeEscalation != false (containers "a", "b" must set securityContext.allowPrivilegeEscalation=false), ' +
        'unrestricted capabilities (containers "a", "b" must set securityContext.capabilities.drop=["ALL"]), ' +
        'runAsNonRoot != true (pod or containers "a", "b" must set securityContext.runAsNonRoot=true), ' +
        'seccompProfile (pod or containers "a", "b" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
    );
    assert.deepEqual(violationsOf(plain, { level: 'baseline', minor: undefined }), []);
    assert.deepEqual(violationsOf(plain, { level: 'privileged', minor: undefined }), []);
  });

  it('finds nothing in a pod that keeps the rules, in any version', () => {
    for (let minor = 0; minor <= 40; minor++) assert.deepEqual(violationsOf(podOf(), { level: 'restricted', minor }), []);
  });

  const baseline: [string, ReturnType<typeof podOf>, string][] = [
    ['host namespaces', podOf({ hostIPC: true, hostNetwork: true }), 'host namespaces (hostNetwork=true, hostIPC=true)'],
    ['a host port', podOf({}, { ports: [{ containerPort: 1, hostPort: 80 }] }), 'hostPort (container "c" uses hostPort 80)'],
    [
      'host ports in the order of their text',
      podOf(
        {
          initContainers: [
            { name: 'i', securityContext: podOf().spec.containers[0]?.securityContext, ports: [{ containerPort: 1, hostPort: 9 }] },
          ],
        },
        { ports: [{ containerPort: 1, hostPort: 80 }] },
      ),
      'hostPort (containers "i", "c" use hostPorts 80, 9)',
    ],
    [
      'a probe of another host',
      podOf({}, { livenessProbe: { httpGet: { host: 'x', port: 80 } }, lifecycle: { preStop: { tcpSocket: { host: 'y', port: 1 } } } }),
      'probe or lifecycle host (container "c" uses probe or lifecycle hosts "x", "y")',
    ],
    [
      'a privileged container',
      podOf({}, secure({ privileged: true })),
      'privileged (container "c" must not set securityContext.privileged=true)',
    ],
    [
      'an unmasked /proc',
      podOf({}, secure({ procMount: 'Unmasked' })),
      'procMount (container "c" must not set securityContext.procMount to "Unmasked")',
    ],
    [
      'an added capability',
      podOf({}, secure({ capabilities: { add: ['NET_ADMIN', 'CHOWN', 'BPF'], drop: ['ALL'] } })),
      'non-default capabilities (container "c" must not include "BPF", "NET_ADMIN" in securityContext.capabilities.add)',
    ],
    ['a hostPath volume', podOf({ volumes: [{ name: 'v', hostPath: { path: '/' } }] }), 'hostPath volumes (volume "v")'],
    [
      'a process of a Windows host',
      podOf(ofPod({ windowsOptions: { hostProcess: true } }), secure({ windowsOptions: { hostProcess: true } })),
      'hostProcess (pod and container "c" must not set securityContext.windowsOptions.hostProcess=true)',
    ],
    [
      'an SELinux type, user and role',
      podOf(ofPod({ seLinuxOptions: { type: 'spc_t' } }), secure({ seLinuxOptions: { user: 'u', role: 'r' } })),
      'seLinuxOptions (pod and container "c" set forbidden securityContext.seLinuxOptions: type "spc_t"; user may not be set; role may not be set)',
    ],
    [
      'no seccomp',
      podOf(ofPod({ seccompProfile: { type: 'Unconfined' } }), secure({ seccompProfile: { type: 'Unconfined' } })),
      'seccompProfile (pod and container "c" must not set securityContext.seccompProfile.type to "Unconfined")',
    ],
    ['an unsafe sysctl', podOf(ofPod({ sysctls: [{ name: 'kernel.msgmax', value: '1' }] })), 'forbidden sysctls (kernel.msgmax)'],
    [
      'no AppArmor, by field and by annotation',
      podOf(ofPod({ appArmorProfile: { type: 'Unconfined' } }), {}, { 'container.apparmor.security.beta.kubernetes.io/c': 'unconfined' }),
      'forbidden AppArmor profiles (pod and annotation must not set AppArmor profile type to "Unconfined", "container.apparmor.security.beta.kubernetes.io/c="unconfined"")',
    ],
  ];
  for (const [title, pod, text] of baseline) {
    it(`finds ${title} at the baseline`, () =>
      assert.equal(violationsText(violationsOf(pod, { level: 'baseline', minor: undefined })), text));
  }

  const restricted: [string, ReturnType<typeof podOf>, string][] = [
    [
      "volumes that are not the cluster's own, once",
      podOf({
        volumes: [
          { name: 'a', hostPath: {} },
          { name: 'b', nfs: {} },
          { name: 'c', secret: {} },
          { name: 'd', image: {} },
        ],
      }),
      'restricted volume types (volumes "a", "b" use restricted volume types "hostPath", "nfs")',
    ],
    [
      'a volume',
      podOf({ volumes: [{ name: 'a', hostPath: {} }] }),
      'restricted volume types (volume "a" uses restricted volume type "hostPath")',
    ],
    [
      'the user root',
      podOf(ofPod({ runAsUser: 0 }), secure({ runAsUser: 0 })),
      'runAsUser=0 (pod and container "c" must not set runAsUser=0)',
    ],
    [
      'who says that they run as root',
      podOf(ofPod({ runAsNonRoot: false }), secure({ runAsNonRoot: false })),
      'runAsNonRoot != true (pod and container "c" must not set securityContext.runAsNonRoot=false)',
    ],
    [
      'a capability that is default, but not harmless',
      podOf({}, secure({ capabilities: { add: ['CHOWN', 'NET_BIND_SERVICE'] } })),
      'unrestricted capabilities (container "c" must set securityContext.capabilities.drop=["ALL"]; container "c" must not include "CHOWN" in securityContext.capabilities.add)',
    ],
    [
      'ephemeral containers',
      podOf({ ephemeralContainers: [{ name: 'debug', image: 'i' }] }),
      'allowPrivilegeEscalation != false (container "debug" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "debug" must set securityContext.capabilities.drop=["ALL"])',
    ],
  ];
  for (const [title, pod, text] of restricted) {
    it(`finds ${title} at the restricted level`, () =>
      assert.equal(violationsText(violationsOf(pod, { level: 'restricted', minor: undefined })), text));
  }

  const versions: [string, ReturnType<typeof podOf>, SecurityLevel, number, boolean][] = [
    ['tcp_rmem', podOf(ofPod({ sysctls: [{ name: 'net.ipv4.tcp_rmem', value: '1' }] })), 'baseline', 32, true],
    ['tcp_keepalive_time', podOf(ofPod({ sysctls: [{ name: 'net.ipv4.tcp_keepalive_time', value: '1' }] })), 'baseline', 29, true],
    [
      'ip_local_reserved_ports',
      podOf(ofPod({ sysctls: [{ name: 'net.ipv4.ip_local_reserved_ports', value: '1' }] })),
      'baseline',
      27,
      true,
    ],
    ['container_engine_t', podOf(ofPod({ seLinuxOptions: { type: 'container_engine_t' } })), 'baseline', 31, true],
    ['an unmasked /proc in a user namespace', podOf({ hostUsers: false }, secure({ procMount: 'Unmasked' })), 'baseline', 35, true],
    ['root in a user namespace', podOf({ ...ofPod({ runAsUser: 0, runAsNonRoot: false }), hostUsers: false }), 'restricted', 35, true],
    [
      'Windows without a Linux context',
      podOf({ os: { name: 'windows' } }, secure({ allowPrivilegeEscalation: true })),
      'restricted',
      25,
      true,
    ],
    ['a probe of another host', podOf({}, { startupProbe: { httpGet: { host: 'x', port: 1 } } }), 'baseline', 34, false],
    ['the user root', podOf(ofPod({ runAsUser: 0 })), 'restricted', 23, false],
    ['kept capabilities', podOf({}, secure({ capabilities: {} })), 'restricted', 22, false],
    ['no seccomp profile', podOf({ securityContext: { runAsNonRoot: true } }), 'restricted', 19, false],
  ];
  for (const [title, pod, level, since, allowed] of versions) {
    it(`${allowed ? 'allows' : 'refuses'} ${title} from 1.${since} on`, () => {
      assert.equal(violationsOf(pod, { level, minor: since }).length === 0, allowed);
      assert.equal(violationsOf(pod, { level, minor: since - 1 }).length === 0, !allowed);
      assert.equal(violationsOf(pod, { level, minor: undefined }).length === 0, allowed);
    });
  }

  it('reads seccomp annotations before 1.19', () => {
    const pod = podOf(
      {},
      {},
      { 'seccomp.security.alpha.kubernetes.io/pod': 'unconfined', 'container.seccomp.security.alpha.kubernetes.io/c': 'localhost/x' },
    );
    const text = 'seccompProfile (forbidden annotation seccomp.security.alpha.kubernetes.io/pod="unconfined")';
    assert.equal(violationsText(violationsOf(pod, { level: 'baseline', minor: 18 })), text);
    assert.deepEqual(violationsOf(pod, { level: 'baseline', minor: 19 }), []);
  });

  it('keeps /proc masked at the restricted level, once', () => {
    const pod = podOf({ hostUsers: false }, secure({ procMount: 'Unmasked' }));
    for (const minor of [34, 35]) assert.equal(reasonsText(violationsOf(pod, { level: 'restricted', minor })), 'procMount');
  });
});

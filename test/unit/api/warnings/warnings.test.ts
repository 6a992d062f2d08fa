// Warnings against upstream's words: each case is a valid object with one oddity, and what its writer is warned of.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../../../../src/api/object.ts';
import { validateCreate } from '../../../../src/api/validation/validate.ts';
import { warningsOf } from '../../../../src/api/warnings/warnings.ts';

const META = { name: 'x', namespace: 'ns', generation: 1 };
const LABELS = { matchLabels: { app: 'web' } };
const container = (more: object = {}) => ({
  name: 'web',
  image: 'web:1',
  imagePullPolicy: 'Always',
  terminationMessagePolicy: 'File',
  ...more,
});
const podSpec = (more: object = {}) => ({
  containers: [container()],
  restartPolicy: 'Always',
  dnsPolicy: 'ClusterFirst',
  terminationGracePeriodSeconds: 30,
  ...more,
});
const kindOf = (key: string) => {
  const [group = '', kind = ''] = key.split('/');
  return { group, version: 'v1', kind };
};

const POD_CASES: readonly (readonly [title: string, spec: object, ...expected: string[]])[] = [
  ['a plain pod', {}],
  [
    'labels of nodes of before',
    {
      nodeSelector: { 'beta.kubernetes.io/os': 'linux' },
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchExpressions: [{ key: 'failure-domain.beta.kubernetes.io/zone', operator: 'Exists' }] }],
          },
          preferredDuringSchedulingIgnoredDuringExecution: [
            { weight: 1, preference: { matchExpressions: [{ key: 'beta.kubernetes.io/arch', operator: 'Exists' }] } },
          ],
        },
      },
    },
    'spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead',
    'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].key: failure-domain.beta.kubernetes.io/zone is deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
    'spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].preference.matchExpressions[0].key: beta.kubernetes.io/arch is deprecated since v1.14; use "kubernetes.io/arch" instead',
  ],
  [
    'selectors of no pod',
    {
      topologySpreadConstraints: [
        { maxSkew: 1, topologyKey: 'failure-domain.beta.kubernetes.io/region', whenUnsatisfiable: 'DoNotSchedule' },
      ],
      affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'a' }] } },
    },
    'spec.topologySpreadConstraints[0].topologyKey: failure-domain.beta.kubernetes.io/region is deprecated since v1.17; use "topology.kubernetes.io/region" instead',
    'spec.topologySpreadConstraints[0].labelSelector: a null labelSelector results in matching no pod',
    'spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].labelSelector: a null labelSelector results in matching no pod',
  ],
  [
    'a variable that is set twice',
    {
      containers: [
        container({
          env: [
            { name: 'A', value: '1' },
            { name: 'A', value: '2' },
            { name: 'A', value: '$(A)3' },
          ],
        }),
      ],
    },
    'spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply',
  ],
  [
    'half a byte',
    { containers: [container({ resources: { limits: { memory: '100m' }, requests: { memory: '100m' } } })], overhead: { memory: '1500m' } },
    'spec.overhead[memory]: fractional byte value "1500m" is invalid, must be an integer',
    'spec.containers[0].resources.limits[memory]: fractional byte value "100m" is invalid, must be an integer',
    'spec.containers[0].resources.requests[memory]: fractional byte value "100m" is invalid, must be an integer',
  ],
  [
    'ports told twice',
    {
      containers: [
        container({
          ports: [
            { containerPort: 80, protocol: 'TCP' },
            { containerPort: 80, protocol: 'TCP' },
            { containerPort: 80, protocol: 'UDP' },
          ],
        }),
        container({
          name: 'b',
          ports: [
            { containerPort: 80, hostPort: 8080, protocol: 'TCP' },
            { containerPort: 80, hostPort: 8080, hostIP: '10.0.0.1', protocol: 'TCP' },
          ],
        }),
      ],
    },
    'spec.containers[0].ports[1]: duplicate port definition with spec.containers[0].ports[0]',
    'spec.containers[1].ports[0]: overlapping port definition with spec.containers[0].ports[0]',
    'spec.containers[1].ports[0]: overlapping port definition with spec.containers[0].ports[1]',
    'spec.containers[1].ports[1]: overlapping port definition with spec.containers[0].ports[0]',
    'spec.containers[1].ports[1]: overlapping port definition with spec.containers[0].ports[1]',
    'spec.containers[1].ports[1]: dangerously ambiguous port definition with spec.containers[1].ports[0]',
  ],
  [
    'an address of the host for no port of it',
    { containers: [container({ ports: [{ containerPort: 80, hostIP: '10.0.0.1', protocol: 'TCP' }] })] },
    'spec.containers[0].ports[0]: hostIP set without hostPort: {Name: HostPort:0 ContainerPort:80 Protocol:TCP HostIP:10.0.0.1}',
  ],
  [
    'names and secrets twice',
    {
      hostAliases: [
        { ip: '10.0.0.1', hostnames: ['a'] },
        { ip: '10.0.0.1', hostnames: ['b'] },
      ],
      imagePullSecrets: [{ name: 'a' }, { name: 'a' }, {}],
    },
    'spec.hostAliases[1].ip: duplicate ip "10.0.0.1"',
    'spec.imagePullSecrets[1].name: duplicate name "a"',
    'spec.imagePullSecrets[2].name: invalid empty name ""',
  ],
  [
    'old plugins and files over files',
    {
      serviceAccountName: 'default',
      volumes: [
        { name: 'old', gitRepo: { repository: 'r' } },
        {
          name: 'v',
          projected: {
            defaultMode: 420,
            sources: [
              { configMap: { name: 'c', items: [{ key: 'a', path: 'd' }] } },
              { serviceAccountToken: { path: 'd/token', expirationSeconds: 3600 } },
            ],
          },
        },
      ],
    },
    'spec.volumes[0].gitRepo: deprecated in v1.11',
    'volume "v" (Projected): overlapping paths: "d/token" (ServiceAccountToken) with "d" (ConfigMap "c")',
  ],
  [
    'a negative grace period',
    { terminationGracePeriodSeconds: -5 },
    'spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1',
  ],
  [
    'an address in capitals',
    { dnsConfig: { nameservers: ['2001:DB8::1'] } },
    'spec.dnsConfig.nameservers[0]: IPv6 address "2001:DB8::1" should be in RFC 5952 canonical format ("2001:db8::1")',
  ],
];

for (const [title, spec, ...expected] of POD_CASES) {
  const pod = { metadata: META, spec: podSpec(spec) } as unknown as KubeObject;
  test(`warningsOf a pod with ${title}`, () => {
    assert.deepEqual(validateCreate(kindOf('/Pod'), pod), []);
    assert.deepEqual(warningsOf(kindOf('/Pod'), pod), expected);
  });
}

test('warningsOf a template says where it stands, and only when the spec changes', () => {
  const deployment = (generation: number) =>
    ({
      metadata: { ...META, name: 'a.b', generation },
      spec: {
        selector: LABELS,
        template: {
          metadata: { annotations: { 'container.apparmor.security.beta.kubernetes.io/web': 'runtime/default' } },
          spec: podSpec({ nodeSelector: { 'beta.kubernetes.io/arch': 'arm64' } }),
        },
      },
    }) as unknown as KubeObject;
  const kind = kindOf('apps/Deployment');
  const ofTemplate = [
    'spec.template.spec.nodeSelector[beta.kubernetes.io/arch]: deprecated since v1.14; use "kubernetes.io/arch" instead',
    'spec.template.metadata.annotations[container.apparmor.security.beta.kubernetes.io/web]: deprecated since v1.30; use the "appArmorProfile" field instead',
  ];
  const [named = '', ...others] = warningsOf(kind, deployment(1));
  assert.match(
    named,
    /^metadata\.name: this is used in Pod names and hostnames, .*; a DNS label is recommended: \[must not contain dots\]$/,
  );
  assert.deepEqual(others, ofTemplate);
  assert.deepEqual(warningsOf(kind, deployment(2), deployment(1)), ofTemplate);
  assert.deepEqual(warningsOf(kind, deployment(1), deployment(1)), []);
});

const CASES: readonly (readonly [kind: string, object: object, ...expected: string[]])[] = [
  [
    '/Service',
    { metadata: META, spec: { type: 'ClusterIP', clusterIPs: ['None'], externalIPs: ['10.0.0.1'], sessionAffinity: 'ClientIP' } },
    'spec.externalIPs is ignored for headless services',
    'spec.SessionAffinity is ignored for headless services',
    'spec.externalIPs is deprecated and may no longer be implemented in some clusters',
  ],
  [
    '/Service',
    { metadata: META, spec: { clusterIPs: ['10.43.0.9'], externalName: 'a.b', loadBalancerSourceRanges: ['10.0.0.7/8'] } },
    'spec.loadBalancerSourceRanges[0]: CIDR value "10.0.0.7/8" is ambiguous in this context (should be "10.0.0.0/8" or "10.0.0.7/32"?)',
    'spec.externalName is ignored when spec.type is not "ExternalName"',
  ],
  [
    '/PersistentVolume',
    { metadata: META, spec: { persistentVolumeReclaimPolicy: 'Recycle', cephfs: { monitors: ['m'] } } },
    'spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.',
    'spec.cephfs: deprecated in v1.28, non-functional in v1.31+',
  ],
  [
    '/PersistentVolumeClaim',
    { metadata: META, spec: { resources: { requests: { storage: '1500m' } } } },
    'spec.resources.requests[storage]: fractional byte value "1500m" is invalid, must be an integer',
  ],
  [
    '/Node',
    { metadata: META, spec: { externalID: 'a', podCIDRs: ['fd00:0::/64'] } },
    'spec.externalID: this field is deprecated, and is unused by Kubernetes',
    'spec.podCIDRs[0]: IPv6 CIDR value "fd00:0::/64" should be in RFC 5952 canonical format ("fd00::/64")',
  ],
  [
    'networking.k8s.io/Ingress',
    { metadata: { ...META, annotations: { 'kubernetes.io/ingress.class': 'a' } } },
    `annotation "kubernetes.io/ingress.class" is deprecated, please use 'spec.ingressClassName' instead`,
  ],
  [
    'networking.k8s.io/NetworkPolicy',
    { metadata: META, spec: { egress: [{ to: [{ ipBlock: { cidr: '10.1.2.3/16' } }] }] } },
    'spec.egress[0].to[0].ipBlock.cidr: CIDR value "10.1.2.3/16" is ambiguous in this context (should be "10.1.0.0/16" or "10.1.2.3/32"?)',
  ],
  [
    'batch/CronJob',
    { metadata: META, spec: { schedule: 'TZ=UTC * * * * *', jobTemplate: { spec: {} } } },
    'CRON_TZ or TZ used in spec.schedule is not officially supported, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details',
  ],
  [
    'node.k8s.io/RuntimeClass',
    { metadata: META, handler: 'h', scheduling: { nodeSelector: { 'beta.kubernetes.io/os': 'linux' } } },
    'scheduling.nodeSelector: deprecated since v1.14; use "kubernetes.io/os" instead',
  ],
  [
    'resource.k8s.io/ResourceSlice',
    { metadata: META, spec: { driver: 'D.x' } },
    'spec.driver: driver names should be lowercase; "D.x" contains uppercase characters',
  ],
  ['storage.k8s.io/CSIDriver', { metadata: META, spec: { tokenRequests: [{ audience: 'a' }], serviceAccountTokenInSecrets: false } }],
  [
    'storage.k8s.io/CSIDriver',
    { metadata: META, spec: { tokenRequests: [{ audience: 'a' }] } },
    'spec.serviceAccountTokenInSecrets is unset; if supported by this CSI driver, set to true to prevent possible logging of tokens in volume attributes',
  ],
  [
    'storage.k8s.io/StorageClass',
    { metadata: META, allowedTopologies: [{ matchLabelExpressions: [{ key: 'failure-domain.beta.kubernetes.io/zone', values: ['a'] }] }] },
    'allowedTopologies[0].matchLabelExpressions[0].key: failure-domain.beta.kubernetes.io/zone is deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  ],
  ['/ConfigMap', { metadata: META }],
];
for (const [kind, object, ...expected] of CASES)
  test(`warningsOf ${kind} ${JSON.stringify(object).slice(40, 120)}`, () =>
    assert.deepEqual(warningsOf(kindOf(kind), object as KubeObject), expected));

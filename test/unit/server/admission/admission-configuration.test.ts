import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatLevel } from '../../../../src/api/pod-security/pod-security-policy.ts';
import {
  type AdmissionConfiguration,
  configuredPlugins,
  readConfiguration,
  unconfiguredPlugin,
} from '../../../../src/server/admission/admission-configuration.ts';
import { ACCOUNT, admit, NAMESPACE, podOf, podRequest, refusalFor } from '../../../support/admission.ts';

const file = (...plugins: object[]) => ({ apiVersion: 'apiserver.config.k8s.io/v1', kind: 'AdmissionConfiguration', plugins });
const PSA = { apiVersion: 'pod-security.admission.config.k8s.io/v1', kind: 'PodSecurityConfiguration' };
const read = (...plugins: object[]): AdmissionConfiguration => readConfiguration(configuredPlugins(file(...plugins)));
const podSecurity = (configuration: object): object => ({ name: 'PodSecurity', configuration: { ...PSA, ...configuration } });

const eventRateLimit = (...limits: object[]): object => ({ name: 'EventRateLimit', configuration: { kind: 'Configuration', limits } });
const KUBECONFIG = {
  'current-context': 'b',
  contexts: [
    { name: 'a', context: { cluster: 'other', user: 'other' } },
    { name: 'b', context: { cluster: 'images', user: 'server' } },
  ],
  clusters: [
    { name: 'other', cluster: { server: 'https://other.example.com' } },
    { name: 'images', cluster: { server: 'https://images.example.com/', 'certificate-authority-data': 'Q0E=' } },
  ],
  users: [{ name: 'server', user: { 'client-certificate-data': 'Qw==', 'client-key-data': 'Sw==', token: 't' } }],
};
const imagePolicy = (settings: object): object => ({
  name: 'ImagePolicyWebhook',
  configuration: { imagePolicy: settings, kubeconfig: KUBECONFIG },
});

describe('readConfiguration', () => {
  it('reads the defaults and exemptions of PodSecurity and the limits of ResourceQuota', () => {
    const exemptions = { usernames: ['ci'], namespaces: ['kube-system'] };
    const limits = {
      kind: 'ResourceQuotaConfiguration',
      limitedResources: [{ resource: 'pods', matchScopes: [{ scopeName: 'PriorityClass', operator: 'In', values: ['a'] }] }],
    };
    const { podSecurity: found, limitedResources } = read(podSecurity({ defaults: { enforce: 'baseline' }, exemptions }), {
      name: 'ResourceQuota',
      configuration: limits,
    });
    assert.equal(formatLevel(found.defaults.enforce), 'baseline:latest');
    assert.deepEqual(found.exemptions, { ...exemptions, runtimeClasses: [] });
    assert.deepEqual(limitedResources, [
      { apiGroup: '', resource: 'pods', matchContains: [], matchScopes: [{ scopeName: 'PriorityClass', operator: 'In', values: ['a'] }] },
    ]);
  });

  it('names the file of a plugin that has one of its own', () => {
    assert.deepEqual(configuredPlugins(file({ name: 'PodSecurity', path: 'psa.yaml' })), [
      { name: 'PodSecurity', configuration: undefined, path: 'psa.yaml' },
    ]);
  });

  it('reads the limits of EventRateLimit', () => {
    const { eventLimits } = read(
      eventRateLimit({ type: 'User', qps: 5, burst: 10 }, { type: 'Namespace', qps: 1, burst: 2, cacheSize: 3 }),
    );
    assert.deepEqual(eventLimits, [
      { type: 'User', qps: 5, burst: 10, cacheSize: 4096 },
      { type: 'Namespace', qps: 1, burst: 2, cacheSize: 3 },
    ]);
  });

  it('reads whom ImagePolicyWebhook asks, and its times', () => {
    const { imagePolicy: found } = read(imagePolicy({ allowTTL: 60, denyTTL: -1, defaultAllow: true }));
    assert.deepEqual(found, {
      target: { url: 'https://images.example.com/', caBundle: 'Q0E=', certificate: { certificate: 'Qw==', key: 'Sw==' }, token: 't' },
      allowTtlMs: 60_000,
      denyTtlMs: 0,
      retryBackoffMs: 500,
      defaultAllow: true,
    });
  });

  it('tells which plugin cannot do without a configuration', () => {
    assert.equal(unconfiguredPlugin(['AlwaysPullImages']), undefined);
    assert.equal(unconfiguredPlugin(['EventRateLimit']), 'EventRateLimit');
    assert.equal(unconfiguredPlugin(['ImagePolicyWebhook'], read()), 'ImagePolicyWebhook');
    assert.equal(unconfiguredPlugin(['ImagePolicyWebhook'], read(imagePolicy({}))), undefined);
  });

  const faults: [string, () => unknown, RegExp][] = [
    ['no limits', () => read(eventRateLimit()), /^EventRateLimit: limits: Invalid value: null: must not be empty$/],
    [
      'a limit of no known type',
      () => read(eventRateLimit({ type: 'Pod', qps: 1, burst: 1 })),
      /^EventRateLimit: limits\[0\]\.type: Unsupported value: "Pod": supported values: "Server", "Namespace", "User", "SourceAndObject"$/,
    ],
    ['a limit of nothing', () => read(eventRateLimit({ type: 'User', qps: 1 })), /limits\[0\]\.burst: Invalid value: 0: must be positive$/],
    [
      'a negative size',
      () => read(eventRateLimit({ type: 'User', qps: 1, burst: 1, cacheSize: -1 })),
      /limits\[0\]\.cacheSize: Invalid value: -1: must not be negative$/,
    ],
    [
      'a time beyond its bounds',
      () => read(imagePolicy({ allowTTL: 3_600 })),
      /^ImagePolicyWebhook: allowTTL: valid value is between 1s and 1800s, got 3600s$/,
    ],
    [
      'a kubeconfig without a server',
      () => read({ name: 'ImagePolicyWebhook', configuration: { imagePolicy: {}, kubeconfig: {} } }),
      /has no server$/,
    ],
    [
      'a file of another kind',
      () => configuredPlugins({ kind: 'Pod' }),
      /^is no AdmissionConfiguration of apiserver\.config\.k8s\.io\/v1$/,
    ],
    ['a plugin that takes none', () => read({ name: 'Priority', configuration: {} }), /^Priority takes no configuration$/],
    [
      'a level that is none',
      () => read(podSecurity({ defaults: { enforce: 'high' } })),
      /must be one of privileged, baseline, restricted$/,
    ],
    ['a list that is none', () => read(podSecurity({ exemptions: { usernames: 'ci' } })), /^exemptions\.usernames is no list$/],
    [
      'a limit without resource',
      () => read({ name: 'ResourceQuota', configuration: { limitedResources: [{}] } }),
      /limitedResources\[0\]\.resource is missing$/,
    ],
  ];
  for (const [title, run, message] of faults)
    it(`says what is wrong with ${title}`, () => assert.throws(run, { name: 'RangeError', message }));
});

describe('PodSecurity with a configuration', () => {
  const configuration = read(
    podSecurity({ defaults: { enforce: 'restricted' }, exemptions: { usernames: ['ci'], namespaces: ['open'], runtimeClasses: ['vm'] } }),
  );
  const options = { selection: { enable: [], disable: [], configuration } };
  const classes = [{ kind: 'RuntimeClass', metadata: { name: 'vm' }, handler: 'vm' }];
  const objects = [
    NAMESPACE,
    ACCOUNT,
    ...classes,
    { kind: 'Namespace', metadata: { name: 'open' } },
    { ...ACCOUNT, metadata: { name: 'default', namespace: 'open' } },
  ];

  it('holds pods to its defaults', async () => {
    assert.match((await refusalFor(podRequest(podOf()), objects, options)).message, /violates PodSecurity "restricted:latest"/);
  });

  const exempt: [string, Parameters<typeof podRequest>][] = [
    ['user', [podOf(), { user: { name: 'ci', groups: [] } }]],
    ['namespace', [{ ...podOf(), metadata: { name: 'web', namespace: 'open' } }, { namespace: 'open' }]],
    ['runtimeClass', [podOf({ runtimeClassName: 'vm' })]],
  ];
  for (const [reason, [pod, more]] of exempt) {
    it(`lets an exempt ${reason} be, and says so`, async () => {
      const notes: string[] = [];
      await admit(podRequest(pod, { ...more, annotate: (key, value) => void notes.push(`${key}=${value}`) }), objects, options);
      assert.ok(notes.includes(`pod-security.kubernetes.io/exempt=${reason}`), notes.join());
    });
  }
});

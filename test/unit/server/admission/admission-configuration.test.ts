import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatLevel } from '../../../../src/api/pod-security/pod-security-policy.ts';
import {
  type AdmissionConfiguration,
  configuredPlugins,
  readConfiguration,
} from '../../../../src/server/admission/admission-configuration.ts';
import { ACCOUNT, admit, NAMESPACE, podOf, podRequest, refusalFor } from '../../../support/admission.ts';

const file = (...plugins: object[]) => ({ apiVersion: 'apiserver.config.k8s.io/v1', kind: 'AdmissionConfiguration', plugins });
const PSA = { apiVersion: 'pod-security.admission.config.k8s.io/v1', kind: 'PodSecurityConfiguration' };
const read = (...plugins: object[]): AdmissionConfiguration => readConfiguration(configuredPlugins(file(...plugins)));
const podSecurity = (configuration: object): object => ({ name: 'PodSecurity', configuration: { ...PSA, ...configuration } });

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

  const faults: [string, () => unknown, RegExp][] = [
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

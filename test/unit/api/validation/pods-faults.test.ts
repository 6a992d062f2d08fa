// Faults of pods: what is changed in a typical object, and all that is found.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { validateCreate } from '../../../../src/api/validation/validate.ts';
import { ADDRESS, LABEL, LABEL_VALUE, QUALIFIED, SUBDOMAIN } from '../../../support/name-texts.ts';
import { faultTexts, kindOfKey, typical } from '../../../support/typical-objects.ts';

const CASES: readonly (readonly [key: string, changes: Readonly<Record<string, unknown>>, ...expected: string[]])[] = [
  ['/Pod', { 'spec.containers': undefined }, 'spec.containers: Required value'],
  [
    '/Pod',
    { 'spec.restartPolicy': 'Maybe', 'spec.dnsPolicy': 'Mine' },
    'spec.restartPolicy: Unsupported value: "Maybe": supported values: "Always", "OnFailure", "Never"',
    'spec.dnsPolicy: Unsupported value: "Mine": supported values: "ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"',
  ],
  [
    '/Pod',
    { 'spec.terminationGracePeriodSeconds': -1, 'spec.activeDeadlineSeconds': 0 },
    'spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive',
  ],
  ['/Pod', { 'spec.nodeName': 'A b' }, `spec.nodeName: Invalid value: "A b": ${SUBDOMAIN}`],
  [
    '/Pod',
    { 'spec.nodeSelector': { 'a b': 'c d' } },
    `spec.nodeSelector: Invalid value: "a b": ${QUALIFIED}`,
    `spec.nodeSelector: Invalid value: "c d": ${LABEL_VALUE}`,
  ],
  ['/Pod', { 'spec.serviceAccountName': 'A' }, `spec.serviceAccountName: Invalid value: "A": ${SUBDOMAIN}`],
  [
    '/Pod',
    { 'spec.hostname': 'A', 'spec.subdomain': 'b.c' },
    `spec.hostname: Invalid value: "A": ${LABEL}`,
    'spec.subdomain: Invalid value: "b.c": must not contain dots',
  ],
  ['/Pod', { 'spec.priorityClassName': 'A_' }, `spec.priorityClassName: Invalid value: "A_": ${SUBDOMAIN}`],
  ['/Pod', { 'spec.schedulerName': '', 'spec.runtimeClassName': 'A b' }, `spec.runtimeClassName: Invalid value: "A b": ${SUBDOMAIN}`],
  [
    '/Pod',
    { 'spec.dnsConfig': { nameservers: ['a', '1.1.1.1', '1.1.1.2', '1.1.1.3'], searches: ['a..b'], options: [{ value: 'x' }] } },
    'spec.dnsConfig.nameservers: Invalid value: ["a","1.1.1.1","1.1.1.2","1.1.1.3"]: must not have more than 3 nameservers',
    `spec.dnsConfig.nameservers[0]: Invalid value: "a": ${ADDRESS}`,
    `spec.dnsConfig.searches[0]: Invalid value: "a..b": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*')`,
    'spec.dnsConfig.options[0]: Required value: must not be empty',
  ],
  [
    '/Pod',
    { 'spec.hostAliases': [{ ip: 'a', hostnames: ['A_b'] }] },
    `spec.hostAliases[0].ip: Invalid value: "a": ${ADDRESS}`,
    `spec.hostAliases[0].hostnames[0]: Invalid value: "A_b": ${SUBDOMAIN}`,
  ],
  [
    '/Pod',
    {
      'spec.securityContext': {
        runAsUser: -1,
        fsGroup: -1,
        supplementalGroups: [-1],
        fsGroupChangePolicy: 'No',
        sysctls: [{ name: 'A b' }, { name: 'kernel.shm' }, { name: 'kernel.shm' }],
      },
    },
    'spec.securityContext.fsGroup: Invalid value: -1: must be between 0 and 2147483647, inclusive',
    'spec.securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive',
    'spec.securityContext.supplementalGroups[0]: Invalid value: -1: must be between 0 and 2147483647, inclusive',
    'spec.securityContext.sysctls[0].name: Invalid value: "A b": must have at most 253 characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$',
    'spec.securityContext.sysctls[2].name: Duplicate value: "kernel.shm"',
    'spec.securityContext.fsGroupChangePolicy: Unsupported value: "No": supported values: "Always", "OnRootMismatch"',
  ],
  [
    '/Pod',
    { 'spec.hostIPC': true, 'spec.securityContext': { sysctls: [{ name: 'kernel.shmall', value: '1' }] } },
    `spec.securityContext.sysctls[0].name: Invalid value: "kernel.shmall": may not be specified when 'hostIPC' is true`,
  ],
  [
    '/Pod',
    { 'spec.hostNetwork': true, 'spec.securityContext': { sysctls: [{ name: 'net.ipv4.tcp_syncookies', value: '1' }] } },
    `spec.securityContext.sysctls[0].name: Invalid value: "net.ipv4.tcp_syncookies": may not be specified when 'hostNetwork' is true`,
  ],
  [
    '/Pod',
    { 'spec.shareProcessNamespace': true, 'spec.hostPID': true },
    'spec.securityContext.shareProcessNamespace: Invalid value: true: ShareProcessNamespace and HostPID cannot both be enabled',
  ],
  [
    '/Pod',
    { 'spec.hostUsers': false, 'spec.hostNetwork': true, 'spec.hostPID': true },
    'spec.hostNetwork: Forbidden: when `hostUsers` is false',
    'spec.HostPID: Forbidden: when `hostUsers` is false',
  ],
  [
    '/Pod',
    {
      'spec.hostUsers': false,
      'spec.volumes': [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }],
      'spec.containers': [{ name: 'web', image: 'web:1', volumeDevices: [{ name: 'v', devicePath: '/dev/x' }] }],
    },
    'spec.containers[0].volumeDevices: Forbidden: when `hostUsers` is false',
  ],
  [
    '/Pod',
    { 'metadata.annotations': { 'kubernetes.io/config.mirror': 'x' }, 'spec.nodeName': 'n', 'spec.resourceClaims': [{ name: 'c' }] },
    ': Forbidden: static pods do not support resource claims',
  ],
  [
    '/Pod',
    { 'spec.tolerations': [{ operator: 'Equal' }], 'spec.priorityClassName': 'A', 'spec.subdomain': 'A' },
    `spec.subdomain: Invalid value: "A": ${LABEL}`,
    'spec.tolerations[0].operator: Invalid value: "Equal": operator must be Exists when `key` is empty, which means "match all values and all keys"',
    `spec.priorityClassName: Invalid value: "A": ${SUBDOMAIN}`,
  ],
  [
    '/Pod',
    {
      'spec.resources': { requests: { cpu: '1' } },
      'spec.containers': [{ name: 'web', image: 'web:1', resources: { requests: { cpu: '2', 'ephemeral-storage': '1Gi' } } }],
    },
    'spec.resources.requests[cpu]: Invalid value: "1": must be greater than or equal to aggregate container requests of 2',
  ],
  [
    '/Pod',
    { 'spec.os': { name: 'windows' }, 'spec.resources': { requests: { cpu: '1' } } },
    'spec.resources: Forbidden: may not be set for a windows pod',
  ],
  ['/Pod', { 'spec.os': { name: '' } }, 'spec.os.name: Required value'],
  [
    '/Pod',
    { 'spec.schedulingGates': [{ name: 'A b' }, { name: 'a' }, { name: 'a' }] },
    `spec.schedulingGates[0]: Invalid value: "A b": ${QUALIFIED}`,
    'spec.schedulingGates[2]: Duplicate value: "a"',
  ],
  [
    '/Pod',
    { 'spec.schedulingGates': [{ name: 'a' }], 'spec.nodeName': 'n' },
    'spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared',
  ],
  [
    '/Pod',
    { 'spec.readinessGates': [{ conditionType: 'a b' }] },
    `spec.readinessGates[0].conditionType: Invalid value: "a b": ${QUALIFIED}`,
  ],
  [
    '/Pod',
    {
      'spec.tolerations': [
        { key: 'a', operator: 'Exists', value: 'v' },
        { key: 'a', operator: 'Like', effect: 'No' },
        { key: 'a', tolerationSeconds: 5 },
      ],
    },
    'spec.tolerations[0].operator: Invalid value: "v": value must be empty when `operator` is \'Exists\'',
    'spec.tolerations[1].operator: Unsupported value: "Like": supported values: "Equal", "Exists"',
    'spec.tolerations[1].effect: Unsupported value: "No": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"',
    'spec.tolerations[2].effect: Invalid value: "": effect must be \'NoExecute\' when `tolerationSeconds` is set',
  ],
  [
    '/Pod',
    { 'spec.topologySpreadConstraints': [{ maxSkew: 0, topologyKey: '', whenUnsatisfiable: 'Maybe' }] },
    'spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero',
    'spec.topologySpreadConstraints[0].topologyKey: Required value: can not be empty',
    'spec.topologySpreadConstraints[0].whenUnsatisfiable: Unsupported value: "Maybe": supported values: "DoNotSchedule", "ScheduleAnyway"',
  ],
  [
    '/Pod',
    {
      'spec.topologySpreadConstraints': [
        { maxSkew: 1, topologyKey: 'a', whenUnsatisfiable: 'ScheduleAnyway', minDomains: 2 },
        { maxSkew: 2, topologyKey: 'a', whenUnsatisfiable: 'ScheduleAnyway' },
      ],
    },
    'spec.topologySpreadConstraints[0].{topologyKey, whenUnsatisfiable}: Duplicate value: "{a, ScheduleAnyway}"',
    'spec.topologySpreadConstraints[0].minDomains: Invalid value: 2: can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway',
  ],
  [
    '/Pod',
    {
      'spec.topologySpreadConstraints': [
        {
          maxSkew: 1,
          topologyKey: 'a',
          whenUnsatisfiable: 'DoNotSchedule',
          minDomains: 0,
          nodeAffinityPolicy: 'X',
          nodeTaintsPolicy: 'Y',
          matchLabelKeys: ['a'],
        },
      ],
    },
    'spec.topologySpreadConstraints[0].minDomains: Invalid value: 0: must be greater than zero',
    'spec.topologySpreadConstraints[0].nodeAffinityPolicy: Unsupported value: "X": supported values: "Honor", "Ignore"',
    'spec.topologySpreadConstraints[0].nodeTaintsPolicy: Unsupported value: "Y": supported values: "Honor", "Ignore"',
    'spec.topologySpreadConstraints[0].matchLabelKeys: Forbidden: must not be specified when labelSelector is not set',
  ],
  [
    '/Pod',
    { 'spec.affinity': { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } } } },
    'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: Required value: must have at least one node selector term',
  ],
  [
    '/Pod',
    {
      'spec.affinity': {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [
              {
                matchExpressions: [
                  { key: 'a', operator: 'In' },
                  { key: 'a', operator: 'Exists', values: ['v'] },
                  { key: 'a', operator: 'Gt', values: ['1', '2'] },
                  { key: 'a b', operator: 'Like' },
                ],
              },
            ],
          },
        },
      },
    },
    "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
    "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[1].values: Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
    "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[2].values: Required value: must be specified single value when `operator` is 'Lt' or 'Gt'",
    'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[3].operator: Invalid value: "Like": not a valid selector operator',
    `spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[3].key: Invalid value: "a b": ${QUALIFIED}`,
  ],
  [
    '/Pod',
    {
      'spec.affinity': {
        nodeAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [
            { weight: 0, preference: { matchFields: [{ key: 'metadata.uid', operator: 'In', values: ['a'] }] } },
          ],
        },
      },
    },
    'spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight: Invalid value: 0: must be in the range 1-100',
    'spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].preference.matchFields[0].key: Invalid value: "metadata.uid": not a valid field selector key',
  ],
  [
    '/Pod',
    {
      'spec.affinity': {
        podAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [
            {
              weight: 101,
              podAffinityTerm: {
                topologyKey: 'a',
                namespaces: ['A_'],
                labelSelector: { matchExpressions: [{ key: 'a', operator: 'In' }] },
              },
            },
          ],
        },
      },
    },
    'spec.affinity.podAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight: Invalid value: 101: must be in the range 1-100',
    "spec.affinity.podAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm.labelSelector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
    `spec.affinity.podAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm.namespace: Invalid value: "A_": ${LABEL}`,
  ],
  ['/Pod', { 'spec.overhead': { cpu: '-1' } }, 'spec.overhead.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0'],
  [
    '/Pod',
    { 'spec.resources': { limits: { cpu: '1', 'a.example/b': '1' } } },
    'spec.resources.limits[a.example/b]: Unsupported value: "a.example/b": supported values: "cpu", "memory"',
    'spec.resources.requests[a.example/b]: Unsupported value: "a.example/b": supported values: "cpu", "memory"',
  ],
  [
    '/Pod',
    {
      'spec.resources': { requests: { cpu: '1' }, limits: { cpu: '2' } },
      'spec.containers': [{ name: 'web', image: 'web:1', resources: { requests: { cpu: '3' }, limits: { cpu: '3' } } }],
    },
    'spec.resources.requests[cpu]: Invalid value: "1": must be greater than or equal to aggregate container requests of 3',
    'spec.resources.containers[0][cpu].limits: Invalid value: "3": must be less than or equal to pod limits of 2',
  ],
  [
    '/Pod',
    { 'spec.resourceClaims': [{ name: 'a' }, { name: 'a', resourceClaimName: 'x', resourceClaimTemplateName: 'y' }] },
    'spec.resourceClaims[0]: Invalid value: {"name":"a"}: must specify one of: `resourceClaimName`, `resourceClaimTemplateName`',
    'spec.resourceClaims[1].name: Duplicate value: "a"',
    'spec.resourceClaims[1]: Invalid value: {"name":"a","resourceClaimName":"x","resourceClaimTemplateName":"y"}: at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified',
  ],
  ['/Pod', { 'spec.os': { name: 'plan9' } }, 'spec.os: Unsupported value: "plan9": supported values: "linux", "windows"'],
  [
    '/Pod',
    {
      'spec.os': { name: 'windows' },
      'spec.hostPID': true,
      'spec.securityContext': { runAsUser: 1, seLinuxOptions: {} },
      'spec.containers': [{ name: 'web', image: 'web:1', securityContext: { privileged: true, runAsUser: 1 } }],
    },
    'spec.securityContext.seLinuxOptions: Forbidden: cannot be set for a windows pod',
    'spec.securityContext.runAsUser: Forbidden: cannot be set for a windows pod',
    'spec.hostPID: Forbidden: cannot be set for a windows pod',
    'spec.containers[0].securityContext.privileged: Forbidden: cannot be set for a windows pod',
    'spec.containers[0].securityContext.runAsUser: Forbidden: cannot be set for a windows pod',
  ],
  [
    '/Pod',
    { 'spec.os': { name: 'linux' }, 'spec.securityContext': { windowsOptions: { hostProcess: true } } },
    'spec.hostNetwork: Invalid value: false: hostNetwork must be true if pod contains any hostProcess containers',
    'spec.securityContext.windowsOptions: Forbidden: windows options cannot be set for a linux pod',
  ],
  [
    '/Pod',
    { 'spec.imagePullSecrets': [{}], 'spec.preemptionPolicy': 'Sometimes' },
    'spec.preemptionPolicy: Unsupported value: "Sometimes": supported values: "PreemptLowerPriority", "Never"',
  ],
  [
    '/Pod',
    { 'metadata.annotations': { 'controller.kubernetes.io/pod-deletion-cost': '+1' } },
    'metadata.annotations[controller.kubernetes.io/pod-deletion-cost]: Invalid value: "+1": must be a 32bit integer',
  ],
  [
    '/Pod',
    { 'spec.hostnameOverride': 'A', 'spec.setHostnameAsFQDN': true },
    'spec.hostnameOverride: Forbidden: may not be specified when setHostnameAsFQDN is true',
    `spec.hostnameOverride: Invalid value: "A": ${SUBDOMAIN}`,
  ],
];

for (const [key, changes, ...expected] of CASES)
  test(`validateCreate of ${key} with ${JSON.stringify(changes).slice(0, 100)}`, () =>
    assert.deepEqual(faultTexts(validateCreate(kindOfKey(key), typical(key, changes))), expected));

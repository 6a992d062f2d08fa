// Faults of the kinds of apps and batch: what is changed in a typical object, and all that is found.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { validateCreate } from '../../../../src/api/validation/validate.ts';
import { LABEL, QUALIFIED } from '../../../support/name-texts.ts';
import { faultTexts, kindOfKey, typical } from '../../../support/typical-objects.ts';

const CASES: readonly (readonly [key: string, changes: Readonly<Record<string, unknown>>, ...expected: string[]])[] = [
  [
    'apps/Deployment',
    { 'spec.strategy': { type: 'Recreate', rollingUpdate: {} } },
    "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'",
  ],
  [
    'apps/Deployment',
    { 'spec.strategy': { type: 'Blue' } },
    'spec.strategy: Unsupported value: {"Type":"Blue","RollingUpdate":null}: supported values: "Recreate", "RollingUpdate"',
  ],
  [
    'apps/Deployment',
    { 'spec.strategy': { type: 'RollingUpdate', rollingUpdate: { maxSurge: '-1', maxUnavailable: '101%' } } },
    `spec.strategy.rollingUpdate.maxSurge: Invalid value: "-1": a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')`,
    'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "101%": must not be greater than 100%',
  ],
  [
    'apps/Deployment',
    { 'spec.minReadySeconds': -1, 'spec.revisionHistoryLimit': -1 },
    'spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0',
    'spec.revisionHistoryLimit: Invalid value: -1: must be greater than or equal to 0',
  ],
  [
    'apps/Deployment',
    { 'spec.minReadySeconds': 600 },
    'spec.progressDeadlineSeconds: Invalid value: 600: must be greater than minReadySeconds',
  ],
  [
    'apps/Deployment',
    { 'spec.selector': undefined },
    'spec.selector: Required value',
    'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
  ],
  [
    'apps/Deployment',
    { 'spec.template.spec.activeDeadlineSeconds': 5 },
    'spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicaSet is not Supported',
  ],
  ['apps/Deployment', { 'spec.template.spec.containers': [] }, 'spec.template.spec.containers: Required value'],
  [
    'apps/Deployment',
    { 'spec.selector': { matchExpressions: [{ key: 'a', operator: 'Is' }] } },
    'spec.selector.matchExpressions[0].operator: Invalid value: "Is": not a valid selector operator',
    'spec.selector: Invalid value: {"matchExpressions":[{"key":"a","operator":"Is"}]}: invalid label selector',
  ],
  [
    'apps/DaemonSet',
    { 'spec.updateStrategy': { type: 'Slow' } },
    'spec.updateStrategy: Unsupported value: {"Type":"Slow","RollingUpdate":null}: supported values: "RollingUpdate", "OnDelete"',
  ],
  [
    'apps/DaemonSet',
    { 'spec.updateStrategy': { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0 } } },
    'spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0',
  ],
  [
    'apps/DaemonSet',
    { 'spec.updateStrategy': { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 1 } } },
    'spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 1: may not be set when maxUnavailable is non-zero',
  ],
  ['apps/DaemonSet', { 'spec.selector': {} }, 'spec.selector: Invalid value: {}: empty selector is invalid for daemonset'],
  [
    'apps/DaemonSet',
    { 'spec.template.spec.restartPolicy': 'Never' },
    'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
  ],
  [
    'apps/DaemonSet',
    { 'spec.revisionHistoryLimit': -1, 'spec.minReadySeconds': -1 },
    'spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0',
    'spec.revisionHistoryLimit: Invalid value: -1: must be greater than or equal to 0',
  ],
  [
    'apps/StatefulSet',
    { 'spec.podManagementPolicy': 'X', 'spec.updateStrategy.type': 'Y' },
    `spec.podManagementPolicy: Invalid value: "X": must be 'OrderedReady' or 'Parallel'`,
    `spec.updateStrategy: Invalid value: {"Type":"Y","RollingUpdate":null}: must be 'RollingUpdate' or 'OnDelete'`,
  ],
  [
    'apps/StatefulSet',
    { 'spec.updateStrategy': { type: 'OnDelete', rollingUpdate: {} } },
    `spec.updateStrategy.rollingUpdate: Invalid value: {"Partition":0,"MaxUnavailable":null}: only allowed for updateStrategy 'RollingUpdate'`,
  ],
  [
    'apps/StatefulSet',
    { 'spec.persistentVolumeClaimRetentionPolicy': { whenDeleted: 'X', whenScaled: 'Y' } },
    'spec.persistentVolumeClaimRetentionPolicy.whenDeleted: Unsupported value: "X": supported values: "Retain", "Delete"',
    'spec.persistentVolumeClaimRetentionPolicy.whenScaled: Unsupported value: "Y": supported values: "Retain", "Delete"',
  ],
  ['apps/StatefulSet', { 'spec.ordinals': { start: -1 } }, 'spec.ordinals.start: Invalid value: -1: must be greater than or equal to 0'],
  [
    'apps/StatefulSet',
    { 'spec.replicas': -1, 'spec.minReadySeconds': -1 },
    'spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    'spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0',
  ],
  [
    'apps/StatefulSet',
    { 'spec.updateStrategy': { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0 } } },
    'spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: 0: cannot be 0',
  ],
  ['apps/ReplicaSet', { 'spec.replicas': -1 }, 'spec.replicas: Invalid value: -1: must be greater than or equal to 0'],
  ['apps/ReplicaSet', { 'spec.selector': {} }, 'spec.selector: Invalid value: {}: empty selector is invalid for deployment'],
  ['apps/ReplicaSet', { 'spec.template': undefined }, 'spec.template: Required value'],
  [
    'batch/Job',
    {
      'spec.parallelism': -1,
      'spec.completions': -1,
      'spec.backoffLimit': -1,
      'spec.activeDeadlineSeconds': -1,
      'spec.ttlSecondsAfterFinished': -1,
    },
    'spec.parallelism: Invalid value: -1: must be greater than or equal to 0',
    'spec.completions: Invalid value: -1: must be greater than or equal to 0',
    'spec.activeDeadlineSeconds: Invalid value: -1: must be greater than or equal to 0',
    'spec.backoffLimit: Invalid value: -1: must be greater than or equal to 0',
    'spec.ttlSecondsAfterFinished: Invalid value: -1: must be greater than or equal to 0',
  ],
  [
    'batch/Job',
    { 'spec.completionMode': 'Random' },
    'spec.completionMode: Unsupported value: "Random": supported values: "NonIndexed", "Indexed"',
  ],
  [
    'batch/Job',
    { 'spec.completionMode': 'Indexed', 'spec.parallelism': 2 },
    'spec.completions: Required value: when completion mode is Indexed',
  ],
  [
    'batch/Job',
    { 'spec.completionMode': 'Indexed', 'spec.completions': 5, 'spec.parallelism': 100001 },
    'spec.parallelism: Invalid value: 100001: must be less than or equal to 100000 when completion mode is Indexed',
  ],
  ['batch/Job', { 'spec.backoffLimitPerIndex': 1 }, 'spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode'],
  [
    'batch/Job',
    { 'spec.maxFailedIndexes': 1 },
    'spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified',
    'spec.maxFailedIndexes: Invalid value: 1: requires indexed completion mode',
  ],
  [
    'batch/Job',
    { 'spec.completionMode': 'Indexed', 'spec.completions': 3, 'spec.backoffLimitPerIndex': 1, 'spec.maxFailedIndexes': 5 },
    'spec.maxFailedIndexes: Invalid value: 5: must be less than or equal to completions',
  ],
  [
    'batch/Job',
    { 'spec.managedBy': 'a b' },
    'spec.managedBy: Invalid value: "a b": must be a domain-prefixed path (such as "acme.io/foo")',
  ],
  [
    'batch/Job',
    { 'spec.podReplacementPolicy': 'Never' },
    'spec.podReplacementPolicy: Unsupported value: "Never": supported values: "Failed", "TerminatingOrFailed"',
  ],
  [
    'batch/Job',
    { 'spec.podFailurePolicy': { rules: [{ action: 'Explode' }] } },
    'spec.podFailurePolicy.rules[0].action: Unsupported value: "Explode": supported values: "Count", "FailIndex", "FailJob", "Ignore"',
    'spec.podFailurePolicy.rules[0]: Invalid value: specifying one of OnExitCodes and OnPodConditions is required',
  ],
  [
    'batch/Job',
    { 'spec.podFailurePolicy': { rules: [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [0] } }] } },
    'spec.podFailurePolicy.rules[0].onExitCodes.values[0]: Invalid value: 0: must not be 0 for the In operator',
  ],
  [
    'batch/Job',
    {
      'spec.podFailurePolicy': {
        rules: [{ action: 'FailJob', onExitCodes: { operator: 'Like', values: [2, 1, 1], containerName: 'gone' } }],
      },
    },
    'spec.podFailurePolicy.rules[0].onExitCodes.operator: Unsupported value: "Like": supported values: "In", "NotIn"',
    'spec.podFailurePolicy.rules[0].onExitCodes.containerName: Invalid value: "gone": must be one of the container or initContainer names in the pod template',
    'spec.podFailurePolicy.rules[0].onExitCodes.values[2]: Duplicate value: 1',
    'spec.podFailurePolicy.rules[0].onExitCodes.values: Invalid value: [2,1,1]: must be ordered',
  ],
  [
    'batch/Job',
    { 'spec.podFailurePolicy': { rules: [{ action: 'FailIndex', onPodConditions: [{ type: 'A b', status: 'Maybe' }] }] } },
    'spec.podFailurePolicy.rules[0].action: Invalid value: "FailIndex": requires the backoffLimitPerIndex to be set',
    `spec.podFailurePolicy.rules[0].onPodConditions[0].type: Invalid value: "A b": ${QUALIFIED}`,
    'spec.podFailurePolicy.rules[0].onPodConditions[0].status: Unsupported value: "Maybe": supported values: "False", "True", "Unknown"',
  ],
  [
    'batch/Job',
    {
      'spec.podFailurePolicy': {
        rules: [{ action: 'Ignore', onExitCodes: { operator: 'In', values: [1] }, onPodConditions: [{ type: 'A' }] }],
      },
    },
    'spec.podFailurePolicy.rules[0]: Invalid value: specifying both OnExitCodes and OnPodConditions is not supported',
  ],
  [
    'batch/Job',
    { 'spec.template.spec.restartPolicy': 'OnFailure', 'spec.podFailurePolicy': { rules: [] } },
    'spec.template.spec.restartPolicy: Invalid value: "OnFailure": only "Never" is supported when podFailurePolicy is specified',
  ],
  [
    'batch/Job',
    { 'spec.successPolicy': { rules: [{ succeededCount: 1 }] } },
    'spec.successPolicy: Invalid value: {"Rules":[{"SucceededIndexes":null,"SucceededCount":1}]}: requires indexed completion mode',
  ],
  [
    'batch/Job',
    {
      'spec.completionMode': 'Indexed',
      'spec.completions': 3,
      'spec.successPolicy': { rules: [{}, { succeededIndexes: '2,1', succeededCount: 9 }, { succeededIndexes: '0-5' }] },
    },
    'spec.successPolicy.rules[0]: Required value: at least one of succeededCount or succeededIndexes must be specified',
    'spec.successPolicy.rules[1].succeededIndexes: Invalid value: "2,1": error parsing succeededIndexes: non-increasing order, previous: 2, current: 1',
    'spec.successPolicy.rules[1].succeededCount: Invalid value: 9: must be less than or equal to 3 (the number of specified completions)',
    'spec.successPolicy.rules[1].succeededCount: Invalid value: 9: must be less than or equal to 0 (the number of indexes in the specified succeededIndexes field)',
    'spec.successPolicy.rules[2].succeededIndexes: Invalid value: "0-5": error parsing succeededIndexes: too large index: "5"',
  ],
  [
    'batch/Job',
    { 'spec.manualSelector': false },
    `spec.template.metadata.labels[controller-uid]: Required value: must be 'u1'`,
    `spec.template.metadata.labels[job-name]: Required value: must be 'x'`,
    `spec.template.metadata.labels[batch.kubernetes.io/controller-uid]: Required value: must be 'u1'`,
    `spec.template.metadata.labels[batch.kubernetes.io/job-name]: Required value: must be 'x'`,
    'spec.selector: Invalid value: {"matchLabels":{"app":"web"}}: `selector` not auto-generated',
  ],
  [
    'batch/Job',
    { 'spec.selector': undefined },
    'spec.selector: Required value',
    'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
  ],
  [
    'batch/Job',
    { 'spec.template.metadata.labels': { app: 'b' } },
    'spec.template.metadata.labels: Invalid value: {"app":"b"}: `selector` does not match template `labels`',
  ],
  ['batch/CronJob', { 'spec.schedule': '' }, 'spec.schedule: Required value'],
  [
    'batch/CronJob',
    { 'spec.schedule': 'TZ=UTC * * * * *' },
    'spec.schedule: Invalid value: "TZ=UTC * * * * *": cannot use TZ or CRON_TZ in schedule, use timeZone field instead',
  ],
  ['batch/CronJob', { 'spec.timeZone': '' }, 'spec.timeZone: Invalid value: "": timeZone must be nil or non-empty string'],
  [
    'batch/CronJob',
    { 'spec.timeZone': 'Local' },
    'spec.timeZone: Invalid value: "Local": timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones',
  ],
  [
    'batch/CronJob',
    {
      'spec.concurrencyPolicy': 'Maybe',
      'spec.startingDeadlineSeconds': -1,
      'spec.successfulJobsHistoryLimit': -1,
      'spec.failedJobsHistoryLimit': -1,
    },
    'spec.startingDeadlineSeconds: Invalid value: -1: must be greater than or equal to 0',
    'spec.concurrencyPolicy: Unsupported value: "Maybe": supported values: "Allow", "Forbid", "Replace"',
    'spec.successfulJobsHistoryLimit: Invalid value: -1: must be greater than or equal to 0',
    'spec.failedJobsHistoryLimit: Invalid value: -1: must be greater than or equal to 0',
  ],
  [
    'batch/CronJob',
    { 'spec.jobTemplate.spec.manualSelector': true },
    'spec.jobTemplate.spec.manualSelector: Unsupported value: true: supported values: "nil", "false"',
  ],
  [
    'batch/CronJob',
    { 'spec.jobTemplate.spec.template.spec.restartPolicy': 'Always' },
    'spec.jobTemplate.spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
  ],
  [
    'batch/CronJob',
    { 'metadata.name': 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' },
    'metadata.name: Invalid value: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx": must be no more than 52 characters',
  ],
  ['/ReplicationController', { 'spec.replicas': -1 }, 'spec.replicas: Invalid value: -1: must be greater than or equal to 0'],
  [
    '/ReplicationController',
    { 'spec.selector': { a: 'b' } },
    'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
  ],
  ['/ReplicationController', { 'spec.template': undefined }, 'spec.template: Required value'],
  ['apps/ControllerRevision', { revision: -1 }, 'revision: Invalid value: -1: must be greater than or equal to 0'],
  [
    'apps/ControllerRevision',
    { data: ['a'], revision: -1 },
    'revision: Invalid value: -1: must be greater than or equal to 0',
    'data: Required value: data must be a valid JSON object',
  ],
  [
    'apps/StatefulSet',
    {
      'spec.serviceName': 'A',
      'spec.volumeClaimTemplates': [{ metadata: { name: 'data' }, spec: {} }],
      'spec.template.spec.subdomain': 'A',
      'spec.template.spec.volumes': [{ name: 'B', emptyDir: {} }],
    },
    'spec.volumeClaimTemplates[0].spec.accessModes: Required value: at least 1 access mode is required',
    'spec.volumeClaimTemplates[0].spec.resources[storage]: Required value',
    `spec.serviceName: Invalid value: "A": ${LABEL}`,
    `spec.template.spec.volumes[1].name: Invalid value: "B": ${LABEL}`,
  ],
  [
    'apps/StatefulSet',
    { 'spec.selector': { matchExpressions: [{ key: 'a', operator: 'Is' }] }, 'spec.template.spec.containers': [] },
    'spec.selector.matchExpressions[0].operator: Invalid value: "Is": not a valid selector operator',
    'spec.selector: Invalid value: {"matchExpressions":[{"key":"a","operator":"Is"}]}',
  ],
  [
    'apps/DaemonSet',
    { 'spec.selector': undefined },
    'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
  ],
  ['apps/ControllerRevision', { data: undefined }, 'data: Required value: data is mandatory'],
];

for (const [key, changes, ...expected] of CASES)
  test(`validateCreate of ${key} with ${JSON.stringify(changes).slice(0, 100)}`, () =>
    assert.deepEqual(faultTexts(validateCreate(kindOfKey(key), typical(key, changes))), expected));

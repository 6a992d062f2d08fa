// What admission policies, and match conditions of all sorts, leave in the metrics of a server.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type * as policies from '../../src/api/types/admissionregistration-v1.gen.ts';
import { systemClock } from '../../src/base/clock.ts';
import {
  CONFIG_MAPS,
  MUTATING_ADMISSION_POLICIES,
  MUTATING_ADMISSION_POLICY_BINDINGS,
  VALIDATING_ADMISSION_POLICIES,
  VALIDATING_ADMISSION_POLICY_BINDINGS,
  VALIDATING_WEBHOOK_CONFIGURATIONS,
} from '../../src/client/resources.ts';
import { AdmissionMetrics } from '../../src/server/admission/admission-metrics.ts';
import { refusalOf, startAdmittedServer } from '../support/admitted-server.ts';

const metrics = new AdmissionMetrics(systemClock);
const cluster = await startAdmittedServer({ admission: { metrics } });
const { client } = cluster;
await cluster.namespace('shop');

after(() => cluster.stop());

const RULES = [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }];
const create = (name: string) => client.create(CONFIG_MAPS, { metadata: { name, namespace: 'shop' } });
/** The lines with what was counted for one policy or webhook; of a histogram only how much. */
const counted = (name: string): string[] =>
  metrics
    .text()
    .split('\n')
    .filter((line) => line.includes(`="${name}"`) && !/_bucket|_sum/.test(line))
    .sort();

const validating = async (name: string, spec: policies.ValidatingAdmissionPolicySpec, ...validationActions: string[]): Promise<void> => {
  await client.create(VALIDATING_ADMISSION_POLICIES, { metadata: { name }, spec: { matchConstraints: { resourceRules: RULES }, ...spec } });
  await client.create(VALIDATING_ADMISSION_POLICY_BINDINGS, {
    metadata: { name: `${name}-b` },
    spec: { policyName: name, validationActions },
  });
};

test('AdmissionMetrics says nothing while there is no policy and no webhook', async () => {
  await create('quiet');
  assert.equal(metrics.text(), '');
});

test('AdmissionMetrics counts validations by what was done about them', async () => {
  const onlyIn = (name: string) => `object.metadata.name == '${name}'`;
  await validating('deny', { validations: [{ expression: `!(${onlyIn('v')})` }] }, 'Deny', 'Audit');
  await validating('warn', { validations: [{ expression: `!(${onlyIn('v')})` }] }, 'Warn');
  await validating('open', { failurePolicy: 'Ignore', validations: [{ expression: "object.data['x'] == 'y'" }] }, 'Deny');
  await create('passes');
  await refusalOf(create('v'));
  const check = 'apiserver_validating_admission_policy_check';
  const lines = (policy: string, action: string, count: number) =>
    ['duration_seconds_count', 'total'].map(
      (what) =>
        `${check}_${what}{enforcement_action="${action}",error_type="invalid_error",policy="${policy}",policy_binding="${policy}-b"} ${count}`,
    );
  assert.deepEqual(counted('deny'), [...lines('deny', 'audit', 1), ...lines('deny', 'deny', 1)].sort());
  assert.deepEqual(counted('warn'), lines('warn', 'warn', 1));
  assert.deepEqual(counted('open'), lines('open', 'allow', 2));
  cluster.takeWarnings();
});

test('AdmissionMetrics counts mutations, also those that fail', async () => {
  const mutations = [
    { patchType: 'JSONPatch', jsonPatch: { expression: "[JSONPatch{op: 'add', path: '/data', value: {'a': 'b'}}]" } },
    { patchType: 'JSONPatch', jsonPatch: { expression: "[JSONPatch{op: 'add', path: object.data['none'], value: 'c'}]" } },
  ];
  await client.create(MUTATING_ADMISSION_POLICIES, {
    metadata: { name: 'mutate' },
    spec: { matchConstraints: { resourceRules: RULES }, failurePolicy: 'Ignore', reinvocationPolicy: 'Never', mutations },
  });
  await client.create(MUTATING_ADMISSION_POLICY_BINDINGS, { metadata: { name: 'mutate-b' }, spec: { policyName: 'mutate' } });
  await create('mutated');
  const check = 'apiserver_mutating_admission_policy_check';
  assert.deepEqual(
    counted('mutate'),
    ['duration_seconds_count', 'total'].flatMap((what) =>
      ['invalid_error', 'no_error'].map((type) => `${check}_${what}{error_type="${type}",policy="mutate",policy_binding="mutate-b"} 1`),
    ),
  );
});

const CONDITIONS = [
  { name: 'fails', expression: "object.data['none'] == 'x'" },
  { name: 'named', expression: "object.metadata.name != 'excluded'" },
];
const condition = 'apiserver_admission_match_condition';

test('AdmissionMetrics counts match conditions of policies', async () => {
  const spec = { failurePolicy: 'Ignore', matchConditions: CONDITIONS, validations: [{ expression: 'true' }] };
  await validating('conditions', spec, 'Warn');
  await create('excluded');
  const labels = 'kind="policy",name="conditions",operation="CREATE",type="validate"';
  assert.deepEqual(counted('conditions'), [
    `${condition}_evaluation_errors_total{${labels}} 1`,
    `${condition}_evaluation_seconds_count{${labels}} 1`,
  ]);
});

test('AdmissionMetrics counts match conditions of webhooks, and whom they keep from being asked', async () => {
  const name = 'conditions.example.com';
  const clientConfig = { url: 'https://127.0.0.1:1/' };
  const ways = { sideEffects: 'None', admissionReviewVersions: ['v1'], failurePolicy: 'Ignore', timeoutSeconds: 1 };
  await client.create(VALIDATING_WEBHOOK_CONFIGURATIONS, {
    metadata: { name: 'conditions' },
    webhooks: [{ name, clientConfig, rules: RULES, matchConditions: CONDITIONS, ...ways }],
  });
  await create('asked-not');
  const labels = `kind="webhook",name="${name}",operation="CREATE"`;
  assert.deepEqual(counted(name), [
    `${condition}_evaluation_errors_total{${labels},type="validating"} 1`,
    `${condition}_evaluation_seconds_count{${labels},type="validating"} 1`,
    `${condition}_exclusions_total{${labels},type="validate"} 1`,
  ]);
});

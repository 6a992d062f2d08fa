import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MutatingWebhook, ValidatingWebhook } from '../../../../src/api/types/admissionregistration-v1.gen.ts';
import type { LabelSelector } from '../../../../src/api/types/meta-v1.gen.ts';
import { type Webhook, webhookFaults } from '../../../../src/api/validation/admission-webhooks.ts';

const WEBHOOK: ValidatingWebhook = {
  name: 'hook.example.com',
  clientConfig: { service: { namespace: 'default', name: 'hook', port: 443 } },
  rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], scope: '*' }],
  failurePolicy: 'Fail',
  matchPolicy: 'Equivalent',
  sideEffects: 'None',
  timeoutSeconds: 10,
  admissionReviewVersions: ['v1'],
};
const rule = (more: object) => ({ rules: [{ ...WEBHOOK.rules?.[0], ...more }] });
const { sideEffects: _, ...UNSAID } = WEBHOOK;

const texts = (webhooks: readonly Webhook[], old?: readonly Webhook[]): string[] =>
  webhookFaults(webhooks, old, () => []).map(({ field, detail }) => `${field}: ${detail}`);

test('webhookFaults finds nothing in a webhook that says everything right', () => {
  assert.deepEqual(texts([WEBHOOK, { ...WEBHOOK, name: 'other.example.com' }]), []);
  assert.deepEqual(texts([]), []);
});

const CASES: { title: string; webhook: Partial<MutatingWebhook>; fault: string }[] = [
  { title: 'a missing name', webhook: { name: '' }, fault: 'name: Required value' },
  {
    title: 'a name of two parts',
    webhook: { name: 'hook.com' },
    fault: 'name: Invalid value: "hook.com": should be a domain with at least three segments separated by dots',
  },
  { title: 'no operations', webhook: rule({ operations: [] }), fault: 'rules[0].operations: Required value' },
  {
    title: 'an unknown operation',
    webhook: rule({ operations: ['PATCH'] }),
    fault: 'rules[0].operations[0]: Unsupported value: "PATCH": supported values: "*", "CONNECT", "CREATE", "DELETE", "UPDATE"',
  },
  {
    title: 'a wildcard among others',
    webhook: rule({ apiGroups: ['*', 'apps'] }),
    fault: `rules[0].apiGroups: Invalid value: ["*","apps"]: if '*' is present, must not specify other API groups`,
  },
  {
    title: 'resources that another takes in',
    webhook: rule({ resources: ['pods/*', 'pods/exec'] }),
    fault: `rules[0].resources[1]: Invalid value: "pods/exec": if 'pods/*' is present, must not specify pods/exec`,
  },
  {
    title: 'an unknown scope',
    webhook: rule({ scope: 'Some' }),
    fault: 'rules[0].scope: Unsupported value: "Some": supported values: "*", "Cluster", "Namespaced"',
  },
  {
    title: 'an unknown failure policy',
    webhook: { failurePolicy: 'Retry' },
    fault: 'failurePolicy: Unsupported value: "Retry": supported values: "Fail", "Ignore"',
  },
  {
    title: 'side effects',
    webhook: { sideEffects: 'Some' },
    fault: 'sideEffects: Unsupported value: "Some": supported values: "None", "NoneOnDryRun"',
  },
  {
    title: 'a timeout beyond the bound',
    webhook: { timeoutSeconds: 31 },
    fault: 'timeoutSeconds: Invalid value: 31: the timeout value must be between 1 and 30 seconds',
  },
  {
    title: 'an unknown reinvocation policy',
    webhook: { reinvocationPolicy: 'Always' },
    fault: 'reinvocationPolicy: Unsupported value: "Always": supported values: "IfNeeded", "Never"',
  },
  {
    title: 'no review versions',
    webhook: { admissionReviewVersions: [] },
    fault: 'admissionReviewVersions: Required value: must specify one of v1, v1beta1',
  },
  {
    title: 'unknown review versions alone',
    webhook: { admissionReviewVersions: ['v2'] },
    fault: 'admissionReviewVersions: Invalid value: ["v2"]: must include at least one of v1, v1beta1',
  },
  { title: 'no target', webhook: { clientConfig: {} }, fault: 'clientConfig: Required value: exactly one of url or service is required' },
  {
    title: 'a URL that is not of HTTPS',
    webhook: { clientConfig: { url: 'http://example.com' } },
    fault: `clientConfig.url: Invalid value: "http": 'https' is the only allowed URL scheme; desired format: https://host[/path]`,
  },
  {
    title: 'a URL with a user',
    webhook: { clientConfig: { url: 'https://me@example.com' } },
    fault: 'clientConfig.url: Invalid value: "me": user information is not permitted in the URL',
  },
  {
    title: 'a URL with a query',
    webhook: { clientConfig: { url: 'https://example.com/?a=b' } },
    fault: 'clientConfig.url: Invalid value: "a=b": query parameters are not permitted in the URL',
  },
  {
    title: 'a path with an empty segment',
    webhook: { clientConfig: { service: { namespace: 'a', name: 'b', path: '/a//b' } } },
    fault: 'clientConfig.service.path: Invalid value: "/a//b": segment[1] may not be empty',
  },
];
for (const { title, webhook, fault } of CASES) {
  test(`webhookFaults tells of ${title}`, () => {
    assert.deepEqual(texts([{ ...WEBHOOK, ...webhook }]), [`webhooks[0].${fault}`]);
  });
}

test('webhookFaults demands side effects to be said, and names to differ', () => {
  assert.deepEqual(texts([UNSAID]), ['webhooks[0].sideEffects: Required value: must specify one of None, NoneOnDryRun']);
  assert.deepEqual(texts([WEBHOOK, WEBHOOK]), ['webhooks[1].name: Duplicate value: "hook.example.com"']);
});

test('webhookFaults lets stay what was there before', () => {
  const old = [{ ...WEBHOOK, sideEffects: 'Some' }, WEBHOOK];
  assert.deepEqual(texts(old, old), []);
  const conditions = [{ name: 'x', expression: 'broken(' }];
  const asked: string[] = [];
  const check = (_: unknown, path: string) => {
    asked.push(path);
    return [];
  };
  webhookFaults([{ ...WEBHOOK, matchConditions: conditions }], [{ ...WEBHOOK, matchConditions: [...conditions] }], check);
  assert.deepEqual(asked, []);
  webhookFaults([{ ...WEBHOOK, matchConditions: conditions }], [WEBHOOK], check);
  assert.deepEqual(asked, ['webhooks[0].matchConditions']);
});

const NAME_PART =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const LABEL_VALUE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const expression = (more: object) => ({ matchExpressions: [{ key: 'a', operator: 'In', values: ['b'], ...more }] });
const SELECTORS: readonly (readonly [selector: LabelSelector, ...faults: string[]])[] = [
  [expression({ operator: '' }), 'matchExpressions[0].operator: Invalid value: "": not a valid selector operator'],
  [expression({ operator: undefined }), 'matchExpressions[0].operator: Invalid value: "": not a valid selector operator'],
  [expression({ operator: 'Equals' }), 'matchExpressions[0].operator: Invalid value: "Equals": not a valid selector operator'],
  [expression({ values: [] }), "matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'"],
  [
    expression({ operator: 'Exists' }),
    "matchExpressions[0].values: Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
  ],
  [expression({ key: 'a b' }), `matchExpressions[0].key: Invalid value: "a b": ${NAME_PART}`],
  [expression({ values: ['b', '-c'] }), `matchExpressions[0].values[1]: Invalid value: "-c": ${LABEL_VALUE}`],
  [{ matchLabels: { 'a b': 'c' } }, `matchLabels: Invalid value: "a b": ${NAME_PART}`],
  [{ matchLabels: { a: '-c' } }, `matchLabels: Invalid value: "-c": ${LABEL_VALUE}`],
];

test('webhookFaults refuses selectors that could never be read', () => {
  for (const field of ['namespaceSelector', 'objectSelector'])
    for (const [selector, ...faults] of SELECTORS)
      assert.deepEqual(
        texts([{ ...WEBHOOK, [field]: selector }]),
        faults.map((fault) => `webhooks[0].${field}.${fault}`),
      );
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type AccessReviewKind, validateAccessReview } from '../../../../src/api/validation/authorization.ts';

const resourceAttributes = { verb: 'get', resource: 'pods', namespace: 'a' };
const faults = (kind: AccessReviewKind, spec: object, metadata: object = {}): string[] =>
  validateAccessReview(kind, { metadata, spec } as never).map(({ field, detail }) => `${field}: ${detail}`);

describe('validateAccessReview', () => {
  it('passes reviews of each kind', () => {
    assert.deepEqual(faults('SubjectAccessReview', { user: 'jane', resourceAttributes }), []);
    assert.deepEqual(faults('SelfSubjectAccessReview', { nonResourceAttributes: { path: '/', verb: 'get' } }), []);
    assert.deepEqual(faults('LocalSubjectAccessReview', { groups: ['a'], resourceAttributes }, { namespace: 'a' }), []);
  });

  const selector = 'spec.resourceAttributes.fieldSelector';
  const cases: [string, AccessReviewKind, object, object, string[]][] = [
    [
      'nothing',
      'SubjectAccessReview',
      {},
      {},
      [
        'spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified',
        'spec.user: Invalid value: "": at least one of user or group must be specified',
      ],
    ],
    [
      'a resource and a path',
      'SelfSubjectAccessReview',
      { resourceAttributes, nonResourceAttributes: { path: '/' } },
      {},
      ['spec.nonResourceAttributes: Invalid value: {"path":"/"}: cannot be specified in combination with resourceAttributes'],
    ],
    [
      'metadata',
      'SelfSubjectAccessReview',
      { resourceAttributes },
      { name: 'x' },
      ['metadata: Invalid value: {"name":"x"}: must be empty'],
    ],
    [
      'another namespace',
      'LocalSubjectAccessReview',
      { user: 'jane', resourceAttributes },
      { namespace: 'b' },
      ['spec.resourceAttributes.namespace: Invalid value: "a": must match metadata.namespace'],
    ],
    [
      'a path in a namespace',
      'LocalSubjectAccessReview',
      { user: 'jane', nonResourceAttributes: { path: '/' } },
      { namespace: 'b' },
      ['spec.nonResourceAttributes: Invalid value: {"path":"/"}: disallowed on this kind of request'],
    ],
    [
      'an empty selector',
      'SelfSubjectAccessReview',
      { resourceAttributes: { ...resourceAttributes, fieldSelector: {} } },
      {},
      [`${selector}.requirements: Required value: when ${selector} is specified, requirements or rawSelector is required`],
    ],
    [
      'a selector in both forms',
      'SelfSubjectAccessReview',
      {
        resourceAttributes: {
          ...resourceAttributes,
          fieldSelector: { rawSelector: 'a=b', requirements: [{ key: 'a', operator: 'In', values: ['b'] }] },
        },
      },
      {},
      [`${selector}.rawSelector: Invalid value: "a=b": may not specified at the same time as requirements`],
    ],
    [
      'requirements that cannot be',
      'SelfSubjectAccessReview',
      {
        resourceAttributes: {
          ...resourceAttributes,
          fieldSelector: {
            requirements: [
              { key: '', operator: 'Exists', values: ['x'] },
              { key: 'a', operator: 'Sometime' },
            ],
          },
          labelSelector: { requirements: [{ key: 'a', operator: 'In' }] },
        },
      },
      {},
      [
        `${selector}.requirements[0].key: Required value: must be specified`,
        `${selector}.requirements[0].values: Forbidden: may not be specified when \`operator\` is 'Exists' or 'DoesNotExist'`,
        "spec.resourceAttributes.labelSelector.requirements[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
      ],
    ],
  ];
  for (const [title, kind, spec, metadata, expected] of cases) {
    it(`refuses a ${kind} with ${title}`, () => assert.deepEqual(faults(kind, spec, metadata), expected));
  }
});

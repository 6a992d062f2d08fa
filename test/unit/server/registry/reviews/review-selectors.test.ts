import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { reviewSelectors } from '../../../../../src/server/registry/reviews/review-selectors.ts';

describe('reviewSelectors', () => {
  const cases: [string, Parameters<typeof reviewSelectors>[0], ReturnType<typeof reviewSelectors>][] = [
    ['nothing', {}, { faults: [] }],
    [
      'selectors as text',
      { fieldSelector: { rawSelector: 'spec.nodeName=n1' }, labelSelector: { rawSelector: 'app=web,!beta' } },
      { fieldSelector: 'spec.nodeName=n1', labelSelector: 'app=web,!beta', faults: [] },
    ],
    [
      'requirements',
      {
        fieldSelector: {
          requirements: [
            { key: 'a', operator: 'In', values: ['x,y'] },
            { key: 'b', operator: 'NotIn', values: ['z'] },
          ],
        },
        labelSelector: {
          requirements: [
            { key: 'app', operator: 'In', values: ['b', 'a'] },
            { key: 'beta', operator: 'DoesNotExist' },
          ],
        },
      },
      { fieldSelector: 'a=x\\,y,b!=z', labelSelector: 'app in (a,b),!beta', faults: [] },
    ],
    [
      'text that is no selector',
      { fieldSelector: { rawSelector: 'a' }, labelSelector: { rawSelector: 'a in b' } },
      {
        faults: [
          'spec.resourceAttributes.fieldSelector ignored due to parse error',
          'spec.resourceAttributes.labelSelector ignored due to parse error',
        ],
      },
    ],
    [
      'requirements of which some are not known',
      {
        fieldSelector: {
          requirements: [
            { key: 'a', operator: 'In', values: ['x'] },
            { key: 'b', operator: 'Exists' },
          ],
        },
        labelSelector: { requirements: [{ key: 'a', operator: 'Sometime' }] },
      },
      {
        fieldSelector: 'a=x',
        faults: [
          'spec.resourceAttributes.fieldSelector partially ignored due to parse error',
          'spec.resourceAttributes.labelSelector ignored due to parse error',
        ],
      },
    ],
  ];
  for (const [title, attributes, expected] of cases) {
    it(`reads ${title}`, () => assert.deepEqual(reviewSelectors(attributes), expected));
  }
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compareLevels, defaultPolicyOf, formatLevel, policyOf, sameLevel } from '../../../../src/api/pod-security/pod-security-policy.ts';

const PREFIX = 'pod-security.kubernetes.io/';
const labels = (entries: Record<string, string>) =>
  Object.fromEntries(Object.entries(entries).map(([key, value]) => [PREFIX + key, value]));

describe('policyOf', () => {
  const cases: [string, Record<string, string> | undefined, string[], string[]][] = [
    ['no labels', undefined, ['privileged:latest', 'privileged:latest', 'privileged:latest'], []],
    [
      'all labels',
      { enforce: 'baseline', 'enforce-version': 'v1.25', audit: 'restricted', warn: 'restricted', 'warn-version': 'latest' },
      ['baseline:v1.25', 'restricted:latest', 'restricted:latest'],
      [],
    ],
    [
      'a level that is none',
      { enforce: 'strict', warn: 'strict' },
      ['restricted:latest', 'privileged:latest', 'privileged:latest'],
      ['enforce', 'warn'].map(
        (mode) => `metadata.labels[${PREFIX}${mode}]: Invalid value: "strict": must be one of privileged, baseline, restricted`,
      ),
    ],
    [
      'versions that are none',
      { enforce: 'baseline', 'enforce-version': '1.25', 'audit-version': 'v1.025', 'warn-version': 'v2.0' },
      ['baseline:latest', 'privileged:latest', 'privileged:latest'],
      [
        ['enforce-version', '1.25'],
        ['audit-version', 'v1.025'],
        ['warn-version', 'v2.0'],
      ].map(([name, value]) => `metadata.labels[${PREFIX}${name}]: Invalid value: "${value}": must be "latest" or "v1.x"`),
    ],
  ];
  for (const [title, given, levels, faults] of cases) {
    it(`reads ${title}`, () => {
      const { policy, errors } = policyOf(given && labels(given));
      assert.deepEqual([policy.enforce, policy.audit, policy.warn].map(formatLevel), levels);
      assert.deepEqual(
        errors.map(({ field, detail }) => `${field}: ${detail}`),
        faults,
      );
    });
  }
});

describe('defaultPolicyOf', () => {
  it('reads the defaults of a configuration, which hold where labels say nothing', () => {
    const { policy } = defaultPolicyOf({ enforce: 'baseline', 'enforce-version': 'v1.30', warn: 'restricted' });
    const chosen = policyOf(labels({ audit: 'restricted', 'warn-version': 'v1.31' }), policy).policy;
    assert.deepEqual([chosen.enforce, chosen.audit, chosen.warn].map(formatLevel), [
      'baseline:v1.30',
      'restricted:latest',
      'restricted:v1.31',
    ]);
  });
});

describe('compareLevels', () => {
  it('orders levels from open to strict', () => {
    assert.ok(compareLevels('privileged', 'baseline') < 0);
    assert.ok(compareLevels('restricted', 'baseline') > 0);
    assert.equal(compareLevels('baseline', 'baseline'), 0);
  });
});

describe('sameLevel', () => {
  it('compares the version too', () => {
    assert.ok(sameLevel({ level: 'baseline', minor: 1 }, { level: 'baseline', minor: 1 }));
    assert.ok(!sameLevel({ level: 'baseline', minor: 1 }, { level: 'baseline', minor: undefined }));
  });
});

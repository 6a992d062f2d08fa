import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CustomResourceDefinition, CustomResourceDefinitionNames } from '../../../../src/api/types/apiextensions-v1.gen.ts';
import {
  isConditionTrue,
  planDefinitionStatus,
  withCondition,
} from '../../../../src/server/controllers/custom-resource-definition-plan.ts';
import { TEST_CA } from '../../../support/test-certificates.ts';

const NOW = '2026-01-01T00:00:00Z';
const LATER = '2026-01-01T00:00:05Z';

function definition(
  names: CustomResourceDefinitionNames,
  more: { group?: string; annotations?: Record<string, string> } = {},
): CustomResourceDefinition {
  const { group = 'example.com', annotations } = more;
  return {
    metadata: { name: `${names.plural}.${group}`, ...(annotations && { annotations }) },
    spec: { group, scope: 'Cluster', names, versions: [{ name: 'v1', served: true, storage: true }] },
  };
}

const accepted = (names: CustomResourceDefinitionNames): CustomResourceDefinition => {
  const whole = definition(names);
  return { ...whole, status: planDefinitionStatus(whole, [], NOW) };
};

const WIDGETS = { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList', shortNames: ['w'], categories: ['all'] };

function planned(names: CustomResourceDefinitionNames, others: readonly CustomResourceDefinition[]) {
  const status = planDefinitionStatus(definition(names), others, NOW);
  const condition = (type: string) => status.conditions?.find((item) => item.type === type);
  return { names: status.acceptedNames, verdict: condition('NamesAccepted'), established: condition('Established') };
}

describe('planDefinitionStatus', () => {
  it('accepts names that nobody has, and establishes the definition', () => {
    const { names, verdict, established } = planned(WIDGETS, []);
    assert.deepEqual(names, WIDGETS);
    assert.deepEqual([verdict?.status, verdict?.reason, verdict?.message], ['True', 'NoConflicts', 'no conflicts found']);
    assert.deepEqual([established?.status, established?.reason], ['True', 'InitialNamesAccepted']);
  });

  it('establishes nothing whose conversion could never be asked, until it can be', () => {
    const whole = definition(WIDGETS);
    const converted = (caBundle: string): CustomResourceDefinition => ({
      ...whole,
      spec: {
        ...whole.spec,
        conversion: { strategy: 'Webhook', webhook: { conversionReviewVersions: ['v1'], clientConfig: { url: 'https://a', caBundle } } },
      },
    });
    const status = planDefinitionStatus(converted('Cg=='), [], NOW);
    const established = status.conditions?.find(({ type }) => type === 'Established');
    assert.deepEqual(
      [established?.status, established?.reason, established?.message],
      ['False', 'InvalidCABundle', 'The conversion webhook CABundle is invalid'],
    );
    const mended = planDefinitionStatus({ ...converted(Buffer.from(TEST_CA).toString('base64')), status }, [], LATER);
    assert.equal(isConditionTrue({ ...whole, status: mended }, 'Established'), true);
    const broken = planDefinitionStatus({ ...converted('Cg=='), status: mended }, [], LATER);
    assert.equal(isConditionTrue({ ...whole, status: broken }, 'Established'), true);
  });

  const conflicts: readonly [what: string, names: CustomResourceDefinitionNames, reason: string, message: string][] = [
    ['a plural that is a short name', { plural: 'w', kind: 'X' }, 'PluralConflict', '"w" is already in use'],
    ['a singular', { plural: 'xs', singular: 'widget', kind: 'X' }, 'SingularConflict', '"widget" is already in use'],
    [
      'short names',
      { plural: 'xs', kind: 'X', shortNames: ['w', 'widget', 'x'] },
      'ShortNamesConflict',
      '["w" is already in use, "widget" is already in use]',
    ],
    ['a kind', { plural: 'xs', kind: 'Widget', listKind: 'XList' }, 'KindConflict', '"Widget" is already in use'],
    ['a kind that is a list', { plural: 'xs', kind: 'WidgetList' }, 'KindConflict', '"WidgetList" is already in use'],
  ];
  for (const [what, names, reason, message] of conflicts) {
    it(`refuses ${what} of another`, () => {
      const { verdict, established } = planned(names, [accepted(WIDGETS)]);
      assert.deepEqual([verdict?.status, verdict?.reason, verdict?.message], ['False', reason, message]);
      assert.deepEqual([established?.status, established?.reason], ['False', 'NotAccepted']);
    });
  }

  it('lets other groups have the same names', () => {
    const other = { ...accepted(WIDGETS), spec: { ...accepted(WIDGETS).spec, group: 'other.com' } };
    assert.equal(planned(WIDGETS, [other]).verdict?.status, 'True');
  });

  it('keeps what was established when a later name conflicts', () => {
    const mine = accepted({ plural: 'xs', kind: 'X' });
    const renamed = { ...mine, spec: { ...mine.spec, names: { ...mine.spec.names, shortNames: ['w'] } } };
    const status = planDefinitionStatus(renamed, [accepted(WIDGETS)], LATER);
    assert.equal(isConditionTrue({ ...renamed, status }, 'Established'), true);
    assert.equal(isConditionTrue({ ...renamed, status }, 'NamesAccepted'), false);
    assert.equal(status.acceptedNames?.shortNames, undefined);
  });

  it('returns the status itself when nothing changes', () => {
    const mine = accepted(WIDGETS);
    assert.equal(planDefinitionStatus(mine, [], LATER), mine.status);
  });

  it('says whether a group of the community has been reviewed', () => {
    const verdict = (annotations?: Record<string, string>) => {
      const whole = definition(WIDGETS, { group: 'x.k8s.io', ...(annotations && { annotations }) });
      const found = planDefinitionStatus(whole, [], NOW).conditions?.find(({ type }) => type === 'KubernetesAPIApprovalPolicyConformant');
      return [found?.status, found?.reason];
    };
    const key = 'api-approved.kubernetes.io';
    assert.deepEqual(verdict({ [key]: 'https://example.com/pull/1' }), ['True', 'ApprovedAnnotation']);
    assert.deepEqual(verdict({ [key]: 'unapproved, a test' }), ['False', 'UnapprovedAnnotation']);
    assert.deepEqual(verdict({ [key]: 'yes' }), ['False', 'InvalidAnnotation']);
    assert.deepEqual(verdict(), ['False', 'MissingAnnotation']);
  });
});

describe('withCondition', () => {
  it('moves the time with the status only', () => {
    const first = withCondition([], { type: 'A', status: 'True', reason: 'X' }, NOW);
    assert.equal(withCondition(first, { type: 'A', status: 'True', reason: 'Y' }, LATER)[0]?.lastTransitionTime, NOW);
    assert.equal(withCondition(first, { type: 'A', status: 'False', reason: 'Y' }, LATER)[0]?.lastTransitionTime, LATER);
  });
});

// Objects that select devices by expressions, which are compiled to be validated. CEL is loaded with the first of them.

import type { KubeObject } from '../../../api/object.ts';
import type { DeviceClass, ResourceClaim, ResourceClaimTemplate } from '../../../api/types/resource-v1.gen.ts';
import {
  claimExpressions,
  classExpressions,
  type DeviceExpression,
  templateExpressions,
} from '../../../api/validation/device-expressions.ts';
import type { Strategy } from '../strategy.ts';

/** Validates the expressions that the object did not have before. */
function selectorStrategy<T extends KubeObject>(expressionsOf: (object: T) => readonly DeviceExpression[]): Strategy<T> {
  return {
    async validate(object, old) {
      const former = new Set(old && expressionsOf(old).map(({ expression }) => expression));
      const added = expressionsOf(object).filter(({ expression }) => !former.has(expression));
      if (added.length === 0) return [];
      const { selectorFaults } = await import('../../../api/validation/device-selectors.ts');
      return selectorFaults(added);
    },
  };
}

/** Strategy of DeviceClasses. */
export const deviceClassStrategy = selectorStrategy<DeviceClass>(classExpressions);
/** Strategy of ResourceClaims. */
export const resourceClaimStrategy = selectorStrategy<ResourceClaim>(claimExpressions);
/** Strategy of ResourceClaimTemplates. */
export const resourceClaimTemplateStrategy = selectorStrategy<ResourceClaimTemplate>(templateExpressions);

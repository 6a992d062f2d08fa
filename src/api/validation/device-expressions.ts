// Which expressions of an object of resource.k8s.io are to be compiled: those in selectors that keep to the other rules. Pure; loads no engine.

import type { DeviceClaim, DeviceClass, DeviceSelector, ResourceClaim, ResourceClaimTemplate } from '../types/resource-v1.gen.ts';

/** Most selectors of a request or class. */
export const MAX_SELECTORS = 32;
/** Most requests of a claim. */
export const MAX_REQUESTS = 32;
/** Most alternatives of a request. */
export const MAX_ALTERNATIVES = 8;
/** Bytes of the longest expression. */
export const MAX_EXPRESSION = 10 << 10;

/** An expression and where it stands. */
export interface DeviceExpression {
  readonly field: string;
  readonly expression: string;
}

/** The items of a list; none of one that is too long, which is not looked at further. */
const within = <T>(list: readonly T[] | undefined, limit: number): readonly T[] => (list && list.length <= limit ? list : []);

function selectorExpressions(selectors: readonly DeviceSelector[] | undefined, path: string): DeviceExpression[] {
  return within(selectors, MAX_SELECTORS).flatMap(({ cel }, index) => {
    const expression = cel?.expression ?? '';
    const isCompiled = cel !== undefined && Buffer.byteLength(expression) <= MAX_EXPRESSION;
    return isCompiled ? [{ field: `${path}[${index}].cel.expression`, expression }] : [];
  });
}

function requestExpressions(devices: DeviceClaim | undefined, path: string): DeviceExpression[] {
  return within(devices?.requests, MAX_REQUESTS).flatMap(({ exactly, firstAvailable = [] }, index) => {
    const at = `${path}.requests[${index}]`;
    if (exactly) return firstAvailable.length > 0 ? [] : selectorExpressions(exactly.selectors, `${at}.exactly.selectors`);
    return within(firstAvailable, MAX_ALTERNATIVES).flatMap(({ selectors }, alternative) =>
      selectorExpressions(selectors, `${at}.firstAvailable[${alternative}].selectors`),
    );
  });
}

/** Those of a ResourceClaim. */
export function claimExpressions({ spec }: ResourceClaim): DeviceExpression[] {
  return requestExpressions(spec?.devices, 'spec.devices');
}

/** Those of a ResourceClaimTemplate. */
export function templateExpressions({ spec }: ResourceClaimTemplate): DeviceExpression[] {
  return requestExpressions(spec?.spec?.devices, 'spec.spec.devices');
}

/** Those of a DeviceClass. */
export function classExpressions({ spec }: DeviceClass): DeviceExpression[] {
  return selectorExpressions(spec?.selectors, 'spec.selectors');
}

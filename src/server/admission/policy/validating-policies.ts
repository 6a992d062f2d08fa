// ValidatingAdmissionPolicy: holds requests against the policies that are bound to them. Without a policy nothing of CEL is loaded.
// Rules: "Validating Admission Policy".

import { VALIDATING_ADMISSION_POLICIES, VALIDATING_ADMISSION_POLICY_BINDINGS } from '../../../client/resources.ts';
import type { AdmissionPlugin } from '../admission.ts';
import { isExempt } from '../resource-match.ts';
import type { PolicyDeps } from './policy-deps.ts';
import { isGuarded, PolicySet } from './policy-set.ts';
import type { ValidatingRunner } from './validating-run.ts';

/** The plugin. */
export function validatingPolicies(deps: PolicyDeps): AdmissionPlugin {
  const set = new PolicySet({ policies: VALIDATING_ADMISSION_POLICIES, bindings: VALIDATING_ADMISSION_POLICY_BINDINGS }, deps.reader);
  let runner: ValidatingRunner | undefined;
  return {
    name: 'ValidatingAdmissionPolicy',
    async validate(request) {
      if (isExempt(request) || !isGuarded(request.resource)) return;
      const policies = set.list();
      if (policies.length === 0) return;
      if (!runner) {
        const { ValidatingRunner: Runner } = await import('./validating-run.ts');
        runner ??= new Runner(deps);
      }
      await runner.run(request, policies);
    },
  };
}

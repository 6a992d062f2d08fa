// MutatingAdmissionPolicy: changes requests as the policies that are bound to them say. Without a policy nothing of CEL is loaded.
// Rules: "Mutating Admission Policy".

import { MUTATING_ADMISSION_POLICIES, MUTATING_ADMISSION_POLICY_BINDINGS } from '../../../client/resources.ts';
import type { AdmissionPlugin } from '../admission.ts';
import { isExempt } from '../resource-match.ts';
import type { MutatingRunner } from './mutating-run.ts';
import type { PolicyDeps } from './policy-deps.ts';
import { isGuarded, PolicySet } from './policy-set.ts';

/** The plugin. */
export function mutatingPolicies(deps: PolicyDeps): AdmissionPlugin {
  const set = new PolicySet({ policies: MUTATING_ADMISSION_POLICIES, bindings: MUTATING_ADMISSION_POLICY_BINDINGS }, deps.reader);
  let runner: MutatingRunner | undefined;
  return {
    name: 'MutatingAdmissionPolicy',
    async admit(request) {
      if (isExempt(request) || !isGuarded(request.resource)) return;
      const policies = set.list();
      if (policies.length === 0) return;
      if (!runner) {
        const { MutatingRunner: Runner } = await import('./mutating-run.ts');
        runner ??= new Runner(deps);
      }
      await runner.run(request, policies);
    },
  };
}

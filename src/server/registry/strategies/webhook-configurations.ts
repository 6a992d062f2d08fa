// Webhook configurations: their match conditions are expressions, which are compiled to be validated. CEL is loaded with the first of them.

import type { KubeObject } from '../../../api/object.ts';
import { type CheckConditions, type Webhook, webhookFaults } from '../../../api/validation/admission-webhooks.ts';
import type { Strategy } from '../strategy.ts';

/** A configuration of either sort. */
interface Configuration extends KubeObject {
  readonly webhooks?: readonly Webhook[];
}

const NO_CONDITIONS: CheckConditions = () => [];

async function conditionCheck({ webhooks = [] }: Configuration): Promise<CheckConditions> {
  if (!webhooks.some(({ matchConditions = [] }) => matchConditions.length > 0)) return NO_CONDITIONS;
  const { PolicyExpressions } = await import('../../../api/validation/policy-expressions.ts');
  const expressions = new PolicyExpressions(undefined);
  return (conditions, path) => expressions.matchConditions(conditions, path);
}

/** Strategy of both sorts of configurations. */
export const webhookConfigurationStrategy: Strategy<Configuration> = {
  async validate(configuration, old) {
    return webhookFaults(configuration.webhooks, old?.webhooks, await conditionCheck(configuration));
  },
};

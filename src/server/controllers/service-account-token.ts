// Fills Secrets of type kubernetes.io/service-account-token, and deletes those whose service account is gone.

import { type KubeObject, keyOf, nameOf } from '../../api/object.ts';
import { hasReason, isNotFound } from '../../api/status-error.ts';
import type { Secret, ServiceAccount } from '../../api/types/core-v1.gen.ts';
import type { Component } from '../../base/component.ts';
import { ControllerLoop, source } from '../../client/controller-loop.ts';
import { SECRETS, SERVICE_ACCOUNTS } from '../../client/resources.ts';
import type { ControllerManagerDeps } from './controller.ts';
import { accountOf, base64, planTokenSecret, TOKEN_SECRET_TYPE } from './service-account-token-plan.ts';

type SecretObject = Secret & KubeObject;
type AccountObject = ServiceAccount & KubeObject;

/** Secrets by the key of the account they are for. */
const byAccount = {
  tokenAccount: (secret: SecretObject): readonly string[] => {
    const name = accountOf(secret);
    return name === undefined ? [] : [`${secret.metadata.namespace}/${name}`];
  },
};

/** The controller. Its keys are Secrets. */
export function serviceAccountTokenController(deps: ControllerManagerDeps): Component {
  const setup = () => {
    const secrets = deps.informers.informer(SECRETS, { fieldSelector: `type=${TOKEN_SECRET_TYPE}`, indexers: byAccount });
    const accounts = deps.informers.informer(SERVICE_ACCOUNTS);
    const reconcile = async (key: string, signal: AbortSignal): Promise<undefined> => {
      const secret = secrets.lister.get(key);
      const name = secret && accountOf(secret);
      if (!secret || name === undefined) return;
      const accountKey = `${secret.metadata.namespace}/${name}`;
      const account = accounts.lister.get(accountKey) ?? (await liveAccount(deps, accountKey, signal));
      await carryOut(deps, { secret, account }, signal);
    };
    const ofAccount = source(accounts, ({ type, object }) =>
      type === 'modified' ? [] : secrets.lister.byIndex('tokenAccount', keyOf(object)).map(keyOf),
    );
    return { sources: [source(secrets), ofAccount], reconcile };
  };
  return new ControllerLoop({ name: 'serviceaccount-token', workers: 1, setup }, deps);
}

/** A Secret is not deleted because its account is only not shown yet. */
async function liveAccount(deps: ControllerManagerDeps, key: string, signal: AbortSignal): Promise<AccountObject | undefined> {
  try {
    return await deps.client.get(SERVICE_ACCOUNTS, nameOf(key), { signal });
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

async function carryOut(
  deps: ControllerManagerDeps,
  { secret, account }: { secret: SecretObject; account: AccountObject | undefined },
  signal: AbortSignal,
): Promise<void> {
  const { namespace = '', name = '', uid = '', resourceVersion = '' } = secret.metadata;
  const plan = planTokenSecret(secret, account, deps.rootCa);
  try {
    if (plan.type === 'delete') {
      await deps.client.delete(SECRETS, { namespace, name }, { preconditions: { uid, resourceVersion }, signal });
    } else if (plan.type === 'fill') {
      const serviceAccount = { name: account?.metadata.name ?? '', uid: account?.metadata.uid ?? '' };
      const token = plan.needsToken ? { token: base64(deps.issueSecretToken({ namespace, serviceAccount, secret: name })) } : {};
      await deps.client.update(SECRETS, { ...plan.secret, data: { ...plan.secret.data, ...token } }, { signal });
    }
  } catch (error) {
    // It went, or somebody changed it: the informer brings what is left.
    if (!hasReason(error, 'NotFound', 'Conflict')) throw error;
  }
}

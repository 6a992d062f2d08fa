// The route behind `kts secrets-encrypt`: where encryption at rest stands, and changes to it while the server runs. Being a path that is no
// resource, it is for who may do everything (system:masters), like the Secrets themselves.

import { badRequest, internalError } from '../../api/status-error.ts';
import { messageOf } from '../../base/errors.ts';
import type { Exchange } from './exchange.ts';
import type { Route } from './routes.ts';

/** Encryption of Secrets in the store, as far as the route knows it. */
export interface SecretsEncryptionControl {
  /** Anything that JSON holds. */
  status(): object;
  rotate(): Promise<void>;
  enable(): Promise<void>;
  disable(): Promise<void>;
}

const ACTIONS = ['rotate', 'enable', 'disable'] as const;

/** GET answers the status, POST `{"action":"rotate"|"enable"|"disable"}` acts and then answers it. */
export function secretsEncryptionRoute(control: SecretsEncryptionControl): Route {
  return {
    path: '/v1-kts/secrets-encryption',
    methods: ['GET', 'POST'],
    listed: false,
    unhurried: true, // A large database is encrypted anew for minutes, and no 504 would end that.
    async handle(exchange) {
      if (exchange.method === 'POST') await act(control, await actionOf(exchange));
      exchange.send(200, { 'content-type': 'application/json' }, JSON.stringify(control.status()));
    },
  };
}

async function actionOf(exchange: Exchange): Promise<(typeof ACTIONS)[number]> {
  const text = (await exchange.body()).toString('utf8');
  const action = ACTIONS.find((name) => text === JSON.stringify({ action: name }));
  if (!action) throw badRequest(`the body must be {"action":"..."} with one of ${ACTIONS.join(', ')}`);
  return action;
}

async function act(control: SecretsEncryptionControl, action: (typeof ACTIONS)[number]): Promise<void> {
  try {
    await control[action]();
  } catch (error) {
    throw internalError(`secrets-encrypt ${action} is not finished, run it again: ${messageOf(error)}`);
  }
}

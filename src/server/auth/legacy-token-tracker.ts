// Notes at the Secrets of long-lived service-account tokens on which day they were last used, so that unused ones can be found and deleted.
// https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#legacy-serviceaccount-token-cleaner

import { dayOf, LAST_USED_LABEL } from '../../api/legacy-token.ts';
import type { ObjectName } from '../../api/object.ts';
import { isNotFound } from '../../api/status-error.ts';
import type { Clock } from '../../base/clock.ts';
import { TaskGroup } from '../../base/component.ts';
import type { Logger } from '../../base/log.ts';
import { LruMap } from '../../base/lru-map.ts';
import type { Client } from '../../client/client.ts';
import { SECRETS } from '../../client/resources.ts';

/** Secrets whose day is remembered until the label shows it: more than are used within that moment. */
const MOST_SECRETS = 1_024;

/** What it needs. */
export interface LegacyTokenTrackerDeps {
  /** A client that may write Secrets; asked for when one is to be written. */
  readonly client: () => Client;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Logger;
}

/** The tracker. A Secret is written at most once a day. */
export class LegacyTokenTracker {
  readonly #deps: LegacyTokenTrackerDeps;
  readonly #tasks: TaskGroup;
  readonly #noted = new LruMap<string, string>(MOST_SECRETS);

  constructor(deps: LegacyTokenTrackerDeps) {
    this.#deps = deps;
    this.#tasks = new TaskGroup(deps.log);
  }

  /** The token of this Secret was used; `labels` are the Secret's. */
  used(place: ObjectName, labels: Readonly<Record<string, string>> | undefined): void {
    const today = dayOf(this.#deps.clock.now());
    const key = `${place.namespace}/${place.name}`;
    if (labels?.[LAST_USED_LABEL] === today || this.#noted.get(key) === today) return;
    this.#noted.set(key, today);
    const body = { metadata: { labels: { [LAST_USED_LABEL]: today } } };
    this.#tasks.run('legacy-token', async () => {
      try {
        await this.#deps.client().patch(SECRETS, place, { type: 'merge', body });
      } catch (error) {
        // Deleted since: nobody asks when it was used.
        if (!isNotFound(error)) throw error;
      }
    });
  }

  /** Waits for what is being written. */
  stop(): Promise<void> {
    return this.#tasks.stop();
  }
}

// Brings the statuses of pods to the API: one patch at a time per pod, only what differs, the newest status wins.

import { hasReason, isNotFound } from '../../api/status-error.ts';
import type { Pod, PodStatus } from '../../api/types/core-v1.gen.ts';
import type { Clock } from '../../base/clock.ts';
import { TaskGroup } from '../../base/component.ts';
import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import type { Writer } from '../../client/client.ts';
import { PODS } from '../../client/resources.ts';
import { statusPatch } from './status-patch.ts';

/** What the manager needs. */
export interface StatusManagerDeps {
  readonly client: Pick<Writer, 'patch'>;
  readonly clock: Clock;
  readonly log: Logger;
}

const RETRY_MIN_MS = 500;
const RETRY_MAX_MS = 30_000;

interface Entry {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** What the API is known to have. */
  base: PodStatus;
  /** The version of the pod that `base` is of; 0 = not known. */
  version: number;
  desired: PodStatus;
  sending: boolean;
  /** The newest version told of meanwhile. */
  missed: Pod | undefined;
  /** The API has no such pod any more. */
  gone: boolean;
  readonly waiting: (() => void)[];
}

/** The statuses of this node's pods. Its size is that of the node's pods. */
export class StatusManager {
  readonly #deps: StatusManagerDeps;
  readonly #tasks: TaskGroup;
  readonly #entries = new Map<string, Entry>();

  constructor(deps: StatusManagerDeps) {
    this.#deps = deps;
    this.#tasks = new TaskGroup(deps.log);
  }

  /** The newest status of a pod, sent or not. */
  get(uid: string): PodStatus | undefined {
    return this.#entries.get(uid)?.desired;
  }

  /** Sets the status; `pod` is the API's object with the status it has now. Returns at once. */
  set(pod: Pod, status: PodStatus): void {
    const { uid = '', namespace = '', name = '' } = pod.metadata;
    const entry = this.#entries.get(uid);
    if (entry) {
      entry.desired = status;
      // An older version would hide what was sent since.
      if (!entry.sending && Number(pod.metadata.resourceVersion) > entry.version) entry.base = pod.status ?? {};
    } else
      this.#entries.set(uid, {
        uid,
        namespace,
        name,
        base: pod.status ?? {},
        desired: status,
        version: 0,
        sending: false,
        missed: undefined,
        gone: false,
        waiting: [],
      });
    this.#send(uid);
  }

  /** Looks at a version of the pod that the API tells of: what others changed of the kubelet's own is set right. */
  reconcile(pod: Pod): void {
    const { uid = '', resourceVersion } = pod.metadata;
    const entry = this.#entries.get(uid);
    if (!entry || Number(resourceVersion) <= entry.version) return;
    if (entry.sending) {
      entry.missed = pod;
      return;
    }
    entry.base = pod.status ?? {};
    if (statusPatch(uid, entry.base, entry.desired)) this.#send(uid);
  }

  /** Resolves when the API has the newest status, or no such pod any more. */
  async delivered(uid: string, signal: AbortSignal): Promise<void> {
    const entry = this.#entries.get(uid);
    if (!entry?.sending) return;
    await new Promise<void>((resolve, reject) => {
      const onAbort = (): void => reject(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      entry.waiting.push(() => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      });
    });
  }

  /** Forgets a pod. */
  forget(uid: string): void {
    this.#entries.delete(uid);
  }

  async stop(): Promise<void> {
    await this.#tasks.stop();
  }

  #send(uid: string): void {
    const entry = this.#entries.get(uid);
    if (!entry || entry.sending || entry.gone) return;
    entry.sending = true;
    this.#tasks.run(`status ${entry.namespace}/${entry.name}`, async (signal) => {
      try {
        await this.#deliver(entry, signal);
      } finally {
        entry.sending = false;
        for (const done of entry.waiting.splice(0)) done();
        const { missed } = entry;
        entry.missed = undefined;
        if (missed && !signal.aborted) this.reconcile(missed);
      }
    });
  }

  async #deliver(entry: Entry, signal: AbortSignal): Promise<void> {
    let delay = RETRY_MIN_MS;
    for (;;) {
      const { desired } = entry;
      const body = statusPatch(entry.uid, entry.base, desired);
      if (!body) return;
      try {
        const { namespace, name } = entry;
        const patched = await this.#deps.client.patch(
          PODS,
          { namespace, name },
          { type: 'strategic', body },
          { subresource: 'status', signal },
        );
        entry.base = patched.status ?? desired;
        // A difference that is left is somebody else's change: it is met again when the informer tells of this version.
        if (!statusPatch(entry.uid, entry.base, desired)) entry.version = Number(patched.metadata.resourceVersion);
        if (entry.desired === desired) return;
      } catch (error) {
        if (signal.aborted) throw error;
        // Another pod has the name by now, or none has.
        entry.gone = isNotFound(error) || hasReason(error, 'Conflict');
        if (entry.gone) return;
        this.#deps.log.warn('updating the status of a pod failed', { pod: `${entry.namespace}/${entry.name}`, error: messageOf(error) });
        await this.#deps.clock.sleep(delay, signal);
        delay = Math.min(delay * 2, RETRY_MAX_MS);
      }
    }
  }
}

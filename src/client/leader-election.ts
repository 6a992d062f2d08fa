// Leader election by a Lease: of several candidates one leads at a time. The rules of client-go: a lease counts as held while its
// record keeps changing, measured by the candidate's own monotonic clock, so that clocks of different machines need not agree.

import { deepEqual } from '../api/copy.ts';
import type { KubeObject, ObjectName } from '../api/object.ts';
import { isNotFound } from '../api/status-error.ts';
import type { Lease, LeaseSpec } from '../api/types/coordination-v1.gen.ts';
import { type Clock, rfc3339Micro } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import type { Client } from './client.ts';
import { LEASES } from './resources.ts';

/** Defaults of client-go's components: a lease not renewed for this long is free … */
const LEASE_MS = 15_000;
/** … its holder gives up leading when it could not renew for this long … */
const RENEW_DEADLINE_MS = 10_000;
/** … and candidates and holder act this often. */
const RETRY_MS = 2_000;

/** Options of a candidate. */
export interface LeaderElectionOptions {
  readonly lease: ObjectName;
  /** Unique among the candidates. */
  readonly identity: string;
}

type LeaseObject = Lease & KubeObject;

/** One candidate. `run` once. */
export class LeaderElection {
  readonly #options: LeaderElectionOptions;
  readonly #deps: { readonly client: Client; readonly clock: Clock; readonly log: Logger };
  /** The last record seen and when it was new. */
  #observed: { readonly spec: LeaseSpec | undefined; readonly at: number } | undefined;

  constructor(options: LeaderElectionOptions, deps: { readonly client: Client; readonly clock: Clock; readonly log: Logger }) {
    this.#options = options;
    this.#deps = deps;
  }

  /**
   * Waits for the lease, then runs `lead`, whose signal aborts when the lease is lost or `signal` aborts. Resolves when `lead`
   * has ended; the lease is given back if it is still held.
   * @throws what `lead` throws; the signal's reason when aborted before leading.
   */
  async run(lead: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void> {
    while (!(await this.#try(signal))) await this.#deps.clock.sleep(RETRY_MS, signal);
    this.#deps.log.info('leading', { lease: this.#options.lease.name, identity: this.#options.identity });
    const lost = new AbortController();
    const done = new AbortController();
    const leading = AbortSignal.any([signal, lost.signal]);
    const renewing = this.#renew(AbortSignal.any([signal, done.signal])).then(() => lost.abort());
    try {
      await lead(leading);
    } finally {
      done.abort();
      await renewing;
      await this.#release();
    }
  }

  /** Renews until aborted or the deadline has passed without success. */
  async #renew(signal: AbortSignal): Promise<void> {
    const { clock } = this.#deps;
    let renewed = clock.monotonic();
    while (!signal.aborted) {
      await clock.sleep(RETRY_MS, signal).catch(() => {
        // Aborted: the loop ends.
      });
      if (signal.aborted) return;
      const started = clock.monotonic();
      if (await this.#tryWithin(RENEW_DEADLINE_MS - (started - renewed), signal)) renewed = started;
      else if (clock.monotonic() - renewed >= RENEW_DEADLINE_MS) {
        this.#deps.log.warn('lease lost', { lease: this.#options.lease.name });
        return;
      }
    }
  }

  /** `#try`, given up after `ms`: an API that does not answer must not keep a leader that has lost its lease. */
  async #tryWithin(ms: number, signal: AbortSignal): Promise<boolean> {
    const late = new AbortController();
    const timer = this.#deps.clock.after(ms, () => late.abort());
    try {
      return await this.#try(AbortSignal.any([signal, late.signal]));
    } finally {
      timer.cancel();
    }
  }

  /** Takes or renews the lease; whether it is held now. Failures count as not held. */
  async #try(signal: AbortSignal): Promise<boolean> {
    try {
      const current = await this.#read(signal);
      if (!current) {
        const made = await this.#deps.client.create<LeaseObject>(
          LEASES,
          { metadata: { ...this.#options.lease }, spec: this.#record() },
          { signal },
        );
        this.#observe(made.spec);
        return true;
      }
      this.#observe(current.spec);
      if (!this.#mayTake(current.spec)) return false;
      const updated = await this.#deps.client.update(LEASES, { ...current, spec: this.#record(current.spec) }, { signal });
      this.#observe(updated.spec);
      return true;
    } catch (error) {
      if (!signal.aborted) this.#deps.log.debug('lease not taken', { lease: this.#options.lease.name, error });
      return false;
    }
  }

  async #read(signal?: AbortSignal): Promise<LeaseObject | undefined> {
    try {
      return await this.#deps.client.get(LEASES, this.#options.lease, { ...(signal && { signal }) });
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  #observe(spec: LeaseSpec | undefined): void {
    if (this.#observed && deepEqual(this.#observed.spec, spec)) return;
    this.#observed = { spec, at: this.#deps.clock.monotonic() };
  }

  #mayTake(spec: LeaseSpec | undefined): boolean {
    if (!spec?.holderIdentity || spec.holderIdentity === this.#options.identity) return true;
    const seen = this.#observed?.at ?? this.#deps.clock.monotonic();
    return this.#deps.clock.monotonic() - seen >= (spec.leaseDurationSeconds ?? LEASE_MS / 1000) * 1000;
  }

  #record(current: LeaseSpec = {}): LeaseSpec {
    const now = rfc3339Micro(this.#deps.clock.now());
    const mine = current.holderIdentity === this.#options.identity;
    return {
      ...current,
      holderIdentity: this.#options.identity,
      leaseDurationSeconds: LEASE_MS / 1000,
      renewTime: now,
      acquireTime: mine ? (current.acquireTime ?? now) : now,
      leaseTransitions: (current.leaseTransitions ?? 0) + (mine || !current.holderIdentity ? 0 : 1),
    };
  }

  /** Lets others lead at once. */
  async #release(): Promise<void> {
    const { lease, identity } = this.#options;
    try {
      const current = await this.#read();
      if (current?.spec?.holderIdentity !== identity) return;
      const spec = { ...current.spec, holderIdentity: '', leaseDurationSeconds: 1 };
      await this.#deps.client.update(LEASES, { ...current, spec });
    } catch (error) {
      // The others wait for the lease to run out instead.
      this.#deps.log.debug('lease not released', { lease: lease.name, error });
    }
  }
}

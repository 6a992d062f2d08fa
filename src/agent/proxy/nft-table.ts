// Brings the kernel's table to a wanted value: one nft at a time, the difference where possible, the whole otherwise.

import { messageOf } from '../../base/errors.ts';
import { type Exec, runOk } from '../../base/exec.ts';
import type { Logger } from '../../base/log.ts';
import { type Ruleset, renderWhole, TABLE } from './ruleset.ts';
import { diffRuleset } from './ruleset-diff.ts';

/** A full load of thousands of services takes about a second; a Pi is ten times slower. */
const NFT_TIMEOUT_MS = 60_000;

/** What nft last accepted, and the way to the next. Calls of `apply` must not overlap: the proxy's loop sees to that. */
export class NftTable {
  readonly #exec: Exec;
  readonly #log: Logger;
  #current: Ruleset | undefined;

  constructor(deps: { readonly exec: Exec; readonly log: Logger }) {
    this.#exec = deps.exec;
    this.#log = deps.log;
  }

  /** What the kernel has, as far as is known; `undefined` before the first load and after a failure. */
  get current(): Ruleset | undefined {
    return this.#current;
  }

  /** @throws KtsError of base/exec.ts when nft refuses the whole table; the kernel then has what it had before. */
  async apply(wanted: Ruleset): Promise<void> {
    const difference = this.#current && diffRuleset(this.#current, wanted);
    if (difference === '') return;
    if (difference !== undefined && (await this.#increment(difference))) this.#current = wanted;
    else await this.#load(wanted);
  }

  /** Forgets what is known, so that the next `apply` loads the whole table: after someone else may have touched it. */
  forget(): void {
    this.#current = undefined;
  }

  async #increment(script: string): Promise<boolean> {
    try {
      await this.#run(script);
      return true;
    } catch (error) {
      this.#log.warn('nft refused an increment; loading the whole table', { error: messageOf(error) });
      return false;
    }
  }

  async #load(wanted: Ruleset): Promise<void> {
    this.#current = undefined;
    await this.#run(renderWhole(wanted));
    this.#current = wanted;
  }

  async #run(script: string): Promise<void> {
    await runOk(this.#exec, 'nft', ['-f', '-'], { input: script, timeoutMs: NFT_TIMEOUT_MS });
  }
}

/** Removes the table, if it is there: for uninstalling. */
export async function removeNftTable(exec: Exec): Promise<void> {
  await runOk(exec, 'nft', ['-f', '-'], { input: `table ${TABLE}\ndelete table ${TABLE}\n` });
}

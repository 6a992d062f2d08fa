// Brings the kernel's table to a wanted value: one nft at a time, the difference where possible, the whole otherwise.

import { messageOf } from '../../base/errors.ts';
import { type Exec, runOk } from '../../base/exec.ts';
import type { Logger } from '../../base/log.ts';
import { type Ruleset, renderWhole, TABLE } from './ruleset.ts';
import { diffRuleset } from './ruleset-diff.ts';
import { type RulesetFile, revisionOf } from './ruleset-file.ts';

/** A full load of thousands of services takes about a second; a Pi is ten times slower. */
const NFT_TIMEOUT_MS = 60_000;

/**
 * What nft last accepted, and the way to the next. Calls of `apply` must not overlap: the proxy's loop sees to that.
 * The first call goes on from the table that an earlier process left, if its chain of revision says that it is the one on file.
 * While a whole table is replaced, a packet between the old and the new may match neither, and its client is refused (one connection
 * in some 30,000 beside a thousand loads, Linux 6.18); and a new table has forgotten the clients of session affinity.
 */
export class NftTable {
  readonly #exec: Exec;
  readonly #log: Logger;
  readonly #file: RulesetFile;
  #current: Ruleset | undefined;
  /** The chain of revision in the kernel, if known. */
  #revision = '';

  /** @param file where the accepted ruleset is kept for the next process. */
  constructor(file: RulesetFile, deps: { readonly exec: Exec; readonly log: Logger }) {
    this.#file = file;
    this.#exec = deps.exec;
    this.#log = deps.log;
  }

  /** What the kernel has, as far as is known; `undefined` before the first load and after a failure. */
  get current(): Ruleset | undefined {
    return this.#current;
  }

  /** @throws KtsError of base/exec.ts when nft refuses the whole table; the kernel then has what it had before. */
  async apply(wanted: Ruleset): Promise<void> {
    if (!this.#current) await this.#adopt();
    const difference = this.#current && diffRuleset(this.#current, wanted);
    if (difference === '') return;
    const revision = revisionOf(wanted);
    if (difference === undefined || !(await this.#increment(difference, revision))) await this.#load(wanted, revision);
    this.#current = wanted;
    this.#revision = revision;
    this.#save(wanted);
  }

  /** Forgets what is known, so that the next `apply` looks at the kernel: after someone else may have touched the table. */
  forget(): void {
    this.#current = undefined;
  }

  async #adopt(): Promise<void> {
    const saved = this.#file.read();
    if (!saved) return;
    const revision = revisionOf(saved);
    const { code } = await this.#exec.run('nft', ['list', 'chain', ...TABLE.split(' '), revision]);
    if (code !== 0) return;
    this.#current = saved;
    this.#revision = revision;
  }

  async #increment(difference: string, revision: string): Promise<boolean> {
    const renamed = `delete chain ${TABLE} ${this.#revision}\nadd chain ${TABLE} ${revision}\n`;
    try {
      await this.#run(`${difference}${this.#revision === revision ? '' : renamed}`);
      return true;
    } catch (error) {
      this.#log.warn('nft refused an increment; loading the whole table', { error: messageOf(error) });
      return false;
    }
  }

  async #load(wanted: Ruleset, revision: string): Promise<void> {
    this.#current = undefined;
    await this.#run(`${renderWhole(wanted)}add chain ${TABLE} ${revision}\n`);
  }

  async #run(script: string): Promise<void> {
    await runOk(this.#exec, 'nft', ['-f', '-'], { input: script, timeoutMs: NFT_TIMEOUT_MS });
  }

  /** A file that cannot be written costs the next process a load of the whole table, no more. */
  #save(ruleset: Ruleset): void {
    try {
      this.#file.write(ruleset);
    } catch (error) {
      this.#log.warn('the ruleset could not be saved for the next start', { error: messageOf(error) });
      this.#file.remove();
    }
  }
}

/** Removes the table, if it is there: for uninstalling. */
export async function removeNftTable(exec: Exec): Promise<void> {
  await runOk(exec, 'nft', ['-f', '-'], { input: `table ${TABLE}\ndelete table ${TABLE}\n` });
}

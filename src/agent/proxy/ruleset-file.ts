// The ruleset that nft last accepted, as a file: the next process of kts goes on from the table that this one leaves in the kernel.

import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { readTextIfThere, writeFileAtomic } from '../../base/atomic-file.ts';
import { ELEMENT_TABLE_NAMES, type Ruleset, renderWhole } from './ruleset.ts';

/**
 * Name of the empty chain that tells which ruleset the kernel has: of the rules as nft reads them, so that a release of kts that
 * writes a rule in another way does not take the old table for its own.
 */
export function revisionOf(ruleset: Ruleset): string {
  return `revision-${createHash('sha256').update(renderWhole(ruleset)).digest('hex').slice(0, 32)}`;
}

/** The file. It belongs where a boot of the machine leaves nothing, as it leaves nothing of the kernel's table. */
export class RulesetFile {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** The ruleset; undefined when there is none, or none that can be read. */
  read(): Ruleset | undefined {
    try {
      const text = readTextIfThere(this.#path);
      return text === undefined ? undefined : fromJson(JSON.parse(text));
    } catch {
      return undefined; // The whole table is loaded then, as on a first start.
    }
  }

  /** @throws what the disk says. */
  write(ruleset: Ruleset): void {
    writeFileAtomic(this.#path, JSON.stringify(toJson(ruleset)), { mode: 0o600 });
  }

  remove(): void {
    rmSync(this.#path, { force: true });
  }
}

interface RulesetJson {
  readonly base: string;
  readonly chains: [string, readonly string[]][];
  readonly elements: Record<string, [string, string][]>;
  readonly affinities: [string, number][];
}

function toJson(ruleset: Ruleset): RulesetJson {
  return {
    base: ruleset.base,
    chains: [...ruleset.chains],
    elements: Object.fromEntries([...ruleset.elements].map(([name, elements]) => [name, [...elements]])),
    affinities: [...ruleset.affinities],
  };
}

function fromJson(json: RulesetJson): Ruleset {
  return {
    base: json.base,
    chains: new Map(json.chains),
    elements: new Map(ELEMENT_TABLE_NAMES.map((name) => [name, new Map(json.elements[name])])),
    affinities: new Map(json.affinities),
  };
}

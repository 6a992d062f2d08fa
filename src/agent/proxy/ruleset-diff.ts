// The difference of two tables as one nft transaction: pure.

import { affinityType, ELEMENT_TABLE_NAMES, elementText, type Ruleset, TABLE } from './ruleset.ts';

/**
 * nft commands that turn `before` into `after`; `''` when nothing changes, `undefined` when only loading the whole table will do.
 * Unchanged chains are told by identity first, so rules that were kept cost nothing.
 */
export function diffRuleset(before: Ruleset, after: Ruleset): string | undefined {
  if (before.base !== after.base) return undefined;
  const changed = [...after.chains].filter(([name, rules]) => !sameRules(before.chains.get(name), rules));
  const gone = [...before.chains.keys()].filter((name) => !after.chains.has(name));
  const elements = diffElements(before, after);
  const setsOut = [...before.affinities].filter(([name, seconds]) => after.affinities.get(name) !== seconds);
  const setsIn = [...after.affinities].filter(([name, seconds]) => before.affinities.get(name) !== seconds);
  // References go before what they refer to, and come after it.
  const lines = [
    ...elements.out,
    ...[...changed.map(([name]) => name).filter((name) => before.chains.has(name)), ...gone].map((name) => `flush chain ${TABLE} ${name}`),
    ...gone.map((name) => `delete chain ${TABLE} ${name}`),
    ...setsOut.map(([name]) => `delete set ${TABLE} ${name}`),
    ...setsIn.map(([name, seconds]) => `add set ${TABLE} ${name} ${affinityType(seconds)}`),
    ...changed.map(([name]) => `add chain ${TABLE} ${name}`),
    ...changed.flatMap(([name, rules]) => rules.map((rule) => `add rule ${TABLE} ${name} ${rule}`)),
    ...elements.in,
  ];
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

function sameRules(a: readonly string[] | undefined, b: readonly string[]): boolean {
  return a === b || (a !== undefined && a.length === b.length && a.every((rule, i) => rule === b[i]));
}

function diffElements(before: Ruleset, after: Ruleset): { out: string[]; in: string[] } {
  const out: string[] = [];
  const into: string[] = [];
  for (const table of ELEMENT_TABLE_NAMES) {
    const old = before.elements.get(table) ?? new Map<string, string>();
    const now = after.elements.get(table) ?? new Map<string, string>();
    const removed = [...old].filter(([key, value]) => now.get(key) !== value).map(([key]) => key);
    const added = [...now].filter(([key, value]) => old.get(key) !== value).map(elementText);
    if (removed.length > 0) out.push(`delete element ${TABLE} ${table} { ${removed.join(', ')} }`);
    if (added.length > 0) into.push(`add element ${TABLE} ${table} { ${added.join(', ')} }`);
  }
  return { out, in: into };
}

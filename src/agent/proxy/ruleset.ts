// The nftables table as a value: what never changes (base chains), and what Services, endpoints and host ports put into it.
// Rendering to nft's language is here; what a Service means is service-rules.ts; the difference of two values is ruleset-diff.ts.

/** The maps and sets that carry one element per address or port. */
export type ElementTable = keyof typeof ELEMENT_TABLES;

const ADDRESS_PORT = 'ipv4_addr . inet_proto . inet_service';

/** Their declarations. */
const ELEMENT_TABLES = {
  services: `map services { type ${ADDRESS_PORT} : verdict; }`,
  nodeports: 'map nodeports { type inet_proto . inet_service : verdict; }',
  noeps: `map noeps { type ${ADDRESS_PORT} : verdict; }`,
  noepports: 'map noepports { type inet_proto . inet_service : verdict; }',
  hostports: 'map hostports { type inet_proto . inet_service : ipv4_addr . inet_service; }',
  hostportips: `map hostportips { type ${ADDRESS_PORT} : ipv4_addr . inet_service; }`,
  hairpin: 'set hairpin { type ipv4_addr . ipv4_addr; }',
} as const;

/** Names of the element tables, in the order they are declared. */
export const ELEMENT_TABLE_NAMES: readonly ElementTable[] = [
  'services',
  'nodeports',
  'noeps',
  'noepports',
  'hostports',
  'hostportips',
  'hairpin',
];

/** One element; `value` is `''` in a set. */
export interface Element {
  readonly table: ElementTable;
  readonly key: string;
  readonly value: string;
}

/** What one Service (or the host ports) contributes. */
export interface Fragment {
  /** Rules by chain name. */
  readonly chains: ReadonlyMap<string, readonly string[]>;
  readonly elements: readonly Element[];
  /** Seconds of session affinity by name of the set that remembers clients. */
  readonly affinities: ReadonlyMap<string, number>;
}

/** What the base chains depend on. */
export interface BaseRules {
  /** Prefixes of all pods of the cluster. */
  readonly clusterCidrs: readonly string[];
  /** Prefixes of Services. */
  readonly serviceCidrs: readonly string[];
  /**
   * Set to this node's pod prefix where the kernel lacks br_netfilter: replies between pods of one node then bypass the tables
   * unless the client's address is hidden.
   */
  readonly maskLocalCidr?: string;
}

/** The whole table. */
export interface Ruleset {
  readonly base: string;
  readonly chains: ReadonlyMap<string, readonly string[]>;
  readonly elements: ReadonlyMap<ElementTable, ReadonlyMap<string, string>>;
  readonly affinities: ReadonlyMap<string, number>;
}

/** Name of the table, in family `ip`. */
export const TABLE = 'ip kts';

/** Bit of the packet mark that asks for masquerading; upstream's choice, so that operators know it. */
const MARK = '0x4000';

/** Puts fragments together. Where two claim one element, the first in the order given has it. */
export function buildRuleset(base: BaseRules, fragments: Iterable<Fragment>): Ruleset {
  const chains = new Map<string, readonly string[]>();
  const elements = new Map(ELEMENT_TABLE_NAMES.map((name) => [name, new Map<string, string>()]));
  const affinities = new Map<string, number>();
  for (const fragment of fragments) {
    for (const [name, rules] of fragment.chains) chains.set(name, rules);
    for (const [name, seconds] of fragment.affinities) affinities.set(name, seconds);
    for (const { table, key, value } of fragment.elements) {
      const map = elements.get(table);
      if (map && !map.has(key)) map.set(key, value);
    }
  }
  return { base: baseChains(base), chains, elements, affinities };
}

const PORTS = 'meta l4proto { tcp, udp, sctp }';

/**
 * The chains that hang on the kernel's hooks. TCP is refused by a reset: the kernel sends only one ICMP message a second to each client,
 * and a connection that gets none waits for its time-out.
 */
function baseChains(base: BaseRules): string {
  const { maskLocalCidr: local } = base;
  const mask = local === undefined ? '' : `ct status dnat ip saddr ${local} ip daddr ${local} masquerade fully-random;`;
  return `
${intervalSet('podcidrs', base.clusterCidrs)}
${intervalSet('servicecidrs', base.serviceCidrs)}
chain do-reject { meta l4proto tcp reject with tcp reset; reject; }
chain do-mark { meta mark set meta mark or ${MARK}; }
chain local-ports {
 ${PORTS} dnat ip addr . port to ip daddr . meta l4proto . th dport map @hostportips;
 ${PORTS} dnat ip addr . port to meta l4proto . th dport map @hostports;
 ip daddr != 127.0.0.0/8 meta l4proto . th dport vmap @nodeports;
}
chain dispatch {
 ip daddr @servicecidrs ip saddr != @podcidrs jump do-mark;
 ip daddr . meta l4proto . th dport vmap @services;
 fib daddr type local jump local-ports;
}
chain no-endpoints {
 ip daddr . meta l4proto . th dport vmap @noeps;
 fib daddr type local ip daddr != 127.0.0.0/8 meta l4proto . th dport vmap @noepports;
}
chain nat-prerouting { type nat hook prerouting priority dstnat; jump dispatch; }
chain nat-output { type nat hook output priority -100; jump dispatch; }
chain nat-postrouting { type nat hook postrouting priority srcnat;
 ct status dnat oifname != "lo" ip saddr . ip daddr @hairpin masquerade fully-random;
 ct status dnat oifname != "lo" meta mark & ${MARK} == ${MARK} meta mark set meta mark & 0xffffbfff masquerade fully-random;
 ct status dnat oifname != "lo" ip saddr 127.0.0.0/8 masquerade fully-random;
 ${mask}
 ip saddr @podcidrs ip daddr != @podcidrs ip daddr != 224.0.0.0/4 masquerade fully-random;
}
chain filter-input { type filter hook input priority -110; ct state new jump no-endpoints; }
chain filter-forward { type filter hook forward priority -110; ct state new jump no-endpoints; }
chain filter-output { type filter hook output priority -110; ct state new jump no-endpoints; }
`;
}

function intervalSet(name: string, prefixes: readonly string[]): string {
  const elements = prefixes.length > 0 ? `elements = { ${prefixes.join(', ')} };` : '';
  return `set ${name} { type ipv4_addr; flags interval; auto-merge; ${elements} }`;
}

/** nft commands that replace the table by this one, in one transaction. */
export function renderWhole(ruleset: Ruleset): string {
  const lines = [`table ${TABLE}`, `delete table ${TABLE}`, `table ${TABLE} {`];
  for (const name of ELEMENT_TABLE_NAMES) {
    const elements = ruleset.elements.get(name) ?? new Map();
    const filled = elements.size > 0 ? ` elements = { ${[...elements].map(elementText).join(', ')} }; }` : ' }';
    lines.push(`${ELEMENT_TABLES[name].slice(0, -2)}${filled}`);
  }
  for (const [name, seconds] of ruleset.affinities) lines.push(`set ${name} ${affinityType(seconds)}`);
  // Chains first by name only: rules may name chains that come later.
  for (const name of ruleset.chains.keys()) lines.push(`chain ${name} { }`);
  lines.push(ruleset.base);
  for (const [name, rules] of ruleset.chains) lines.push(`chain ${name} { ${rules.map((rule) => `${rule};`).join(' ')} }`);
  lines.push('}');
  return `${lines.join('\n')}\n`;
}

/** `key : value`, or the key alone in a set. */
export function elementText([key, value]: readonly [string, string]): string {
  return value === '' ? key : `${key} : ${value}`;
}

/** The declaration of a set that remembers clients. 65 536 clients an endpoint: beyond it clients are balanced anew. */
export function affinityType(seconds: number): string {
  return `{ type ipv4_addr; size 65536; flags dynamic,timeout; timeout ${seconds}s; }`;
}

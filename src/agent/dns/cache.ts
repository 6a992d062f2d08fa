// A bounded cache of other servers' answers, and the joining of equal questions that are under way.

import type { Clock } from '../../base/clock.ts';
import type { DnsQuery, DnsReply } from './message.ts';
import { aged, type MessageLayout, messageLayout } from './wire.ts';

/** Answers kept: a node's pods ask for few outside names; at some 200 bytes each this is well below 1 MB. */
const ENTRIES_MAX = 1000;
/** Larger answers are not kept. */
const BYTES_MAX = 4096;
/** Longest time an answer is kept, as CoreDNS's usual configuration has it: a change outside is seen within half a minute. */
const KEEP_MAX_S = 30;

interface Entry {
  readonly bytes: Uint8Array;
  readonly layout: MessageLayout;
  /** Monotonic milliseconds. */
  readonly storedAt: number;
  readonly expiresAt: number;
}

/** The cache. */
export class DnsCache {
  readonly #clock: Pick<Clock, 'monotonic'>;
  /** Oldest use first. */
  readonly #entries = new Map<string, Entry>();
  readonly #pending = new Map<string, Promise<DnsReply>>();

  constructor(deps: { readonly clock: Pick<Clock, 'monotonic'> }) {
    this.#clock = deps.clock;
  }

  /** The answer kept for the question, its TTLs less by its age; else what `ask` answers, kept if it may be. */
  answer(query: DnsQuery, ask: (query: DnsQuery) => Promise<DnsReply>): Promise<DnsReply> {
    const key = keyOf(query);
    const kept = this.#get(key);
    if (kept) return Promise.resolve(kept);
    const pendingKey = `${key} ${query.transport}`;
    const pending = this.#pending.get(pendingKey);
    if (pending) return pending;
    const asking = ask(query)
      .then((reply) => {
        this.#put(key, reply);
        return reply;
      })
      .finally(() => this.#pending.delete(pendingKey));
    this.#pending.set(pendingKey, asking);
    return asking;
  }

  #get(key: string): DnsReply | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    const now = this.#clock.monotonic();
    this.#entries.delete(key);
    if (entry.expiresAt <= now) return undefined;
    this.#entries.set(key, entry);
    return { kind: 'message', bytes: aged(entry.bytes, entry.layout.ttlOffsets, Math.floor((now - entry.storedAt) / 1000)) };
  }

  #put(key: string, reply: DnsReply): void {
    if (reply.kind !== 'message' || reply.bytes.length > BYTES_MAX) return;
    const layout = messageLayout(reply.bytes);
    const isAnswer = layout.rcode === 0 || layout.rcode === 3;
    const seconds = Math.min(layout.keepSeconds, KEEP_MAX_S);
    if (layout.truncated || !isAnswer || seconds <= 0) return;
    const storedAt = this.#clock.monotonic();
    this.#entries.delete(key);
    this.#entries.set(key, { bytes: reply.bytes, layout, storedAt, expiresAt: storedAt + seconds * 1000 });
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > ENTRIES_MAX && oldest !== undefined) this.#entries.delete(oldest);
  }
}

/** Answers differ by EDNS0 and DNSSEC. */
function keyOf({ name, type, edns }: DnsQuery): string {
  return `${name} ${type} ${edns === undefined ? '' : edns.dnssec ? 'do' : 'edns'}`;
}

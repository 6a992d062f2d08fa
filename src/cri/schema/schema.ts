// The CRI and containerd message tables in the form the codec and the type generator use. Built on first use.

import { type FieldTable, type MessageTable, parseMessageTable } from '../../base/message-table.ts';
import { CONTAINERD_MESSAGES } from './containerd.ts';
import { CRI_MESSAGES_1 } from './messages-1.ts';
import { CRI_MESSAGES_2 } from './messages-2.ts';
import { CRI_MESSAGES_3 } from './messages-3.ts';
import { CRI_SERVICES } from './services.ts';

/** The tables of this schema in order. */
const TEXTS = [CRI_MESSAGES_1, CRI_MESSAGES_2, CRI_MESSAGES_3, CONTAINERD_MESSAGES];

/**
 * int64 fields that are bigint in TypeScript: times in nanoseconds since 1970, which are beyond 2^53. All other 64-bit fields are
 * numbers: sizes, limits, user ids, and CPU nanoseconds (a nanosecond may be lost after 104 CPU-days, which no rate can show).
 */
const NANOSECOND_FIELDS = new Set(['createdAt', 'startedAt', 'finishedAt', 'timestamp']);

/** Whether a field's values are bigint. */
export function isBig(field: FieldTable): boolean {
  return field.type === 'int64' && NANOSECOND_FIELDS.has(field.name);
}

/** An enum: value names by number and back. The zero value is first. */
export interface EnumNumbers {
  readonly name: string;
  readonly byNumber: ReadonlyMap<number, string>;
  readonly byName: ReadonlyMap<string, number>;
}

/** All messages and enums by name. */
export interface CriSchema {
  readonly messages: ReadonlyMap<string, MessageTable>;
  readonly enums: ReadonlyMap<string, EnumNumbers>;
}

/** One method of a CRI service. */
export interface CriMethod {
  readonly service: string;
  readonly name: string;
  readonly request: string;
  readonly response: string;
  readonly stream: boolean;
}

let built: CriSchema | undefined;

/** The schema (a constant, parsed on first use). @throws SyntaxError for a table that is not of the notation. */
export function criSchema(): CriSchema {
  built ??= build();
  return built;
}

function build(): CriSchema {
  const messages = new Map<string, MessageTable>();
  const enums = new Map<string, EnumNumbers>();
  for (const text of TEXTS) {
    const content = parseMessageTable(text);
    for (const message of content.messages) messages.set(message.name, message);
    for (const { name, values } of content.enums) {
      const pairs = values.map((v): [string, number] => [v.slice(0, v.indexOf(':')), Number(v.slice(v.indexOf(':') + 1))]);
      enums.set(name, { name, byName: new Map(pairs), byNumber: new Map(pairs.map(([k, n]) => [n, k])) });
    }
  }
  return { messages, enums };
}

/** The methods of the CRI services in the order of the table. */
export function criMethods(): readonly CriMethod[] {
  return CRI_SERVICES.trim()
    .split('\n')
    .map((row) => {
      const [service = '', name = '', request = '', response = '', stream] = row.split(' ');
      return { service, name, request, response, stream: stream === 'stream' };
    });
}

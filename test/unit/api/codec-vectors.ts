// The golden vectors: objects of every kind as upstream's own types write them, as JSON and as protobuf (scripts/golden makes them).

import { readFileSync } from 'node:fs';
import { builtinSchema, type Message } from '../../../src/api/schema/schema.ts';

export interface Vector {
  /** `group/version/Kind` */
  readonly gvk: string;
  readonly message: Message;
  readonly json: Record<string, unknown>;
  readonly proto: Buffer;
}

interface Line {
  readonly gvk: string;
  readonly json: Record<string, unknown>;
  readonly proto: string;
}

/** All vectors whose kind the schema has; and the kinds it lacks. */
export function loadVectors(): { vectors: Vector[]; missing: string[] } {
  const text = readFileSync(new URL('vectors/messages.jsonl', import.meta.url), 'utf8');
  const vectors: Vector[] = [];
  const missing: string[] = [];
  for (const line of text.trim().split('\n')) {
    const { gvk, json, proto }: Line = JSON.parse(line);
    const message = messageOf(gvk);
    if (message) vectors.push({ gvk, message, json, proto: Buffer.from(proto, 'base64') });
    else missing.push(gvk);
  }
  return { vectors, missing };
}

function messageOf(gvk: string): Message | undefined {
  const [group = '', version = '', kind = ''] = gvk.split('/');
  const schema = builtinSchema();
  const packages = [...new Set([...schema.messages()].map((m) => m.package))].filter((p) => p.group === group && p.version === version);
  return packages.map((p) => schema.message(`${p.name}.${kind}`)).find((m) => m !== undefined);
}

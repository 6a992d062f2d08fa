// YAML, read and written by the yaml package (only this file names it), which is loaded when first used.

import { KtsError, messageOf } from './errors.ts';

/** Most anchors that a document may expand to, against documents that grow without end. */
const MAX_ALIASES = 100;
/** Most characters of a key that a message shows. */
const MAX_KEY = 256;

/** A document that was read. */
export interface YamlDocument {
  /** Of keys that occur twice in a mapping, the last one counts. */
  readonly value: unknown;
  /** What is told of those keys, in the words of Kubernetes' own reader: `line 11: key "foo" already set in map`. */
  readonly duplicates: readonly string[];
}

/** `1.1` reads as Kubernetes' own tools do (`yes` is a boolean), `1.2` as people expect today. */
export type YamlDialect = '1.1' | '1.2';

/**
 * Reads one document in which no key may occur twice.
 * @throws KtsError `yaml` with one line that says what is wrong and where
 */
export async function parseYaml(text: string, dialect: YamlDialect = '1.2'): Promise<unknown> {
  const { parse } = await import('yaml');
  return inOneLine(() => parse(text, optionsOf(dialect)) as unknown);
}

/**
 * Reads one document, and tells what keys occur twice.
 * @throws KtsError `yaml` with one line that says what else is wrong and where
 */
export async function parseYamlDocument(text: string, dialect: YamlDialect = '1.2'): Promise<YamlDocument> {
  const { parseDocument } = await import('yaml');
  return inOneLine(() => {
    const document = parseDocument(text, optionsOf(dialect));
    const repeated = document.errors.filter(({ code }) => code === 'DUPLICATE_KEY');
    const fault = document.errors.find(({ code }) => code !== 'DUPLICATE_KEY');
    if (fault) throw fault;
    const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
    if (text.includes('*')) refuseCycles(value, new Set());
    const duplicates = repeated.map(
      ({ pos: [start], linePos }) => `line ${linePos?.[0].line}: key ${keyAt(text, start)} already set in map`,
    );
    return { value, duplicates };
  });
}

/** An anchor may be used inside its own value, which then has no end. @throws KtsError `yaml` */
function refuseCycles(value: unknown, above: Set<object>): void {
  if (typeof value !== 'object' || value === null) return;
  if (above.has(value)) throw new KtsError('yaml', 'anchor value contains itself');
  above.add(value);
  for (const member of Object.values(value)) refuseCycles(member, above);
  above.delete(value);
}

/** What is told of all of them together, in the words of the same reader. */
export function duplicatesText(duplicates: readonly string[]): string {
  return `yaml: unmarshal errors:${duplicates.map((text) => `\n  ${text}`).join('')}`;
}

/** The key that begins somewhere in a text, quoted. */
function keyAt(text: string, start: number): string {
  const [key = ''] = /^(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^:\n]+)/.exec(text.slice(start, start + MAX_KEY)) ?? [];
  return key.startsWith('"') ? key : JSON.stringify(key.startsWith("'") ? key.slice(1, -1).replaceAll("''", "'") : key.trim());
}

function optionsOf(dialect: YamlDialect) {
  return { maxAliasCount: MAX_ALIASES, schema: dialect === '1.1' ? 'yaml-1.1' : 'core' } as const;
}

function inOneLine<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    const [first = ''] = messageOf(error).split('\n');
    throw new KtsError('yaml', first.replace(/:$/, ''), { cause: error });
  }
}

/** Writes one document that readers of 1.1 understand too; lines are not folded, and what occurs twice is written twice. */
export async function formatYaml(value: unknown): Promise<string> {
  const { stringify } = await import('yaml');
  return stringify(value, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false });
}

// Writes the descriptions of API messages and fields, as kubectl explain shows them, to a packed JSON file.
// They come from packages that carry them as comments of their declarations, never from sources of kts:
// kubernetes-models (all of them, with the meaning of enum values), else @kubernetes/client-node (none for fields that refer to a message).
// Usage: node scripts/generate-descriptions.ts OUTPUT [NODE_MODULES]

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { SPECIAL_NAMES } from '../src/api/openapi/definitions.ts';
import { builtinSchema, type Field, type Message } from '../src/api/schema/schema.ts';

/** What is said about one message: of itself under '', of a field under its JSON name. */
type Texts = Map<string, string>;

/** Finds the declaration of a message by its full name and where it belongs. */
type Source = (name: string, home: { readonly group: string; readonly version: string }) => Texts | undefined;

const output = process.argv[2];
const packages = process.argv[3] ?? new URL('../node_modules', import.meta.url).pathname;
if (output === undefined) throw new RangeError('usage: generate-descriptions.ts OUTPUT [NODE_MODULES]');

/** Member names differ from JSON names by quotes, dashes and a leading underscore: letters and digits tell them apart. */
const memberKey = (name: string): string => name.replace(/[^A-Za-z0-9]/g, '');

/** The comments of one declaration file: of the first interface, class or type, and of its members by their key. */
function readTexts(path: string): Texts | undefined {
  if (!existsSync(path)) return undefined;
  const texts: Texts = new Map();
  const pattern = /\/\*\*((?:[^*]|\*(?!\/))*)\*\/\s*(?:export (?:declare )?(?:interface|class|type) \w+|["']?([\w$-]+)["']?\??:)/g;
  for (const [, comment = '', member] of readFileSync(path, 'utf8').matchAll(pattern)) {
    const key = member === undefined ? '' : memberKey(member);
    if (!texts.has(key)) texts.set(key, plain(comment));
  }
  return texts;
}

/** The text of a comment: without stars and escapes. */
function plain(comment: string): string {
  const lines = comment.split('\n').map((line) => line.replace(/^\s*\*? ?/, '').trimEnd());
  return lines
    .join('\n')
    .trim()
    .replaceAll(/\\([*'"])/g, '$1')
    .replaceAll('*_/', '*/');
}

const short = (name: string): string => name.slice(name.lastIndexOf('.') + 1);

const models: Source = (name, { group, version }) => {
  const machinery = /^io\.k8s\.apimachinery\.pkg\.(.*)$/.exec(name)?.[1];
  if (machinery) return readTexts(join(packages, '@kubernetes-models/apimachinery', `${machinery.replaceAll('.', '/')}.d.ts`));
  return readTexts(join(packages, 'kubernetes-models', group, version, `${short(name)}.d.ts`));
};

/** A name that several groups use has the first part of its group in front there. */
const clientNode: Source = (name, { group, version }) => {
  const part = group === '' ? 'core' : (group.split('.')[0] ?? '');
  const stem = `${version.charAt(0).toUpperCase()}${version.slice(1)}${short(name)}`;
  const prefixes = [`${part.charAt(0).toUpperCase()}${part.slice(1)}`, part === 'rbac' ? 'Rbac' : '', ''];
  const directory = join(packages, '@kubernetes/client-node/dist/gen/models');
  for (const prefix of prefixes) {
    const texts = readTexts(join(directory, `${prefix}${stem}.d.ts`));
    if (texts) return texts;
  }
  return undefined;
};

const words = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();
const LISTED = 'Possible enum values:';

/** The richer text, unless the other package, which follows the release, says something else. */
function choose(rich: string | undefined, exact: string | undefined): string | undefined {
  if (!rich || !exact) return rich || exact || undefined;
  const [prose = ''] = rich.split(LISTED);
  return words(prose) === words(exact) ? rich : exact;
}

/** What the values may be, as the API server appends it where the source does not. */
function withValues(text: string, field: Field, owner: Message): string {
  const values = field.enum === undefined ? undefined : builtinSchema().enum(owner.package, field.enum);
  if (!values || values.open || text.includes(LISTED)) return text;
  return `${text}\n\n${LISTED}\n${[...values.values]
    .sort()
    .map((value) => ` - \`${JSON.stringify(value)}\``)
    .join('\n')}`;
}

function describe(message: Message): [string, Record<string, string>] {
  const { group, version } = message.package;
  const [rich, exact] = [models, clientNode].map((source) => source(message.fullName, { group, version }));
  const fields: Record<string, string> = {};
  const names = new Set([...(message.typed ? ['apiVersion', 'kind'] : []), ...message.byJsonName.keys()]);
  for (const name of names) {
    const text = choose(rich?.get(memberKey(name)), exact?.get(memberKey(name)));
    const field = message.byJsonName.get(name);
    if (text !== undefined) fields[name] = field ? withValues(text, field, message) : text;
  }
  return [choose(rich?.get(''), exact?.get('')) ?? '', fields];
}

const all: Record<string, [string, Record<string, string>]> = {};
const count = { messages: 0, fields: 0, described: 0 };
for (const message of builtinSchema().messages()) {
  const [text, fields] = describe(message);
  count.fields += message.byJsonName.size;
  if (text === '' && Object.keys(fields).length === 0) continue;
  count.messages++;
  count.described += Object.keys(fields).length;
  all[message.fullName] = [text, fields];
}
for (const name of SPECIAL_NAMES) {
  const text = models(name, { group: '', version: 'v1' })?.get('');
  if (text) all[name] ??= [text, {}];
}
writeFileSync(output, gzipSync(JSON.stringify(all), { level: 9 }));
if (!existsSync(join(packages, 'kubernetes-models')))
  console.warn('descriptions: without kubernetes-models fields that refer to a message have none');
console.log(`descriptions: ${count.messages} messages, ${count.described} of ${count.fields} fields`);

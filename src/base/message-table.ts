// The notation in which message tables (the Kubernetes API, CRI) are written, and its parser.
// A table is text, one field a line, so that it reads like a reference page and diffs by field:
//
//   enum Protocol = TCP | UDP | SCTP           values OpenAPI lists; `open enum` = values known but not listed
//
//   Container hidden                           message header at column 0: name, then flags
//     1 name  string         emit req          field: protobuf number (`-`: JSON only), JSON name, type, flags
//     7 env   []EnvVar       list=map(name) patch=merge(name)
//
// JSON name `*` = embedded (its fields sit at the parent's JSON level), `~` = not in JSON under a name.
// Type: `[]T` list, `map[string]T` map, trailing `?` = presence is tracked (unset differs from zero).

/** Types that are not messages. The special forms (time … json) have a JSON form of their own and a fixed protobuf form. */
export const SCALAR_TYPES = new Set([
  'string',
  'bool',
  'bytes',
  'int32',
  'int64',
  'uint32',
  'uint64',
  'double',
  'float',
  'any',
  'time',
  'microtime',
  'duration',
  'quantity',
  'intstr',
  'raw',
  'fieldsv1',
  'json',
]);

/** How a list merges: whole (`atomic`), by value (`set`), or by the fields `keys` of its items (`map`). */
export interface ListType {
  readonly kind: 'atomic' | 'set' | 'map';
  readonly keys: readonly string[];
}

/** Strategic merge patch metadata of a field: strategies in order, and the merge key of list items. */
export interface PatchStrategy {
  readonly strategies: readonly string[];
  readonly key: string | undefined;
}

/** One field of a message. Absent flags are `false` / `undefined`. */
export interface FieldTable {
  /** Protobuf number; 0 for fields that exist in JSON only. */
  readonly number: number;
  /** JSON name; `''` for an embedded field and for a field without a JSON name of its own. */
  readonly name: string;
  /** Scalar type or message name; a name with a dot (`core.PodSpec`) is in another package. */
  readonly type: string;
  readonly cardinality: 'one' | 'list' | 'map';
  /** Key type of a map. */
  readonly keyType: string | undefined;
  /** Presence is tracked: unset and zero differ. */
  readonly optional: boolean;
  /** Embedded in the parent's JSON object. */
  readonly inline: boolean;
  /** Written to JSON even when zero. */
  readonly emit: boolean;
  readonly required: boolean;
  readonly listType: ListType | undefined;
  readonly patch: PatchStrategy | undefined;
  /** The map or struct is replaced as a whole by server-side apply. */
  readonly atomicMap: boolean;
  readonly default: unknown;
  /** Name of the enum the values are of. */
  readonly enum: string | undefined;
  readonly format: string | undefined;
  /** Name in the protobuf definition, where it is not the JSON name. */
  readonly protoName: string | undefined;
  /** All flags as written, for uses that need a rarer one (`gate`, `oneof`, `keys`, `omitzero`). */
  readonly flags: ReadonlyMap<string, string>;
}

/** One message: its fields in JSON output order. */
export interface MessageTable {
  readonly name: string;
  readonly fields: readonly FieldTable[];
  /** Header flags as written: `kind`, `typed`, `everywhere`, `list`, `atomic`, `json-only`, `hidden`, `form`, `union`. */
  readonly flags: ReadonlyMap<string, string>;
}

/** The values of a named string type. `open` = other values occur, so it is no OpenAPI enum. */
export interface EnumTable {
  readonly name: string;
  readonly values: readonly string[];
  readonly open: boolean;
}

/** What one table text holds. */
export interface TableContent {
  readonly messages: readonly MessageTable[];
  readonly enums: readonly EnumTable[];
}

/**
 * Parses one table.
 * @throws SyntaxError naming the line that is not of the notation.
 */
export function parseMessageTable(text: string): TableContent {
  const messages: MessageTable[] = [];
  const enums: EnumTable[] = [];
  let fields: FieldTable[] = [];
  for (const line of text.split('\n')) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    if (/^(open )?enum /.test(line)) enums.push(parseEnum(line));
    else if (line.startsWith(' ')) fields.push(parseField(line));
    else {
      const [name = '', ...flags] = line.trim().split(/\s+/);
      fields = [];
      messages.push({ name, fields, flags: parseFlags(flags) });
    }
  }
  return { messages, enums };
}

function parseEnum(line: string): EnumTable {
  const match = /^(open )?enum (\S+) = (.*)$/.exec(line);
  if (!match) throw new SyntaxError(`message table: not an enum: ${line}`);
  const values = (match[3] ?? '').split(' | ').map((v) => (v.startsWith('"') ? String(JSON.parse(v)) : v));
  return { name: match[2] ?? '', values, open: match[1] !== undefined };
}

function parseFlags(words: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    words.map((word): [string, string] => {
      const at = word.indexOf('=');
      return at < 0 ? [word, ''] : [word.slice(0, at), word.slice(at + 1)];
    }),
  );
}

function parseField(line: string): FieldTable {
  const [number = '', name = '', type = '', ...words] = line.trim().split(/\s+/);
  if (!/^(\d+|-)$/.test(number) || name === '' || type === '') throw new SyntaxError(`message table: not a field: ${line}`);
  const flags = parseFlags(words);
  const preset = flags.get('default');
  return {
    number: number === '-' ? 0 : Number(number),
    name: name === '*' || name === '~' ? '' : name,
    ...parseType(type),
    inline: name === '*',
    emit: flags.has('emit'),
    required: flags.has('req'),
    listType: parseListType(flags.get('list')),
    patch: parsePatch(flags.get('patch')),
    atomicMap: flags.get('map') === 'atomic',
    default: preset === undefined ? undefined : JSON.parse(preset),
    enum: flags.get('enum'),
    format: flags.get('format'),
    protoName: flags.get('proto'),
    flags,
  };
}

function parseType(text: string): Pick<FieldTable, 'type' | 'cardinality' | 'keyType' | 'optional'> {
  const optional = text.endsWith('?');
  const bare = optional ? text.slice(0, -1) : text;
  if (bare.startsWith('[]')) return { type: bare.slice(2), cardinality: 'list', keyType: undefined, optional };
  const map = /^map\[(\w+)\](.+)$/.exec(bare);
  if (map) return { type: map[2] ?? '', cardinality: 'map', keyType: map[1], optional };
  return { type: bare, cardinality: 'one', keyType: undefined, optional };
}

/** Splits `word(a,b)` into the word and its arguments. */
function parseCall(text: string): { word: string; args: string[] } {
  const match = /^([^(]*)(?:\(([^)]*)\))?$/.exec(text);
  return { word: match?.[1] ?? text, args: match?.[2]?.split(',') ?? [] };
}

function parseListType(text: string | undefined): ListType | undefined {
  if (text === undefined) return undefined;
  const { word, args } = parseCall(text);
  if (word !== 'atomic' && word !== 'set' && word !== 'map') throw new SyntaxError(`message table: list type ${text}`);
  return { kind: word, keys: args };
}

function parsePatch(text: string | undefined): PatchStrategy | undefined {
  if (text === undefined) return undefined;
  const { word, args } = parseCall(text);
  return { strategies: word.split(','), key: args[0] };
}

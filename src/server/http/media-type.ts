// Content negotiation: what a client sends and what it wants back, from Content-Type and Accept.
// https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-representations

import { StatusError } from '../../api/status-error.ts';

/** Encodings of API objects. */
export type Format = 'json' | 'yaml' | 'protobuf';

/** What is sent back: the encoding and, when asked, another shape of the object. */
export interface Representation {
  readonly format: Format;
  readonly as: 'object' | 'table' | 'partial';
}

const FORMATS: ReadonlyMap<string, Format> = new Map<string, Format>([
  ['application/json', 'json'],
  ['application/yaml', 'yaml'],
  ['application/vnd.kubernetes.protobuf', 'protobuf'],
]);

/** Media types of the formats: of a Table and of bare metadata too, whose kind is told by the body alone, as upstream does. */
export const MEDIA_TYPES: Readonly<Record<Format, string>> = {
  json: 'application/json',
  yaml: 'application/yaml',
  protobuf: 'application/vnd.kubernetes.protobuf',
};

/** Longest Accept header looked at: clients send a few hundred bytes. */
const MAX_ACCEPT = 4096;

/** One clause of an Accept header. */
export interface MediaRange {
  readonly type: string;
  readonly params: ReadonlyMap<string, string>;
}

/** The clauses of an Accept header, best first. */
export function parseAccept(header: string): MediaRange[] {
  const ranges = header
    .slice(0, MAX_ACCEPT)
    .split(',')
    .map((clause) => {
      const [type = '', ...params] = clause.split(';').map((part) => part.trim());
      const pairs = params.map((param): [string, string] => {
        const at = param.indexOf('=');
        return at < 0
          ? [param, '']
          : [
              param.slice(0, at).trim(),
              param
                .slice(at + 1)
                .trim()
                .replace(/^"|"$/g, ''),
            ];
      });
      return { type: type.toLowerCase(), params: new Map(pairs) };
    })
    .filter((range) => range.type !== '');
  const quality = (range: MediaRange): number => Number(range.params.get('q') ?? 1) || 0;
  return ranges.sort((a, b) => quality(b) - quality(a));
}

const JSON_OBJECT: Representation = { format: 'json', as: 'object' };

function shapeOf(range: MediaRange): Representation['as'] | undefined {
  const as = range.params.get('as');
  if (as === undefined) return 'object';
  if (range.params.get('g') !== 'meta.k8s.io' || range.params.get('v') !== 'v1') return undefined;
  if (as === 'Table') return 'table';
  return as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList' ? 'partial' : undefined;
}

const ALL_SHAPES: readonly Representation['as'][] = ['object', 'table', 'partial'];

/** What a resource can be shown as. */
export interface Showable {
  /** Default: all. */
  readonly shapes?: readonly Representation['as'][];
  /** Whether objects have a protobuf form; metadata has one always, a Table never. Default true. */
  readonly protobuf?: boolean;
}

/** What to answer with, of what the resource can be shown as. @throws StatusError NotAcceptable */
export function negotiate(accept: string | undefined, { shapes = ALL_SHAPES, protobuf = true }: Showable = {}): Representation {
  if (accept === undefined || accept === '' || accept === '*/*' || accept === 'application/json') return JSON_OBJECT;
  for (const range of parseAccept(accept)) {
    const format = range.type === '*/*' || range.type === 'application/*' ? 'json' : FORMATS.get(range.type);
    const as = shapeOf(range);
    if (format === undefined || as === undefined || !shapes.includes(as)) continue;
    if (format === 'protobuf' && (as === 'table' || (as === 'object' && !protobuf))) continue;
    return { format, as };
  }
  throw new StatusError(406, 'NotAcceptable', `only the following media types are accepted: ${formats(protobuf).join(', ')}`);
}

const formats = (protobuf: boolean): string[] =>
  [...FORMATS].flatMap(([type, format]) => (format === 'protobuf' && !protobuf ? [] : [type]));

/** The format of a request's body; none given is JSON. @throws StatusError UnsupportedMediaType */
export function bodyFormat(contentType: string | undefined): Format {
  const type = (contentType ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (type === '') return 'json';
  const format = FORMATS.get(type);
  if (format) return format;
  const accepted = [...FORMATS.keys()].join(', ');
  throw new StatusError(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${accepted}`,
  );
}

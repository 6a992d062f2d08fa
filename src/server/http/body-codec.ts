// Request bodies as objects: JSON, YAML or protobuf, read by the schema of the kind that the resource exchanges.

import type { Decoded, FieldValidation } from '../../api/codec/decode.ts';
import { cannotBeHandled } from '../../api/codec/errors.ts';
import { parseJson } from '../../api/codec/json-text.ts';
import { decodeEnvelope } from '../../api/codec/protobuf.ts';
import { isObject, sortedKeys } from '../../api/copy.ts';
import type { ObjectType } from '../../api/object-type.ts';
import { type GroupVersionKind, groupVersionString, parseGroupVersion } from '../../api/resources.ts';
import { builtinSchema } from '../../api/schema/schema.ts';
import { badRequest, StatusError } from '../../api/status-error.ts';
import { messageOf } from '../../base/errors.ts';
import { duplicatesText, parseYamlDocument, type YamlDocument } from '../../base/yaml.ts';
import { bodyFormat, MEDIA_TYPES } from './media-type.ts';

/** What a body is to be read as. */
export interface BodyShape {
  readonly type: ObjectType;
  readonly validation: FieldValidation;
  readonly warn: (text: string) => void;
  /** Options kinds are registered under every group version: clients name that of the resource. */
  readonly everyVersion?: boolean;
}

/** Reads a body. @throws StatusError BadRequest, UnsupportedMediaType */
export async function decodeBody(bytes: Buffer, contentType: string | undefined, shape: BodyShape): Promise<unknown> {
  const format = bodyFormat(contentType);
  if (format === 'protobuf') return decodeProtobuf(bytes, shape);
  const text = bytes.toString('utf8');
  const { value, duplicates } =
    format === 'json' ? { value: parsed(text, shape), duplicates: [] } : await parseYamlBody(text, shape.type.kind);
  checkTypeMeta(value, shape);
  const { type, validation } = shape;
  // Duplicate keys of JSON are seen in the text only.
  if (format === 'json') return told(type.decode(value, { validation, text }), shape);
  if (duplicates.length === 0 || validation === 'Ignore') return told(type.decode(sortedKeys(value), { validation }), shape);
  const read = type.decode(sortedKeys(value), { validation: 'Warn' });
  if (validation === 'Strict') {
    throw cannotBeHandled(type.kind, `strict decoding error: ${[duplicatesText(duplicates), ...read.warnings].join(', ')}`);
  }
  return told({ ...read, warnings: [...duplicates, ...read.warnings] }, shape);
}

function told<T>({ object, warnings }: Decoded<T>, { warn }: BodyShape): T {
  for (const warning of warnings) warn(warning);
  return object;
}

function parsed(text: string, shape: BodyShape): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    throw unrecognized(shape.type.kind, `couldn't get version/kind; json parse error: ${messageOf(error)}`, Buffer.from(text));
  }
}

/** Most bytes of a body that an error shows. */
const SHOWN_BYTES = 30;

/** 400 for a body that does not even say what it is; the beginning of it is shown, as upstream does. */
function unrecognized(kind: GroupVersionKind, why: string, body: Buffer): StatusError {
  const start = body.subarray(0, SHOWN_BYTES);
  const text = start.toString(body[0] === 0x7b ? 'utf8' : 'hex');
  const shown = body.byteLength === 0 ? '<empty>' : body.byteLength > SHOWN_BYTES ? `${text} ...` : text;
  return badRequest(`the object provided is unrecognized (must be of type ${kind.kind}): ${why} (${shown})`);
}

/** Parses YAML. @throws StatusError BadRequest */
export async function parseYamlBody(text: string, kind: GroupVersionKind): Promise<YamlDocument> {
  try {
    return await parseYamlDocument(text, '1.1');
  } catch (error) {
    throw unrecognized(kind, `couldn't get version/kind; json parse error: yaml: ${messageOf(error)}`, Buffer.from(text));
  }
}

function checkTypeMeta(value: unknown, { type: { kind }, everyVersion = false }: BodyShape): void {
  if (!isObject(value)) return;
  const { apiVersion, kind: name } = value;
  const other = typeof apiVersion === 'string' && apiVersion !== '' && apiVersion !== groupVersionString(kind);
  if (other && !everyVersion) throw wrongVersion(apiVersion, kind);
  if (typeof name === 'string' && name !== '' && name !== kind.kind) throw wrongKind(value, kind);
}

function wrongVersion(apiVersion: string, kind: GroupVersionKind): StatusError {
  return badRequest(`the API version in the data (${apiVersion}) does not match the expected API version (${groupVersionString(kind)})`);
}

function wrongKind(value: Record<string, unknown>, kind: GroupVersionKind): StatusError {
  const name = String(value['kind']);
  const apiVersion = typeof value['apiVersion'] === 'string' && value['apiVersion'] !== '' ? value['apiVersion'] : groupVersionString(kind);
  const known = parseGroupVersion(apiVersion);
  const registered = known !== undefined && builtinSchema().kind(known.group, known.version, name) !== undefined;
  if (!registered) {
    return badRequest(
      `${name} in version ${JSON.stringify(known?.version ?? apiVersion)} cannot be handled as a ${kind.kind}: no kind ${JSON.stringify(name)} is registered for version ${JSON.stringify(apiVersion)} in scheme "kts"`,
    );
  }
  const found = `${apiVersion}, Kind=${name}`;
  return badRequest(
    `${name} in version ${JSON.stringify(known?.version ?? '')} cannot be handled as a ${kind.kind}: converting (${found}) to (${groupVersionString(kind)}, Kind=${kind.kind}): unknown conversion`,
  );
}

function decodeProtobuf(bytes: Buffer, shape: BodyShape): unknown {
  const { protobuf, kind: expected } = shape.type;
  if (!protobuf) {
    const accepted = `${MEDIA_TYPES.json}, ${MEDIA_TYPES.yaml}`;
    const message = `the body of the request was in an unknown format - accepted media types include: ${accepted}`;
    throw new StatusError(415, 'UnsupportedMediaType', message);
  }
  try {
    const { kind, apiVersion, raw } = decodeEnvelope(bytes);
    checkTypeMeta({ kind, apiVersion }, shape);
    return { kind: expected.kind, apiVersion: groupVersionString(expected), ...protobuf.decode(raw) };
  } catch (error) {
    throw error instanceof StatusError ? error : unrecognized(expected, messageOf(error), bytes);
  }
}

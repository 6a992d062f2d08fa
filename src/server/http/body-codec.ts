// Request bodies as objects: JSON, YAML or protobuf, read by the schema of the kind that the resource exchanges.

import type { Decoded, FieldValidation } from '../../api/codec/decode.ts';
import { cannotBeHandled, UnreadableObject } from '../../api/codec/errors.ts';
import { jsonType } from '../../api/codec/go-types.ts';
import { parseJson } from '../../api/codec/json-text.ts';
import { decodeEnvelope } from '../../api/codec/protobuf.ts';
import { isRegistered, type SaidType, typeFault } from '../../api/codec/type-fault.ts';
import { isObject, sortedKeys } from '../../api/copy.ts';
import type { ObjectType } from '../../api/object-type.ts';
import { type GroupVersionKind, groupVersionString, parseGroupVersion } from '../../api/resources.ts';
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
  const read = format === 'json' ? { value: parsed(text, shape), duplicates: [] } : await parseYamlBody(text, shape.type.kind);
  const { duplicates } = read;
  checkTypeMeta(read.value, shape, bytes);
  const value = read.value ?? {};
  const { type, validation } = shape;
  // Duplicate keys of JSON are seen in the text only.
  if (format === 'json') return told(type.decode(value, { validation, text }), shape);
  if (duplicates.length === 0 || validation === 'Ignore') return told(type.decode(sortedKeys(value), { validation }), shape);
  const decoded = type.decode(sortedKeys(value), { validation: 'Warn' });
  if (validation === 'Strict') {
    throw cannotBeHandled(type.kind, `strict decoding error: ${[duplicatesText(duplicates), ...decoded.warnings].join(', ')}`);
  }
  return told({ ...decoded, warnings: [...duplicates, ...decoded.warnings] }, shape);
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
function unrecognized(kind: GroupVersionKind, why: string, body: Buffer): UnreadableObject {
  const start = body.subarray(0, SHOWN_BYTES);
  const text = start.toString(body[0] === 0x7b ? 'utf8' : 'hex');
  const shown = body.byteLength === 0 ? '<empty>' : body.byteLength > SHOWN_BYTES ? `${text} ...` : text;
  return new UnreadableObject(`the object provided is unrecognized (must be of type ${kind.kind}): ${why} (${shown})`, why);
}

/** Parses YAML. @throws StatusError BadRequest */
export async function parseYamlBody(text: string, kind: GroupVersionKind): Promise<YamlDocument> {
  try {
    return await parseYamlDocument(text, '1.1');
  } catch (error) {
    throw unrecognized(kind, `yaml: ${messageOf(error)}`, Buffer.from(text));
  }
}

function checkTypeMeta(value: unknown, { type, everyVersion = false }: BodyShape, bytes: Buffer): void {
  const { kind } = type;
  const fault = typeMetaFault(value);
  if (fault !== undefined) throw unrecognized(kind, fault, bytes);
  if (!isObject(value)) return;
  const apiVersion = typeof value['apiVersion'] === 'string' && value['apiVersion'] !== '' ? value['apiVersion'] : groupVersionString(kind);
  const name = typeof value['kind'] === 'string' && value['kind'] !== '' ? value['kind'] : kind.kind;
  if (name === kind.kind && (everyVersion || apiVersion === groupVersionString(kind))) return;
  throw wrongType({ apiVersion, kind: name }, type);
}

/** Go's name of what is read of every body first. */
const TYPE_META = String.raw`struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }`;

/** Why a body does not tell what it is; undefined = it does, or leaves it to the request. */
function typeMetaFault(value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined;
  const parseFault = `couldn't get version/kind; json parse error: json: cannot unmarshal`;
  if (!isObject(value)) return `${parseFault} ${jsonType(value)} into Go value of type ${TYPE_META}`;
  for (const name of ['apiVersion', 'kind']) {
    const text = value[name];
    if (text !== undefined && text !== null && typeof text !== 'string')
      return `${parseFault} ${jsonType(text)} into Go struct field .${name} of type string`;
  }
  const { apiVersion } = value;
  return typeof apiVersion === 'string' && apiVersion.split('/').length > 2 ? `unexpected GroupVersion string: ${apiVersion}` : undefined;
}

/** 400 for a body that says that it is something else. */
function wrongType(said: SaidType, { kind, protobuf }: BodyShape['type']): StatusError {
  const known = parseGroupVersion(said.apiVersion);
  // Versions of one kind are told apart late, and custom ones all belong to one kind.
  if (said.kind === kind.kind && (!protobuf || (isRegistered(said) && known?.group === kind.group)))
    return badRequest(
      `the API version in the data (${said.apiVersion}) does not match the expected API version (${groupVersionString(kind)})`,
    );
  const why = typeFault(said, kind);
  const what = `${said.kind} in version ${JSON.stringify(known?.version ?? said.apiVersion)}`;
  return new UnreadableObject(`${what} cannot be handled as a ${kind.kind}: ${why}`, why);
}

function decodeProtobuf(bytes: Buffer, shape: BodyShape): unknown {
  const { protobuf, kind: expected } = shape.type;
  if (!protobuf) {
    const accepted = `${MEDIA_TYPES.json}, ${MEDIA_TYPES.yaml}`;
    const message = `the body of the request was in an unknown format - accepted media types include: ${accepted}`;
    throw new StatusError(415, 'UnsupportedMediaType', message);
  }
  if (bytes.byteLength === 0) throw unrecognized(expected, 'empty data', bytes);
  const { kind, apiVersion, raw } = reading(
    () => decodeEnvelope(bytes),
    (why) => unrecognized(expected, why, bytes),
  );
  checkTypeMeta({ kind, apiVersion }, shape, bytes);
  const object = reading(
    () => protobuf.decode(raw),
    (why) => cannotBeHandled(expected, why),
  );
  return { kind: expected.kind, apiVersion: groupVersionString(expected), ...object };
}

/** What `read` gives; a failure of it becomes what `failure` makes of its message. */
function reading<T>(read: () => T, failure: (why: string) => StatusError): T {
  try {
    return read();
  } catch (error) {
    throw failure(messageOf(error));
  }
}

// Objects as bytes in one of the formats.

import { encodeObject } from '../../api/codec/encode.ts';
import { encodeEnvelope } from '../../api/codec/protobuf.ts';
import { parseGroupVersion } from '../../api/resources.ts';
import { builtinSchema, type Message } from '../../api/schema/schema.ts';
import { StatusError } from '../../api/status-error.ts';
import { formatYaml } from '../../base/yaml.ts';
import type { Format } from './media-type.ts';

/** The message of an object by its own kind, or undefined for custom resources. */
export function messageFor(object: { apiVersion?: string; kind?: string }): Message | undefined {
  const gv = parseGroupVersion(object.apiVersion ?? '');
  const { kind = '' } = object;
  if (!gv) return undefined;
  const known = builtinSchema().kind(gv.group, gv.version, kind);
  const shared = gv.group === '' || gv.group === 'meta.k8s.io';
  return known ?? (shared ? builtinSchema().message(`io.k8s.apimachinery.pkg.apis.meta.v1.${kind}`) : undefined);
}

/** The message that an object is as protobuf. @throws StatusError NotAcceptable for what has no protobuf form */
export function protobufMessage(object: { apiVersion?: string; kind?: string }): Message {
  const message = messageFor(object);
  if (message && !message.flags.has('json-only')) return message;
  throw new StatusError(406, 'NotAcceptable', 'only the following media types are accepted: application/json, application/yaml');
}

/** Encodes any object in a format. @throws StatusError NotAcceptable for what has no protobuf form */
export async function encodeAs(object: object & { apiVersion?: string; kind?: string }, format: Format, pretty = false): Promise<Buffer> {
  if (format === 'protobuf') return encodeEnvelope(object, protobufMessage(object));
  const message = messageFor(object);
  const value = message ? encodeObject(object, message) : object;
  if (format === 'json') return Buffer.from(`${JSON.stringify(value, undefined, pretty ? 2 : undefined)}\n`);
  return Buffer.from(await formatYaml(value));
}

/** An object as JSON, with what the API always shows. */
export function jsonText(object: object): string {
  const message = messageFor(object);
  return JSON.stringify(message ? encodeObject(object, message) : object);
}

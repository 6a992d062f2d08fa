// Handles a request to a resource: reads its options and body, calls the pipeline, sends the answer.

import { deleteOptionsType } from '../../api/builtin-type.ts';
import { UnreadableObject } from '../../api/codec/errors.ts';
import { parseJson } from '../../api/codec/json-text.ts';
import { patchFindings } from '../../api/patch/patch-findings.ts';
import { groupResourceString } from '../../api/resources.ts';
import { badRequest, StatusError } from '../../api/status-error.ts';
import type { DeleteOptions } from '../../api/types/meta-v1.gen.ts';
import type { ApiCall, PatchMediaType, Verb } from '../../client/api-backend.ts';
import type { Authorizer } from '../auth/auth.ts';
import { resourceNotFound } from '../registry/call-result.ts';
import { PATCH_TYPES, patchTypes, unsupportedPatch } from '../registry/patch-body.ts';
import type { Pipeline } from '../registry/pipeline.ts';
import type { ResourceCatalog } from '../registry/resource-catalog.ts';
import { bodyType, type ServedResource } from '../registry/served-resource.ts';
import { decodeBody, parseYamlBody } from './body-codec.ts';
import { deprecationOf } from './deprecations.ts';
import { jsonText } from './encoded-object.ts';
import type { Exchange } from './exchange.ts';
import { attributesOf, demandAccess } from './filters.ts';
import { negotiate, type Representation } from './media-type.ts';
import { deleteOptionsOf, requestOptions } from './request-options.ts';
import { type ResponseDeps, sendResult } from './response-writer.ts';
import { connectOptions, setConnectOptions } from './streaming/connect-options.ts';
import type { FanOut } from './watch-frames.ts';
import { WatchResponse } from './watch-response.ts';

/** Relays a connection of a streaming or proxy sub-resource to where it is served. */
export type ConnectHandler = (exchange: Exchange) => Promise<void>;

/** What the handler needs of the server. */
export interface ResourceHandlerDeps extends ResponseDeps {
  readonly pipeline: Pipeline;
  readonly catalog: ResourceCatalog;
  readonly authorizer: Authorizer;
  readonly fanOut: FanOut;
  /** Handlers of log, exec, attach, portforward and proxy by `resource/subresource`. */
  readonly connect: ReadonlyMap<string, ConnectHandler>;
}

const VERBS: ReadonlySet<string> = new Set(['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection']);
const NAMED_VERBS: ReadonlySet<string> = new Set(['get', 'update', 'patch', 'delete']);

/** Handles one resource request. @throws StatusError */
export async function handleResource(exchange: Exchange, deps: ResourceHandlerDeps): Promise<void> {
  const { info } = exchange;
  const served = deps.catalog.find(info);
  if (!served) throw resourceNotFound();
  const connect = deps.connect.get(`${groupResourceString(served.info)}/${info.subresource}`);
  if (connect && info.name !== '') {
    await admitConnection(exchange, served, deps);
    await connect(exchange);
    return;
  }
  const verb = checkVerb(served, exchange);
  const deprecation = served.deprecation ?? deprecationOf(served.info);
  if (deprecation !== undefined) exchange.warn(deprecation);
  // Reviews and the like are no objects with metadata: they have no other shape.
  const shapes = served.info.virtual && verb === 'create' ? { shapes: ['object'] as const } : {};
  const protobuf = bodyType(served, exchange.info.subresource).protobuf !== undefined;
  const representation = negotiate(exchange.header('accept'), { ...shapes, protobuf });
  const call = await callOf(exchange, { served, verb, deps });
  if (typeof call.body === 'object' && call.body !== null) exchange.audit?.takeRequest(call.body, jsonText);
  if (verb === 'watch') await startWatch(exchange, { served, call, representation, deps });
  else
    await sendResult(exchange, await deps.pipeline.execute(call), {
      representation,
      type: bodyType(served, exchange.info.subresource),
      deps,
    });
}

/** The verb, when resource and sub-resource have it. @throws StatusError NotFound, MethodNotAllowed */
function checkVerb(served: ServedResource, exchange: Exchange): Verb {
  const { info } = exchange;
  const sub = served.info.subresources.find((item) => item.name === info.subresource);
  if (info.subresource !== '' && !sub) throw resourceNotFound();
  if (info.rest !== '' && info.rest !== '/') throw resourceNotFound();
  const { namespaced, virtual } = served.info;
  // Only namespaces themselves are named where others name theirs.
  if (!namespaced && info.namespace !== '' && info.resource !== 'namespaces') throw resourceNotFound();
  const collection = info.verb === 'list' || info.verb === 'watch';
  const everywhere = info.name === '' && !virtual && (info.verb === 'create' || info.verb === 'deletecollection');
  if (namespaced && info.namespace === '' && everywhere) throw methodNotAllowed();
  if (namespaced && info.namespace === '' && !collection && !(info.verb === 'create' && virtual)) throw resourceNotFound();
  // A create names no object, unless it is of a sub-resource; what changes one object names it.
  if (!sub && info.verb === 'create' && info.name !== '') throw methodNotAllowed();
  if (info.name === '' && NAMED_VERBS.has(info.verb)) throw methodNotAllowed();
  const verbs = sub ? sub.verbs : served.info.verbs;
  if (!VERBS.has(info.verb) || !verbs.includes(info.verb)) throw methodNotAllowed();
  // The set holds exactly the members of the union.
  return info.verb as Verb;
}

function methodNotAllowed(): StatusError {
  return new StatusError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {});
}

/** Asks admission about a connection, which may change its options. What is only read (a log) is no connection. @throws StatusError */
async function admitConnection(exchange: Exchange, served: ServedResource, deps: ResourceHandlerDeps): Promise<void> {
  const { info, query, user, warn, signal } = exchange;
  const sub = served.info.subresources.find((item) => item.name === info.subresource);
  if (!sub || sub.connect.length === 0) return;
  const { group, version, kind } = sub;
  const gvk = { group, version, kind };
  const options = connectOptions(gvk, query, info.rest);
  const { resource, subresource, namespace, name } = info;
  const call: ApiCall = {
    verb: 'create',
    resource: { group: info.group, version: info.version, resource },
    subresource,
    namespace: served.info.namespaced ? namespace : '',
    name,
    user,
    options: {},
    warn,
    signal,
    ...(exchange.audit && { annotate: exchange.audit.annotate }),
  };
  const admitted = await deps.pipeline.connect(call, options, gvk);
  if (admitted !== options) setConnectOptions(query, gvk, admitted);
}

async function callOf(exchange: Exchange, way: { served: ServedResource; verb: Verb; deps: ResourceHandlerDeps }): Promise<ApiCall> {
  const { served, verb, deps } = way;
  const { info, query } = exchange;
  const options = requestOptions(query, verb);
  const userAgent = exchange.header('user-agent');
  const base: ApiCall = {
    verb,
    resource: { group: info.group, version: info.version, resource: info.resource },
    subresource: info.subresource,
    namespace: served.info.namespaced ? info.namespace : '',
    name: info.name,
    user: exchange.user,
    options,
    warn: exchange.warn,
    signal: exchange.signal,
    demandCreate: () => demandAccess(deps.authorizer, attributesOf(exchange.user, { ...info, verb: 'create' }, query)),
    ...(userAgent !== undefined && { userAgent }),
    ...(exchange.audit && { annotate: exchange.audit.annotate }),
  };
  if (verb === 'create' || verb === 'update') return { ...base, body: await readObject(exchange, served, options.fieldValidation) };
  if (verb === 'patch') return { ...base, ...(await readPatch(exchange, served, options.fieldValidation)) };
  if (verb === 'delete' || verb === 'deletecollection') {
    const { dryRun: asked, ...others } = options;
    const body = await readDeleteOptions(exchange, asked);
    return { ...base, body, options: { ...others, ...(body.dryRun && { dryRun: body.dryRun }) } };
  }
  return base;
}

async function readObject(exchange: Exchange, served: ServedResource, validation: string | undefined): Promise<unknown> {
  const bytes = await exchange.body();
  return await decodeBody(bytes, exchange.header('content-type'), {
    type: bodyType(served, exchange.info.subresource),
    validation: validation === 'Strict' || validation === 'Ignore' ? validation : 'Warn',
    warn: exchange.warn,
  });
}

async function readPatch(
  exchange: Exchange,
  served: ServedResource,
  validation: string | undefined,
): Promise<Pick<ApiCall, 'body' | 'findings'> & { patchType: PatchMediaType }> {
  const type = exchange.header('content-type')?.split(';')[0]?.trim() ?? '';
  const patchType = PATCH_TYPES.find((known) => known === type);
  if (!patchType) throw unsupportedPatch(patchTypes(served.type));
  const text = (await exchange.body()).toString('utf8');
  const { kind } = bodyType(served, exchange.info.subresource);
  const strict = validation !== 'Ignore';
  try {
    if (patchType !== 'application/apply-patch+yaml' || /^\s*[[{]/.test(text)) {
      const body = parseJson(text);
      return { body, patchType, ...(strict && { findings: patchFindings(text, body, patchType) }) };
    }
    const { value, duplicates } = await parseYamlBody(text, kind);
    return { body: value, patchType, ...(strict && { findings: duplicates }) };
  } catch (error) {
    throw error instanceof StatusError ? error : badRequest(`error decoding patch: ${error instanceof Error ? error.message : ''}`);
  }
}

/** The options of a delete: those of its body, or where it has none those of its query. */
async function readDeleteOptions(exchange: Exchange, dryRun: readonly string[] | undefined): Promise<DeleteOptions> {
  const bytes = await exchange.body();
  if (bytes.byteLength === 0) return { ...deleteOptionsOf(exchange.query), ...(dryRun && { dryRun: [...dryRun] }) };
  const shape = { type: deleteOptionsType(), validation: 'Ignore', warn: exchange.warn, everyVersion: true } as const;
  try {
    return (await decodeBody(bytes, exchange.header('content-type'), shape)) as DeleteOptions; // decoded as such
  } catch (error) {
    // Upstream's reader of options tells what is wrong alone.
    throw error instanceof UnreadableObject ? badRequest(error.why) : error;
  }
}

async function startWatch(
  exchange: Exchange,
  way: { served: ServedResource; call: ApiCall; representation: Representation; deps: ResourceHandlerDeps },
): Promise<void> {
  const { served, call, representation, deps } = way;
  const { fanOut, nowMs } = deps;
  const form = { type: served.type, representation, nowMs };
  const response = new WatchResponse(exchange, { ...form, fanOut, onOverflow: () => watch.close() });
  const watch = deps.pipeline.openWatch(call, response);
  if (served.conversion?.load) await watch.load();
  watch.start(call);
  exchange.onClose(() => watch.close());
  response.begin();
}

// An API server with the controller of CustomResourceDefinitions, and plain HTTPS calls against it, for tests of custom resources.

import assert from 'node:assert/strict';
import { request } from 'node:https';
import { systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/log.ts';
import { LocalClient } from '../../src/client/local-client.ts';
import { SharedInformerFactory } from '../../src/client/shared-informer.ts';
import { customResourceDefinitionController } from '../../src/server/controllers/custom-resource-definition.ts';
import type { ApiServerDeps } from '../../src/server/http/api-server.ts';
import { startTestServer, type TestServer } from './api-server.ts';

/** A JSON value that a test looks into. */
// biome-ignore lint/suspicious/noExplicitAny: answers of the API as a client without types sees them
export type Json = any;

/** What came back. */
export interface Answer {
  readonly code: number;
  readonly body: Json;
  readonly warnings: readonly string[];
}

/** Options of a call. */
export interface CallOptions {
  readonly type?: string;
  readonly accept?: string;
}

/** The world of one test file. */
export interface CustomWorld {
  readonly server: TestServer;
  readonly client: LocalClient;
  call(method: string, path: string, body?: unknown, options?: CallOptions): Promise<Answer>;
  /** The body of the answer to a call that must succeed. */
  done(method: string, path: string, body?: unknown, options?: CallOptions): Promise<Json>;
  /** Creates a definition and waits until it is served. */
  define(definition: object): Promise<void>;
  /** The answer to GET as soon as `holds` holds for it. */
  eventually(path: string, holds: (answer: Answer) => boolean): Promise<Answer>;
  stop(): Promise<void>;
}

const WAIT_MS = 5_000;
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/** Starts the server. */
export async function startCustomWorld(deps: Partial<ApiServerDeps> = {}): Promise<CustomWorld> {
  const server = await startTestServer(deps);
  const client = new LocalClient(server.server.backend, { name: 'controller', groups: ['system:masters'] });
  const shared = { client, clock: systemClock, log: silentLogger };
  const informers = new SharedInformerFactory(shared);
  const controller = customResourceDefinitionController({ ...shared, informers });
  await controller.start();
  const call: CustomWorld['call'] = (method, path, body, options = {}) => send(server, { method, path, body, ...options });
  const eventually: CustomWorld['eventually'] = async (path, holds) => {
    const end = systemClock.monotonic() + WAIT_MS;
    for (;;) {
      const answer = await call('GET', path);
      if (holds(answer)) return answer;
      assert.ok(systemClock.monotonic() < end, `${path} did not come to be: ${JSON.stringify(answer.body).slice(0, 1000)}`);
      await systemClock.sleep(10, AbortSignal.timeout(WAIT_MS));
    }
  };
  return {
    server,
    client,
    call,
    eventually,
    async done(method, path, body, options) {
      const answer = await call(method, path, body, options);
      assert.ok(answer.code < 300, `${method} ${path}: ${answer.code} ${JSON.stringify(answer.body)}`);
      return answer.body;
    },
    async define(definition) {
      const { code, body } = await call('POST', DEFINITIONS, definition);
      assert.equal(code, 201, JSON.stringify(body));
      const isEstablished = ({ body: found }: Answer): boolean =>
        found.status?.conditions?.some((condition: Json) => condition.type === 'Established' && condition.status === 'True');
      await eventually(`${DEFINITIONS}/${body.metadata.name}`, isEstablished);
    },
    async stop() {
      await controller.stop();
      await informers.stop();
      await server.stop();
    },
  };
}

function send(server: TestServer, way: { method: string; path: string; body: unknown } & CallOptions): Promise<Answer> {
  const { method, path, body, type = 'application/json', accept = 'application/json' } = way;
  return new Promise((resolve, reject) => {
    const sentBody = body === undefined ? undefined : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
    // The length is said, for node does not frame the body of a DELETE by itself.
    const headers = {
      authorization: 'Bearer admin',
      accept,
      ...(sentBody && { 'content-type': type, 'content-length': sentBody.byteLength }),
    };
    const sent = request(`${server.url}${path}`, { method, headers, ca: server.ca }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => {
        const warning = response.headers['warning'] ?? '';
        const warnings = [...String(warning).matchAll(/299 - "((?:[^"\\]|\\.)*)"/g)].map((match) =>
          (match[1] ?? '').replace(/\\(.)/g, '$1'),
        );
        resolve({ code: response.statusCode ?? 0, body: parsed(text), warnings });
      });
    });
    sent.on('error', reject);
    sent.end(sentBody);
  });
}

/** An object, the objects of lines (a watch), or text. */
function parsed(text: string): Json {
  if (!text.startsWith('{')) return text;
  const lines = text.trim().split('\n');
  return lines.length === 1 ? JSON.parse(text) : lines.map((line) => JSON.parse(line));
}

/** A definition of `widgets.<group>` with one version. */
export function definitionOf(group: string, options: { spec?: object; version?: object; schema?: object; plural?: string } = {}): object {
  const plural = options.plural ?? 'widgets';
  const kind = `${plural.charAt(0).toUpperCase()}${plural.slice(1, -1)}`;
  const schema = options.schema ?? { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural, kind },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema }, ...options.version }],
      ...options.spec,
    },
  };
}

// The aggregation layer of a real API server before a real extension API server: proxying, availability, discovery, OpenAPI.

import assert from 'node:assert/strict';
import { connect } from 'node:http2';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { after, before, describe, it } from 'node:test';
import type { KubeObject } from '../../src/api/object.ts';
import type { APIService, APIServiceCondition } from '../../src/api/types/apiregistration-v1.gen.ts';
import type { LocalClient } from '../../src/client/local-client.ts';
import { API_SERVICES, ENDPOINT_SLICES, SERVICES } from '../../src/client/resources.ts';
import { LOOPBACK_USER } from '../../src/server/auth/auth.ts';
import type { Aggregator } from '../../src/server/extensions/aggregation/aggregator.ts';
import { type AggregatedWorld, endpointsAt, eventually, FLUNDERS_SERVICE, startAggregatedWorld } from '../support/aggregated-world.ts';
import type { TestServer } from '../support/api-server.ts';
import type { ExtensionServer } from '../support/extension-server.ts';

const GV = '/apis/wardle.example.com/v1alpha1';
const FLUNDERS = `${GV}/namespaces/default/flunders`;
const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

let world: AggregatedWorld;
let server: TestServer;
let client: LocalClient;
let aggregator: Aggregator;
let extension: ExtensionServer;
let port = 0;

before(async () => {
  world = await startAggregatedWorld();
  ({ server, client, aggregator, extension, port } = world);
});
after(() => world.stop());

interface Answer {
  readonly code: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly text: string;
}

function ask(
  path: string,
  options: { method?: string; body?: string; user?: string; headers?: Record<string, string | string[]> } = {},
): Promise<Answer> {
  const { method = 'GET', body, user = 'admin', headers = {} } = options;
  const sent: RequestOptions = { method, headers: { authorization: `Bearer ${user}`, ...headers }, ca: server.ca, agent: false };
  return new Promise((resolve, reject) => {
    const request = httpsRequest(`${server.url}${path}`, sent, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve({ code: response.statusCode ?? 0, headers: response.headers, text }));
    });
    request.on('error', reject);
    request.end(body);
  });
}

const headerOf = (raw: readonly string[], name: string): string[] =>
  raw.filter((_, index) => index % 2 === 1 && raw[index - 1]?.toLowerCase() === name);

const NAME = FLUNDERS_SERVICE;
const apiService = (spec: Partial<APIService['spec']> = {}) => world.apiService(spec);
const slice = endpointsAt;
const condition = async (): Promise<APIServiceCondition | undefined> =>
  (await client.get(API_SERVICES, NAME)).status?.conditions?.find(({ type }) => type === 'Available');
const reasonIs = (reason: string) => eventually(condition, (found) => found?.reason === reason);

describe('the aggregation layer', () => {
  it('says what is missing while there is no Service, no endpoint, no right port', async () => {
    await client.create(API_SERVICES, apiService());
    assert.deepEqual(
      { ...(await reasonIs('ServiceNotFound')), lastTransitionTime: '' },
      {
        type: 'Available',
        status: 'False',
        lastTransitionTime: '',
        reason: 'ServiceNotFound',
        message: 'service/sample-api in "wardle" is not present',
      },
    );
    const refused = await ask(`${FLUNDERS}`);
    assert.equal(refused.code, 503);
    assert.equal(refused.text, 'service unavailable\n');
    assert.equal(refused.headers['content-type'], 'text/plain; charset=utf-8');
    await client.create(SERVICES, {
      metadata: { name: 'sample-api', namespace: 'wardle' },
      spec: { type: 'ClusterIP', ports: [{ name: 'https', port: 443, protocol: 'TCP' }] },
    });
    assert.equal((await reasonIs('EndpointsNotFound'))?.message, 'cannot find endpointslices for service/sample-api in "wardle"');
  });

  it('shows a group version that does not answer as stale', async () => {
    const document = JSON.parse((await ask('/apis', { headers: { accept: AGGREGATED } })).text);
    const group = document.items.find((item: KubeObject) => item.metadata.name === 'wardle.example.com');
    assert.deepEqual(group.versions, [{ version: 'v1alpha1', freshness: 'Stale' }]);
  });

  it('passes the checks when the server answers, and gives the reason when it does not', async () => {
    extension.discoveryCode = 403;
    await client.create(ENDPOINT_SLICES, slice(port));
    const failed = await reasonIs('FailedDiscoveryCheck');
    const url = `https://127.0.0.1:${port}${GV}`;
    assert.equal(failed?.message, `failing or missing response from ${url}: bad status from ${url}: 403`);
    extension.discoveryCode = 200;
    assert.equal((await reasonIs('Passed'))?.message, 'all checks passed');
    assert.equal(extension.seen.at(-1)?.proxy, 'system:auth-proxy');
  });
});

describe('requests to an aggregated group version', () => {
  it('reach the extension server with the user in headers, and nothing the client said about that', async () => {
    const spoofed = { 'X-Remote-User': 'evil', 'X-Remote-Group': 'system:masters', 'X-Remote-Extra-A': 'b', 'Impersonate-Extra-X': 'y' };
    const answer = await ask(`${FLUNDERS}?limit=5`, {
      headers: {
        ...spoofed,
        'impersonate-user': 'jane',
        'impersonate-group': 'system:masters',
        'impersonate-extra-example.com%2fteam': 'a',
      },
    });
    assert.equal(answer.code, 200);
    assert.equal(JSON.parse(answer.text).kind, 'FlunderList');
    const seen = extension.resourceRequests.at(-1);
    assert.equal(seen?.url, `${FLUNDERS}?limit=5`);
    assert.equal(seen?.headers['x-remote-user'], 'jane');
    assert.deepEqual(headerOf(seen?.raw ?? [], 'x-remote-group'), ['system:masters', 'system:authenticated']);
    assert.equal(seen?.headers['x-remote-extra-a'], undefined);
    assert.equal(seen?.headers['x-remote-extra-example.com%2fteam'], 'a');
    assert.equal(seen?.headers['authorization'], undefined);
    assert.equal(seen?.headers['impersonate-user'], undefined);
    assert.equal(seen?.headers['x-forwarded-for'], '127.0.0.1');
    assert.equal(seen?.proxy, 'system:auth-proxy');
  });

  it('create, read, replace, patch and delete', async () => {
    const object = { kind: 'Flunder', metadata: { name: 'a' }, spec: { text: 'x'.repeat(200_000) } };
    const json = { 'content-type': 'application/json' };
    assert.equal((await ask(FLUNDERS, { method: 'POST', body: JSON.stringify(object), headers: json })).code, 201);
    assert.deepEqual(JSON.parse((await ask(`${FLUNDERS}/a`)).text), object);
    await ask(`${FLUNDERS}/a`, { method: 'PUT', body: JSON.stringify({ ...object, spec: 1 }), headers: json });
    await ask(`${FLUNDERS}/a`, { method: 'PATCH', body: '{"more":2}', headers: { 'content-type': 'application/merge-patch+json' } });
    assert.deepEqual(JSON.parse((await ask(`${FLUNDERS}/a`)).text), { ...object, spec: 1, more: 2 });
    assert.equal((await ask(`${FLUNDERS}/a`, { method: 'DELETE' })).code, 200);
    assert.equal((await ask(`${FLUNDERS}/a`)).code, 404);
  });

  it('are refused here when the user may not make them', async () => {
    const before = extension.resourceRequests.length;
    const answer = await ask(FLUNDERS, { user: 'jane' });
    assert.equal(answer.code, 403);
    assert.match(
      JSON.parse(answer.text).message,
      /^flunders\.wardle\.example\.com is forbidden: User "jane" cannot list resource "flunders"/,
    );
    assert.equal(extension.resourceRequests.length, before);
  });

  for (const version of ['HTTP/1.1', 'HTTP/2'] as const) {
    it(`watch over ${version}, each event when it comes`, async () => {
      const name = version.replaceAll(/\W/g, '').toLowerCase();
      const lines = await watchUntil(version, { path: `${FLUNDERS}?watch=true`, name });
      assert.deepEqual(
        lines.map((line) => JSON.parse(line).type),
        ['BOOKMARK', 'ADDED'],
      );
    });
  }

  it('switch protocols and carry bytes both ways', async () => {
    const answer = await new Promise<string>((resolve, reject) => {
      const headers = { authorization: 'Bearer admin', connection: 'Upgrade', upgrade: 'echo', 'x-remote-user': 'evil' };
      const request = httpsRequest(`${server.url}${FLUNDERS}/a/exec`, { method: 'POST', headers, ca: server.ca, agent: false });
      request.on('upgrade', (_response, socket) => {
        socket.once('data', (chunk: Buffer) => {
          socket.destroy();
          resolve(chunk.toString());
        });
        socket.write('ping');
      });
      request.on('error', reject);
      request.end();
    });
    assert.equal(answer, 'ping');
    assert.equal(extension.resourceRequests.at(-1)?.headers['x-remote-user'], 'admin');
    assert.equal(extension.resourceRequests.at(-1)?.method, 'POST');
  });

  it('are not led elsewhere by a redirect', async () => {
    const answer = await ask(`${GV}/redirect`);
    assert.equal(answer.code, 502);
    assert.equal(answer.text, 'the backend attempted to redirect this request, which is not permitted\n');
  });

  it('fail when the certificate is not the bundle’s, unless it is not to be verified', async () => {
    const other = Buffer.from(world.requestHeaderCa.certificate).toString('base64');
    const update = async (spec: Partial<APIService['spec']>): Promise<void> => {
      const object = await client.get(API_SERVICES, NAME);
      await client.update(API_SERVICES, { ...object, spec: { ...object.spec, ...spec } });
    };
    await update({ caBundle: other });
    const answer = await eventually(
      () => ask(FLUNDERS),
      ({ code }) => code === 503,
    );
    assert.equal(answer.code, 503);
    assert.equal(
      answer.text,
      'error trying to reach service: tls: failed to verify certificate: x509: certificate signed by unknown authority\n',
    );
    await update({ caBundle: '', insecureSkipTLSVerify: true });
    assert.equal(
      (
        await eventually(
          () => ask(FLUNDERS),
          ({ code }) => code === 200,
        )
      ).code,
      200,
    );
    await update({ caBundle: apiService().spec.caBundle ?? '', insecureSkipTLSVerify: false });
  });
});

/** Watches until the event of an object that is created meanwhile has come. */
function watchUntil(version: 'HTTP/1.1' | 'HTTP/2', { path, name }: { path: string; name: string }): Promise<string[]> {
  return new Promise((resolve, reject) => {
    let text = '';
    const onData = (end: () => void) => (chunk: string) => {
      if (text === '') void ask(FLUNDERS, { method: 'POST', body: JSON.stringify({ metadata: { name } }) });
      text += chunk;
      const lines = text.split('\n').filter(Boolean);
      if (lines.length < 2) return;
      end();
      resolve(lines);
    };
    if (version === 'HTTP/1.1') {
      const headers = { authorization: 'Bearer admin' };
      const request = httpsRequest(`${server.url}${path}`, { headers, ca: server.ca, agent: false }, (response) => {
        response.setEncoding('utf8').on(
          'data',
          onData(() => request.destroy()),
        );
        response.on('error', () => {});
      });
      request.on('error', reject);
      request.end();
      return;
    }
    const session = connect(server.url, { ca: server.ca });
    session.on('error', reject);
    const stream = session.request({ ':path': path, authorization: 'Bearer admin' });
    stream.setEncoding('utf8').on(
      'data',
      onData(() => session.destroy()),
    );
    stream.on('error', () => {});
  });
}

describe('the status of an APIService', () => {
  it('keeps the conditions of others, and gets its own back when somebody takes it away', async () => {
    const others = [{ type: 'StatusUpdated', status: 'True', reason: 'E2E', message: 'Set by e2e test' }];
    await client.update(
      API_SERVICES,
      { ...(await client.get(API_SERVICES, NAME)), status: { conditions: others } },
      { subresource: 'status' },
    );
    const types = async () => ((await client.get(API_SERVICES, NAME)).status?.conditions ?? []).map(({ type }) => type).sort();
    assert.deepEqual(await eventually(types, (found) => found.length === 2), ['Available', 'StatusUpdated']);
  });
});

describe('discovery', () => {
  it('lists the group at the place its priority gives it, before custom ones and after the built-in ones', async () => {
    const groups = JSON.parse((await ask('/apis')).text).groups.map((group: { name: string }) => group.name);
    assert.equal(groups.at(-1), 'wardle.example.com');
    const group = JSON.parse((await ask('/apis/wardle.example.com')).text);
    assert.deepEqual(group.preferredVersion, { groupVersion: 'wardle.example.com/v1alpha1', version: 'v1alpha1' });
    assert.equal(JSON.parse((await ask(GV)).text).kind, 'APIResourceList');
  });

  const versions = async () => {
    const document = JSON.parse((await ask('/apis', { headers: { accept: AGGREGATED } })).text);
    return document.items.find((item: KubeObject) => item.metadata.name === 'wardle.example.com')?.versions[0];
  };

  it('shows what the extension server says of itself in the aggregated document', async () => {
    const version = await eventually(versions, (found) => found.freshness === 'Current');
    assert.equal(version.resources[0].resource, 'flunders');
    assert.deepEqual(version.resources[0].responseKind, { group: 'wardle.example.com', version: 'v1alpha1', kind: 'Flunder' });
  });
});

describe('OpenAPI', () => {
  it('v2 has the paths and definitions of the extension server, and no others of it', async () => {
    const document = JSON.parse((await ask('/openapi/v2')).text);
    const path = document.paths[`${GV}/namespaces/{namespace}/flunders`];
    assert.deepEqual(path.get.parameters, [{ name: 'pretty', in: 'query', type: 'string' }]);
    assert.equal(document.definitions['io.wardle.Flunder'].description, 'Flunder of the wardle');
    assert.ok(document.definitions['io.wardle.Spec']);
    assert.equal(document.definitions['io.wardle.Unused'], undefined);
    assert.equal(document.paths['/apis/other.example.com/v1/things'], undefined);
    assert.ok(document.paths['/api/v1/namespaces/{namespace}/pods']);
  });

  it('v3 names the document of the extension server in its index and serves it from there', async () => {
    const index = JSON.parse((await ask('/openapi/v3')).text);
    const { serverRelativeURL } = index.paths['apis/wardle.example.com/v1alpha1'];
    assert.equal(serverRelativeURL, '/openapi/v3/apis/wardle.example.com/v1alpha1?hash=ABC');
    const document = await ask(serverRelativeURL);
    assert.equal(document.headers['etag'], '"ABC"');
    assert.ok(JSON.parse(document.text).components.schemas['io.wardle.Flunder']);
    assert.equal(extension.seen.at(-1)?.headers['x-remote-user'], 'system:aggregator');
    assert.ok(index.paths['apis/apps/v1']);
  });
});

describe('a client in process', () => {
  it('reaches the resources of extension servers as it does the own ones', async () => {
    const everything = aggregator.client(client, LOOPBACK_USER);
    const { resources } = aggregator.extensions();
    const flunders = resources.find(({ resource }) => resource === 'flunders') ?? assert.fail('flunders are not known');
    assert.equal(flunders.namespaced, true);
    extension.objects.clear();
    await everything.create(flunders, { metadata: { name: 'one', namespace: 'default' } });
    assert.equal(extension.resourceRequests.at(-1)?.headers['x-remote-user'], 'system:apiserver');
    const list = await everything.list(flunders, { namespace: 'default' });
    assert.deepEqual(
      list.items.map(({ metadata }) => metadata.name),
      ['one'],
    );
    await everything.delete(flunders, { namespace: 'default', name: 'one' });
    assert.equal(extension.objects.size, 0);
    await assert.rejects(everything.get(flunders, { namespace: 'default', name: 'one' }), { reason: 'NotFound' });
    assert.equal((await everything.get(SERVICES, { namespace: 'wardle', name: 'sample-api' })).metadata.name, 'sample-api');
  });
});

describe('an extension server that goes', () => {
  it('leaves its resources shown as stale, and nothing when its APIService goes, too', async () => {
    const [flunders] = aggregator.extensions().resources;
    await client.delete(ENDPOINT_SLICES, { namespace: 'wardle', name: 'sample-api-1' });
    await reasonIs('EndpointsNotFound');
    assert.deepEqual(aggregator.extensions(), { resources: [], unreachable: [{ group: 'wardle.example.com', version: 'v1alpha1' }] });
    const listed = flunders && aggregator.client(client, LOOPBACK_USER).list(flunders, { namespace: 'default' });
    await assert.rejects(listed ?? assert.fail('flunders are not known'), { reason: 'ServiceUnavailable' });
    const document = JSON.parse((await ask('/apis', { headers: { accept: AGGREGATED } })).text);
    const version = document.items.find((item: KubeObject) => item.metadata.name === 'wardle.example.com').versions[0];
    assert.equal(version.freshness, 'Stale');
    assert.equal(version.resources.length, 1);
    await client.delete(API_SERVICES, NAME);
    assert.equal(
      (
        await eventually(
          () => ask(FLUNDERS),
          ({ code }) => code === 404,
        )
      ).code,
      404,
    );
    assert.equal((await ask('/apis/wardle.example.com')).code, 404);
    assert.equal(JSON.parse((await ask('/openapi/v3')).text).paths['apis/wardle.example.com/v1alpha1'], undefined);
  });

  it('is found by its legacy documents when it has no others', async () => {
    extension.legacy = true;
    await client.create(ENDPOINT_SLICES, slice(port));
    await client.create(API_SERVICES, apiService());
    await reasonIs('Passed');
    const document = JSON.parse((await ask('/apis', { headers: { accept: AGGREGATED } })).text);
    const [version] = document.items.find((item: KubeObject) => item.metadata.name === 'wardle.example.com').versions;
    assert.equal(version.freshness, 'Current');
    assert.deepEqual(version.resources[0].subresources, [
      {
        subresource: 'status',
        responseKind: { group: 'wardle.example.com', version: 'v1alpha1', kind: 'Flunder' },
        verbs: ['get', 'update'],
      },
    ]);
  });

  it('has its OpenAPI v2 shown as v3 when it has no other', async () => {
    extension.noOpenApiV3 = true;
    const path = 'apis/wardle.example.com/v1alpha1';
    const direct = await ask(`/openapi/v3/${path}`);
    assert.equal(direct.code, 200);
    const { serverRelativeURL } = JSON.parse((await ask('/openapi/v3')).text).paths[path];
    assert.match(serverRelativeURL, /^\/openapi\/v3\/apis\/wardle\.example\.com\/v1alpha1\?hash=[0-9A-F]{128}$/);
    const { code, text, headers } = await ask(serverRelativeURL);
    assert.deepEqual([code, headers['cache-control']], [200, 'public, immutable']);
    const document = JSON.parse(text);
    assert.deepEqual(document.info, { title: 'wardle', version: 'v0' });
    assert.deepEqual(Object.keys(document.components.schemas).sort(), ['io.wardle.Flunder', 'io.wardle.Spec']);
    assert.deepEqual(document.components.schemas['io.wardle.Flunder'].properties, {
      spec: { $ref: '#/components/schemas/io.wardle.Spec' },
    });
    assert.deepEqual(document.paths[`${GV}/namespaces/{namespace}/flunders`].get.responses, {
      200: { description: 'OK', content: { 'application/json': { schema: { $ref: '#/components/schemas/io.wardle.Flunder' } } } },
    });
    const moved = await ask(`/openapi/v3/${path}?hash=OLD`);
    assert.deepEqual([moved.code, moved.headers['location']], [301, serverRelativeURL]);
    assert.ok(JSON.parse((await ask('/openapi/v2')).text).definitions['io.wardle.Flunder']);
  });

  it('may be anywhere that an ExternalName Service names', async () => {
    await client.delete(ENDPOINT_SLICES, { namespace: 'wardle', name: 'sample-api-1' });
    await client.delete(SERVICES, { namespace: 'wardle', name: 'sample-api' });
    await reasonIs('ServiceNotFound');
    await client.create(SERVICES, {
      metadata: { name: 'sample-api', namespace: 'wardle' },
      spec: { type: 'ExternalName', externalName: 'localhost' },
    });
    const object = await client.get(API_SERVICES, NAME);
    await client.update(API_SERVICES, { ...object, spec: { ...object.spec, service: { namespace: 'wardle', name: 'sample-api', port } } });
    assert.equal((await reasonIs('Passed'))?.message, 'all checks passed');
    assert.equal((await ask(FLUNDERS)).code, 200);
  });
});

// An extension API server for tests of aggregation: HTTP/1.1 and HTTP/2 over TLS, serves `flunders` of wardle.example.com/v1alpha1 from memory.

import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { createSecureServer, type Http2SecureServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { CertifiedKey } from '../../src/base/x509.ts';

const GROUP = 'wardle.example.com';
const GV = `/apis/${GROUP}/v1alpha1`;

/** A request as the server saw it. */
export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly raw: readonly string[];
  /** Common name of the client certificate, if the server's authority of front proxies signed it. */
  readonly proxy: string | undefined;
}

/** What it is made with. */
export interface ExtensionOptions {
  readonly serving: CertifiedKey;
  /** PEM: whose client certificates are believed. */
  readonly requestHeaderCa: string;
}

const KINDS = [
  {
    name: 'flunders',
    singularName: 'flunder',
    namespaced: true,
    kind: 'Flunder',
    verbs: ['create', 'delete', 'get', 'list', 'update', 'watch'],
  },
  { name: 'flunders/status', singularName: '', namespaced: true, kind: 'Flunder', verbs: ['get', 'update'] },
];

/** The server. */
export class ExtensionServer {
  readonly seen: SeenRequest[] = [];
  /** Objects by path. */
  readonly objects = new Map<string, Record<string, unknown>>();
  /** Answers with the legacy discovery documents only. */
  legacy = false;
  /** Serves OpenAPI v2 only. */
  noOpenApiV3 = false;
  /** Code of the answer for the discovery document of the group version. */
  discoveryCode = 200;
  readonly #server: Http2SecureServer;
  readonly #sockets = new Set<Socket>();
  readonly #watches = new Set<Http2ServerResponse>();

  constructor(options: ExtensionOptions) {
    const { serving, requestHeaderCa } = options;
    this.#server = createSecureServer(
      { cert: serving.certificate, key: serving.key, ca: requestHeaderCa, requestCert: true, rejectUnauthorized: false, allowHTTP1: true },
      (request, response) => void this.#serve(request, response),
    );
    this.#server.on('upgrade', (request: IncomingMessage, socket: Duplex) => {
      this.#note(request);
      socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: echo\r\n\r\n');
      socket.pipe(socket);
    });
    this.#server.on('secureConnection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  /** The requests for resources, without those of the API server itself. */
  get resourceRequests(): SeenRequest[] {
    return this.seen.filter(({ url }) => url.startsWith(`${GV}/`));
  }

  #note(request: IncomingMessage | Http2ServerRequest): void {
    const socket = request.socket as TLSSocket;
    const certificate = socket.authorized ? socket.getPeerCertificate() : undefined;
    this.seen.push({
      method: request.method ?? '',
      url: request.url ?? '',
      headers: request.headers,
      raw: request.rawHeaders,
      proxy: certificate?.subject.CN as string | undefined,
    });
  }

  async #serve(request: Http2ServerRequest, response: Http2ServerResponse): Promise<void> {
    this.#note(request);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString('utf8');
    const url = new URL(request.url, 'https://x');
    const json = (code: number, value: object, headers: Record<string, string> = {}): void => {
      response.writeHead(code, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
    };
    if (url.pathname === `${GV}/redirect`) response.writeHead(302, { location: 'https://192.0.2.1/' }).end();
    else if (url.pathname === '/apis') this.#discovery(request, json);
    else if (url.pathname === GV)
      json(this.discoveryCode, { kind: 'APIResourceList', groupVersion: `${GROUP}/v1alpha1`, resources: KINDS });
    else if (url.pathname.startsWith('/openapi/')) this.#openApi(url, json);
    else if (url.pathname.startsWith(`${GV}/`)) this.#resource({ method: request.method, url, body }, response, json);
    else json(404, { kind: 'Status', code: 404 });
  }

  #discovery(request: Http2ServerRequest, json: (code: number, value: object, headers?: Record<string, string>) => void): void {
    if (this.legacy || !request.headers.accept?.includes('as=APIGroupDiscoveryList')) {
      json(200, { kind: 'APIGroupList', groups: [{ name: GROUP }] });
      return;
    }
    const resource = {
      resource: 'flunders',
      responseKind: { group: GROUP, version: 'v1alpha1', kind: 'Flunder' },
      scope: 'Namespaced',
      singularResource: 'flunder',
      verbs: KINDS[0]?.verbs,
    };
    const items = [{ metadata: { name: GROUP }, versions: [{ version: 'v1alpha1', resources: [resource], freshness: 'Current' }] }];
    json(
      200,
      { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', metadata: {}, items },
      {
        'content-type': 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
        etag: '"discovery-1"',
      },
    );
  }

  #openApi(url: URL, json: (code: number, value: object, headers?: Record<string, string>) => void): void {
    const schema = { type: 'object', description: 'Flunder of the wardle', properties: { spec: { $ref: '#/definitions/io.wardle.Spec' } } };
    if (url.pathname === '/openapi/v2')
      json(200, {
        swagger: '2.0',
        info: { title: 'wardle', version: 'v0' },
        paths: {
          [`${GV}/namespaces/{namespace}/flunders`]: {
            get: {
              parameters: [{ $ref: '#/parameters/pretty-1' }],
              produces: ['application/json'],
              responses: { 200: { description: 'OK', schema: { $ref: '#/definitions/io.wardle.Flunder' } } },
            },
          },
          '/apis/other.example.com/v1/things': { get: {} },
        },
        parameters: { 'pretty-1': { name: 'pretty', in: 'query', type: 'string' } },
        definitions: { 'io.wardle.Flunder': schema, 'io.wardle.Spec': { type: 'object' }, 'io.wardle.Unused': { type: 'object' } },
      });
    else if (this.noOpenApiV3) json(404, {});
    else if (url.pathname === '/openapi/v3')
      json(200, {
        paths: { [`apis/${GROUP}/v1alpha1`]: { serverRelativeURL: `/openapi/v3/apis/${GROUP}/v1alpha1?hash=ABC` }, version: {} },
      });
    else
      json(
        200,
        { openapi: '3.0.0', components: { schemas: { 'io.wardle.Flunder': schema } } },
        { etag: '"ABC"', 'cache-control': 'public, immutable' },
      );
  }

  #resource(
    request: { method: string; url: URL; body: string },
    response: Http2ServerResponse,
    json: (code: number, value: object) => void,
  ): void {
    const { method, url, body } = request;
    const path = url.pathname;
    const isCollection = path.endsWith('/flunders');
    if (isCollection && url.searchParams.get('watch') === 'true') {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write(`${JSON.stringify({ type: 'BOOKMARK', object: { metadata: { resourceVersion: '1' } } })}\n`);
      this.#watches.add(response);
      response.on('close', () => this.#watches.delete(response));
    } else if (method === 'POST') {
      const object = JSON.parse(body) as { metadata: { name: string } };
      this.objects.set(`${path}/${object.metadata.name}`, object);
      this.#tell('ADDED', object);
      json(201, object);
    } else if (isCollection) {
      const inside = path === `${GV}/flunders` ? GV : path;
      const items = [...this.objects].filter(([at]) => at.startsWith(`${inside}/`)).map(([, object]) => object);
      json(200, { kind: 'FlunderList', apiVersion: `${GROUP}/v1alpha1`, metadata: { resourceVersion: '1' }, items });
    } else this.#object({ method, path, body }, json);
  }

  #tell(type: 'ADDED' | 'DELETED', object: unknown): void {
    for (const watch of this.#watches) watch.write(`${JSON.stringify({ type, object })}\n`);
  }

  #object({ method, path, body }: { method: string; path: string; body: string }, json: (code: number, value: object) => void): void {
    const object = this.objects.get(path);
    if (method === 'DELETE' && this.objects.delete(path)) this.#tell('DELETED', object);
    if (method === 'PUT') this.objects.set(path, JSON.parse(body) as Record<string, unknown>);
    if (method === 'PATCH') this.objects.set(path, { ...object, ...(JSON.parse(body) as object) });
    const now = method === 'DELETE' ? { kind: 'Status', status: 'Success' } : this.objects.get(path);
    json(object ? 200 : 404, now ?? { kind: 'Status', status: 'Failure', reason: 'NotFound', code: 404 });
  }
}

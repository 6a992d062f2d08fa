// The fuzz run: sends requests over several HTTP/2 connections and judges each answer; then looks whether the server has kept anything.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { type ClientHttp2Session, connect, constants } from 'node:http2';
import { join } from 'node:path';
import { BUILTIN_RESOURCES } from '../../src/api/resources.ts';
import { Random } from '../support/random.ts';
import { type Answer, faultOf } from './answer-rules.ts';
import type { FuzzServerMessage } from './fuzz-server.ts';
import { collectionPath, FUZZ_NAMESPACE, type FuzzRequest, RequestMaker } from './request-maker.ts';

const CONNECTIONS = 4;
/** Requests under way on each connection. */
const STREAMS = 8;
/** An answer that takes longer is a fault. */
const ANSWER_MS = 20_000;
/** Requests that may stay open are left after this. */
const WATCH_MS = 300;
const WINDOW_BYTES = 64 << 20;
const MAY_STAY_OPEN = /watch|\/(log|exec|attach|portforward|proxy)\b/;
/** Most faults that are kept. */
const MAX_FAULTS = 50;

/** What is to be run. */
export interface FuzzOptions {
  readonly requests: number;
  readonly seed: number;
  /** Told of progress now and then. */
  readonly onProgress?: (done: number) => void;
}

/** What came of it. */
export interface FuzzReport {
  readonly answers: ReadonlyMap<number, number>;
  /** One text a fault, with the request. */
  readonly faults: readonly string[];
  /** Heap that is held after the first tenth of the run and after all of it, everything deleted. */
  readonly heapBytes: { readonly early: number; readonly late: number };
  readonly handles: { readonly early: number; readonly late: number };
}

/** Runs it. @throws when the server does not start */
export async function runFuzz(options: FuzzOptions): Promise<FuzzReport> {
  const run = new FuzzRun(options);
  await run.start();
  try {
    return await run.run();
  } finally {
    await run.stop();
  }
}

class FuzzRun {
  readonly #options: FuzzOptions;
  readonly #child: ChildProcess;
  readonly #answers = new Map<number, number>();
  readonly #faults: string[] = [];
  readonly #random: Random;
  readonly #maker: RequestMaker;
  #url = '';
  #ca = '';
  #done = 0;
  #exited = false;

  constructor(options: FuzzOptions) {
    this.#options = options;
    this.#random = new Random(options.seed);
    this.#maker = new RequestMaker(this.#random);
    this.#child = fork(join(import.meta.dirname, 'fuzz-server.ts'), [], { execArgv: ['--expose-gc', '--no-warnings'] });
    this.#child.on('message', (message: FuzzServerMessage) => {
      if (message.type === 'error') this.#fault(`log: ${message.text}`);
    });
    this.#child.on('exit', (code, signal) => {
      this.#exited = true;
      if (code !== 0) this.#fault(`the server ended with ${code ?? signal}`);
    });
  }

  async start(): Promise<void> {
    const ready = await this.#told('ready');
    this.#url = ready.url;
    this.#ca = ready.ca;
  }

  async stop(): Promise<void> {
    if (this.#exited) return;
    this.#child.send('stop');
    await once(this.#child, 'exit');
  }

  async run(): Promise<FuzzReport> {
    const { requests } = this.#options;
    await this.#connected(1, (session) => this.#makeNamespace(session));
    await this.#send(Math.ceil(requests / 10));
    const early = await this.#usage();
    await this.#send(requests - Math.ceil(requests / 10));
    const late = await this.#usage();
    return {
      answers: this.#answers,
      faults: this.#faults,
      heapBytes: { early: early.heapBytes, late: late.heapBytes },
      handles: { early: early.handles, late: late.handles },
    };
  }

  async #makeNamespace(session: ClientHttp2Session): Promise<void> {
    const body = Buffer.from(JSON.stringify({ kind: 'Namespace', apiVersion: 'v1', metadata: { name: FUZZ_NAMESPACE } }));
    await this.#ask(session, { method: 'POST', path: '/api/v1/namespaces', headers: { 'content-type': 'application/json' }, body });
  }

  async #send(count: number): Promise<void> {
    let left = count;
    const worker = async (session: ClientHttp2Session): Promise<void> => {
      while (left-- > 0 && !this.#exited) {
        await this.#one(session, this.#maker.next());
        if (++this.#done % 5000 === 0) this.#options.onProgress?.(this.#done);
      }
    };
    await this.#connected(CONNECTIONS, async (session) => {
      await Promise.all(Array.from({ length: STREAMS }, () => worker(session)));
    });
  }

  async #connected(count: number, use: (session: ClientHttp2Session) => Promise<void>): Promise<void> {
    const one = async (): Promise<void> => {
      const session = connect(this.#url, { ca: this.#ca });
      session.on('error', () => {}); // The answers under way tell.
      // What is left unread of watches must not use up what the connection may receive.
      session.once('connect', () => session.setLocalWindowSize(WINDOW_BYTES));
      try {
        await use(session);
      } finally {
        session.destroy();
      }
    };
    await Promise.all(Array.from({ length: count }, one));
  }

  async #one(session: ClientHttp2Session, request: FuzzRequest): Promise<void> {
    const answer = await this.#ask(session, request);
    if (!answer) return;
    this.#answers.set(answer.code, (this.#answers.get(answer.code) ?? 0) + 1);
    const fault = faultOf(request, answer);
    if (fault !== undefined)
      this.#fault(`${fault}\n  ${describe(request)}\n  -> ${answer.code} ${answer.body.toString('utf8').slice(0, 500)}`);
    else if (this.#random.chance(0.2)) await this.#writeBack(session, request, answer);
  }

  /** What has just been stored is read and written back as it is: it must be taken, and change nothing. */
  async #writeBack(session: ClientHttp2Session, request: FuzzRequest, { code, body }: Answer): Promise<void> {
    if ((code !== 201 && code !== 200) || !['POST', 'PUT', 'PATCH'].includes(request.method) || request.path.includes('dryRun')) return;
    const path = pathOfStored(body);
    if (path === undefined) return;
    const type = this.#random.pick(['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf']);
    const read = await this.#ask(session, { method: 'GET', path, headers: { accept: type }, body: undefined });
    if (read?.code !== 200) return;
    const write: FuzzRequest = {
      method: 'PUT',
      path: `${path}?fieldValidation=Strict`,
      headers: { 'content-type': type, accept: 'application/json' },
      body: read.body,
    };
    const answer = await this.#ask(session, write);
    if (!answer || answer.code === 409 || answer.code === 404 || answer.code === 405) return;
    if (answer.code !== 200)
      this.#fault(
        `written back as read (${type}), it is refused\n  ${path} after ${describe(request)}\n  ${read.body.toString('latin1').slice(0, 1500)}\n  -> ${answer.code} ${answer.body.toString('utf8').slice(0, 500)}`,
      );
    else if (type === 'application/json' && versionOf(answer.body) !== versionOf(read.body))
      this.#fault(
        `written back as read, it changed\n  ${path} after ${describe(request)}\n  ${read.body.toString().slice(0, 1500)}\n  -> ${answer.body.toString().slice(0, 1500)}`,
      );
  }

  #ask(session: ClientHttp2Session, { method, path, headers, body }: FuzzRequest): Promise<Answer | undefined> {
    return new Promise((resolve) => {
      try {
        const stream = session.request(
          { ':method': method, ':path': path, authorization: 'Bearer admin', ...headers },
          { endStream: false },
        );
        const chunks: Buffer[] = [];
        let head: Record<string, unknown> = {};
        let cut = false;
        const isOpen = MAY_STAY_OPEN.test(path);
        const onTime = (): void => {
          if (!isOpen)
            this.#fault(`no answer within ${ANSWER_MS} ms
  ${describe({ method, path, headers, body })}`);
          cut = true;
          stream.close(constants.NGHTTP2_CANCEL); // Without a code it would wait until the server has read the whole body.
        };
        const timer = setTimeout(onTime, isOpen ? WATCH_MS : ANSWER_MS);
        stream.on('response', (received) => {
          head = received;
        });
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('error', () => {}); // A body that is too large ends the stream early; the answer is judged.
        stream.on('close', () => {
          clearTimeout(timer);
          const code = Number(head[':status'] ?? 0);
          resolve(
            code === 0
              ? undefined
              : {
                  code,
                  type: String(head['content-type'] ?? ''),
                  encoding: String(head['content-encoding'] ?? ''),
                  body: Buffer.concat(chunks),
                  cut,
                },
          );
        });
        stream.end(body);
      } catch {
        resolve(undefined); // This client cannot even send it.
      }
    });
  }

  /** What the server holds when everything has been deleted and everybody has gone. */
  async #usage(): Promise<{ heapBytes: number; handles: number }> {
    await this.#connected(1, async (session) => {
      for (let round = 0; round < 2; round++) await this.#deleteAll(session);
    });
    this.#child.send('usage');
    return await this.#told('usage');
  }

  async #deleteAll(session: ClientHttp2Session): Promise<void> {
    for (const info of BUILTIN_RESOURCES) {
      if (!info.verbs.includes('delete') || info.virtual || ['namespaces', 'apiservices'].includes(info.resource)) continue;
      const list = await this.#ask(session, { method: 'GET', path: collectionPath(info, ''), headers: {}, body: undefined });
      for (const { metadata } of itemsOf(list)) {
        const path = `${collectionPath(info, metadata.namespace ?? '')}/${encodeURIComponent(metadata.name ?? '')}`;
        const headers = { 'content-type': 'application/merge-patch+json' };
        await this.#ask(session, { method: 'PATCH', path, headers, body: Buffer.from('{"metadata":{"finalizers":null}}') });
        await this.#ask(session, {
          method: 'DELETE',
          path: `${path}?gracePeriodSeconds=0&propagationPolicy=Background`,
          headers: {},
          body: undefined,
        });
      }
    }
  }

  #told<T extends FuzzServerMessage['type']>(type: T): Promise<Extract<FuzzServerMessage, { type: T }>> {
    return new Promise((resolve, reject) => {
      const onMessage = (message: FuzzServerMessage): void => {
        if (message.type !== type) return;
        this.#child.off('message', onMessage);
        resolve(message as Extract<FuzzServerMessage, { type: T }>); // of that type, by the line above
      };
      this.#child.on('message', onMessage);
      this.#child.once('exit', () => reject(new RangeError('the server of the fuzz run has ended')));
    });
  }

  #fault(text: string): void {
    if (this.#faults.length < MAX_FAULTS) this.#faults.push(text);
  }
}

function describe({ method, path, headers, body }: FuzzRequest): string {
  const shown = body && headers['content-type']?.includes('protobuf') ? `0x${body.toString('hex')}` : body?.toString('utf8');
  return `${method} ${path} ${JSON.stringify(headers)} ${(shown ?? '').slice(0, 2000)}`;
}

interface Shown {
  readonly kind?: string;
  readonly apiVersion?: string;
  readonly metadata: { readonly name?: string; readonly namespace?: string; readonly resourceVersion?: string };
}

function parsed(body: Buffer): Shown | undefined {
  try {
    // What the server answers is an object.
    return JSON.parse(body.toString('utf8')) as Shown;
  } catch {
    // Another format.
    return undefined;
  }
}

const versionOf = (body: Buffer): string | undefined => parsed(body)?.metadata.resourceVersion;
const itemsOf = (answer: Answer | undefined): Shown[] => (answer && (parsed(answer.body) as { items?: Shown[] } | undefined)?.items) ?? [];

/** Where an object that was answered is stored; undefined for Statuses, reviews and other formats. */
function pathOfStored(body: Buffer): string | undefined {
  const object = parsed(body);
  const { name, namespace = '', resourceVersion } = object?.metadata ?? {};
  if (!object || name === undefined || resourceVersion === undefined) return undefined;
  const info = BUILTIN_RESOURCES.find(
    (one) =>
      one.kind === object.kind && (one.group === '' ? one.version : `${one.group}/${one.version}`) === object.apiVersion && !one.virtual,
  );
  return info && `${collectionPath(info, namespace)}/${encodeURIComponent(name)}`;
}

// httpGet probes: a status of 200 to 399 is success; redirects are followed on the same host only.

import { type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http';
import type { Container, HTTPGetAction } from '../../../api/types/core-v1.gen.ts';
import { hostPort, networkFailure, probeUserAgent } from './network-failure.ts';
import { type Attempt, portNumber } from './probe-rules.ts';

/** Most bytes of a body that are read, as upstream. */
const MAX_BODY_BYTES = 10 * 1024;
/** Most redirects that are followed, as Go's client. */
const MAX_REDIRECTS = 10;

/** One request. */
interface Answer {
  readonly status: number;
  readonly location: string | undefined;
  readonly body: string;
}

/** Probes once. `signal` aborts when the time is over. */
export async function probeHttp(action: HTTPGetAction, container: Container, podIp: string, signal: AbortSignal): Promise<Attempt> {
  const port = portNumber(container, action.port);
  if (port === undefined) return { outcome: 'error', output: `couldn't find port: ${JSON.stringify(action.port)}` };
  const scheme = (action.scheme ?? 'HTTP').toLowerCase();
  const address = hostPort(action.host || podIp, port);
  const path = action.path ?? '/';
  const url = URL.parse(`${scheme}://${address}${path.startsWith('/') ? '' : '/'}${path}`);
  if (!url) return { outcome: 'error', output: `parse ${JSON.stringify(path)}: invalid path` };
  try {
    return judgeAnswer(await follow(url, headersOf(action), signal));
  } catch (error) {
    const why = signal.aborted
      ? 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)'
      : networkFailure(error, address);
    return { outcome: 'failure', output: `Get "${scheme}://${address}${url.pathname}${url.search}": ${why}` };
  }
}

function judgeAnswer({ status, body }: Answer): Attempt {
  if (status < 200 || status >= 400) return { outcome: 'failure', output: `HTTP probe failed with statuscode: ${status}` };
  if (status >= 300) return { outcome: 'warning', output: `Probe terminated redirects, Response body: ${body}` };
  return { outcome: 'success', output: body };
}

function headersOf(action: HTTPGetAction): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = { 'user-agent': probeUserAgent(), accept: '*/*' };
  const given = new Set<string>();
  for (const { name, value } of action.httpHeaders ?? []) {
    const key = name.toLowerCase();
    // An empty value takes a default header away.
    if (value === '' && key in headers) delete headers[key];
    else headers[key] = given.has(key) ? [headers[key] ?? [], value].flat() : value;
    given.add(key);
  }
  return headers;
}

async function follow(start: URL, headers: Record<string, string | string[]>, signal: AbortSignal): Promise<Answer> {
  let url = start;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const answer = await get(url, headers, signal);
    const next = [301, 302, 303, 307, 308].includes(answer.status) && answer.location ? URL.parse(answer.location, url.href) : null;
    if (next?.hostname !== url.hostname) return answer;
    url = next;
  }
  throw new RangeError(`stopped after ${MAX_REDIRECTS} redirects`);
}

async function get(url: URL, headers: Record<string, string | string[]>, signal: AbortSignal): Promise<Answer> {
  const request = url.protocol === 'https:' ? (await import('node:https')).request : requestHttp;
  // No connection is kept: each probe shows whether a new one can be made. Certificates are not verified (documented).
  const options: RequestOptions & { rejectUnauthorized: boolean } = { agent: false, headers, signal, rejectUnauthorized: false };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request(url, options, resolve).on('error', reject).end();
  });
  const body = await readStart(response);
  return { status: response.statusCode ?? 0, location: response.headers.location, body };
}

async function readStart(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= MAX_BODY_BYTES) break;
  }
  return Buffer.concat(chunks).toString('utf8', 0, Math.min(size, MAX_BODY_BYTES));
}

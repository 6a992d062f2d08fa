// An HTTPS GET of a JSON document.

import { KtsError, messageOf } from './errors.ts';

/** Most bytes of an answer that are read. */
const MAX_BYTES = 1 << 20;
const TIMEOUT_MS = 10_000;

/** The document at a URL. `ca` is the PEM to trust instead of the machine's authorities. @throws KtsError `https-get` for all but a JSON document with 200 */
export async function getJson(url: string, options: { readonly ca?: string | undefined } = {}): Promise<unknown> {
  const text = await getBody(url, options.ca);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new KtsError('https-get', `${url}: ${messageOf(error)}`, { cause: error });
  }
}

async function getBody(url: string, ca: string | undefined): Promise<string> {
  const { get } = await import('node:https');
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => reject(new KtsError('https-get', `${url}: ${why}`));
    const options = { agent: false, timeout: TIMEOUT_MS, headers: { accept: 'application/json' }, ...(ca !== undefined && { ca }) };
    const request = get(url, options, (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > MAX_BYTES) request.destroy(new KtsError('https-get', `more than ${MAX_BYTES} bytes`));
        else chunks.push(chunk);
      });
      response.on('end', () =>
        response.statusCode === 200 ? resolve(Buffer.concat(chunks).toString()) : fail(`HTTP ${response.statusCode}`),
      );
      response.on('error', (error) => fail(error.message));
    });
    request.on('timeout', () => request.destroy(new KtsError('https-get', 'no answer in time')));
    request.on('error', (error) => fail(error.message));
  });
}

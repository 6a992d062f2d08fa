// A plain HTTP GET of a small text.

import { get } from 'node:http';
import { KtsError } from './errors.ts';

/** Most bytes of an answer that are read. */
const MAX_BYTES = 64 << 10;
const TIMEOUT_MS = 3_000;

/** The body of a 200 answer. @throws KtsError `http-get` for anything else, within three seconds */
export function getText(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => reject(new KtsError('http-get', `${url}: ${why}`));
    const request = get(url, { agent: false, timeout: TIMEOUT_MS }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text = (text + chunk).slice(0, MAX_BYTES);
      });
      response.on('end', () => (response.statusCode === 200 ? resolve(text) : fail(`HTTP ${response.statusCode}`)));
      response.on('error', (error) => fail(error.message));
    });
    request.on('timeout', () => request.destroy(new KtsError('http-get', 'no answer in time')));
    request.on('error', (error) => fail(error.message));
  });
}

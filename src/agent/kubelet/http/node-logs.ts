// GET /logs/…: files below the node's log directory, and lists of directories, as a web server of static files shows them.

import { createReadStream } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { isAbort } from '../../../base/errors.ts';
import { RouteError, type RouteHandler, sendText } from './route.ts';

const escaped = (text: string): string => text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);

/** The handler for files below `directory`. */
export function nodeLogs(directory: string): RouteHandler {
  return async ({ segments, response, signal }) => {
    const root = await realpath(directory);
    const path = await realpath(join(root, ...segments)).catch((error: unknown) => {
      throw new RouteError(404, '404 page not found', error);
    });
    // Links may not lead out of the directory, whatever they are for.
    if (path !== root && !path.startsWith(`${root}/`)) throw new RouteError(404, '404 page not found');
    const status = await stat(path);
    if (status.isDirectory()) return sendText(response, await listing(path), 'text/html; charset=utf-8');
    if (!status.isFile()) throw new RouteError(404, '404 page not found');
    response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' });
    await pipeline(createReadStream(path), response, { signal }).catch((error: unknown) => {
      // The client went away, or the file was removed while it was sent: the connection says enough.
      if (!isAbort(error)) response.destroy();
    });
  };
}

async function listing(path: string): Promise<string> {
  const entries = await readdir(path, { withFileTypes: true });
  const names = entries.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name)).sort();
  const lines = names.map((name) => `<a href="${encodeURI(name)}">${escaped(name)}</a>\n`);
  return `<!doctype html>\n<meta name="viewport" content="width=device-width">\n<pre>\n${lines.join('')}</pre>\n`;
}

// The least an HTTP/2 server over TLS can do: sends one buffer to whoever asks. Prints its port. Usage: bare-server.ts FILE

import { readFileSync } from 'node:fs';
import { createSecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { SERVER_CERT, SERVER_KEY } from '../../support/test-certificates.ts';

const body = readFileSync(process.argv[2] ?? '');
const server = createSecureServer({ cert: SERVER_CERT, key: SERVER_KEY });
server.on('stream', (stream) => {
  stream.respond({ ':status': 200, 'content-type': 'application/json' });
  stream.end(body);
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo; // It listens on TCP.
  process.stdout.write(`${port}\n`);
});

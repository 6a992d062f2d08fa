// A program for network tests, run inside a namespace. `serve NAME PORT`: answers TCP and UDP on all addresses with
// "NAME CLIENT-ADDRESS". `ask tcp|udp IP PORT COUNT`: asks so often, one after the other, and prints the answers (or error codes) as JSON.

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

const [mode = '', ...rest] = process.argv.slice(2);
const TIMEOUT_MS = 1500;

function serve(name: string, port: number): void {
  createServer((socket) => {
    socket.on('error', () => {});
    socket.end(`${name} ${socket.remoteAddress?.replace('::ffff:', '')}`);
  }).listen(port, '0.0.0.0', () => {
    const udp = createSocket('udp4');
    udp.on('message', (_, from) => udp.send(`${name} ${from.address}`, from.port, from.address));
    udp.bind(port, '0.0.0.0', () => console.log('listening'));
  });
}

function askTcp(ip: string, port: number): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect({ host: ip, port });
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })));
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'));
    socket.on('close', () => resolve(text));
  });
}

async function askUdp(ip: string, port: number, count: number): Promise<string[]> {
  // One socket for all: what the kernel remembers of a flow shows.
  const socket = createSocket('udp4');
  const answers: string[] = [];
  for (let i = 0; i < count; i += 1) {
    socket.send('hello', port, ip);
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    const reply = once(socket, 'message', { signal: timeout });
    answers.push(
      await reply.then(
        ([bytes]) => String(bytes),
        (error: NodeJS.ErrnoException) => (timeout.aborted ? 'ETIMEDOUT' : (error.code ?? 'error')),
      ),
    );
  }
  socket.close();
  return answers;
}

async function ask(protocol: string, ip: string, port: number, count: number): Promise<string[]> {
  if (protocol === 'udp') return askUdp(ip, port, count);
  const answers: string[] = [];
  for (let i = 0; i < count; i += 1) answers.push(await askTcp(ip, port));
  return answers;
}

if (mode === 'serve') serve(rest[0] ?? '', Number(rest[1]));
if (mode === 'ask') console.log(JSON.stringify(await ask(rest[0] ?? '', rest[1] ?? '', Number(rest[2]), Number(rest[3] ?? 1))));

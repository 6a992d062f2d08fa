// Logs, exec, attach, cp and port-forward, over WebSocket and over SPDY.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { TestCluster } from '../support/cluster.ts';
import { shellPod, WEB } from '../support/manifests.ts';
import { eventually, run, start } from '../support/shell.ts';
import { Terminal } from '../support/terminal.ts';

const PROTOCOLS: Record<string, Record<string, string>> = {
  WebSocket: { KUBECTL_REMOTE_COMMAND_WEBSOCKETS: 'true', KUBECTL_PORT_FORWARD_WEBSOCKETS: 'true' },
  SPDY: { KUBECTL_REMOTE_COMMAND_WEBSOCKETS: 'false', KUBECTL_PORT_FORWARD_WEBSOCKETS: 'false' },
};

const digest = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** The suite. */
export function streaming(of: () => TestCluster): void {
  describe('streaming', () => {
    before(async () => {
      const { kubectl } = of();
      const count = 'i=0; while [ $i -lt 20 ]; do echo line $i; i=$((i+1)); done';
      await kubectl.apply(
        shellPod('streams', `${count}; ${WEB}`),
        shellPod('talker', 'echo ready; while read l; do echo "got $l"; done', { container: { stdin: true, stdinOnce: true } }),
      );
      await kubectl.ready('streams');
      await kubectl.ready('talker');
    });

    after(() => of().kubectl.run(['delete', 'pod', 'streams', 'talker']));

    test('logs shows all, the tail, since a time, with timestamps, and follows', async () => {
      const { kubectl } = of();
      assert.equal((await kubectl.run(['logs', 'streams'])).split('\n').length, 21);
      assert.equal(await kubectl.run(['logs', 'streams', '--tail=2']), 'line 18\nline 19\n');
      assert.equal((await kubectl.run(['logs', 'streams', '--since=1h'])).split('\n').length, 21);
      assert.match(await kubectl.run(['logs', 'streams', '--tail=1', '--timestamps']), /^\d{4}-\d\d-\d\dT[\d:.]+Z line 19\n$/);
      await kubectl.apply(shellPod('writer', 'for i in 1 2 3; do echo $i; sleep 0.3; done', { spec: { restartPolicy: 'Never' } }));
      await eventually('it has started', async () => (await kubectl.path('pod writer', '{.status.phase}')) !== 'Pending');
      assert.equal(await kubectl.run(['logs', '-f', 'writer']), '1\n2\n3\n');
      await kubectl.run(['delete', 'pod', 'writer']);
    });

    for (const [name, env] of Object.entries(PROTOCOLS)) {
      test(`exec over ${name} carries output, errors and the exit code`, async () => {
        const result = await of().kubectl.try(['exec', 'streams', '--', 'sh', '-c', 'echo out; echo err >&2; exit 7'], { env });
        assert.deepEqual([result.stdout, result.stderr.split('\n')[0], result.code], ['out\n', 'err', 7]);
      });

      test(`exec -i over ${name} carries 4 MiB and the end of standard input`, async () => {
        const input = randomBytes(4 << 20);
        const result = await of().kubectl.try(['exec', '-i', 'streams', '--', 'sh', '-c', 'sha256sum; exit 5'], { env, input });
        assert.equal(result.stdout.split(' ')[0], digest(input));
        assert.equal(result.code, 5);
      });

      test(`cp over ${name} brings a file there and back`, async () => {
        const { kubectl, server } = of();
        const [here, back] = [join(server.root, 'file.bin'), join(server.root, 'back.bin')];
        writeFileSync(here, randomBytes(1 << 20));
        await kubectl.run(['cp', here, 'streams:/tmp/file.bin'], { env });
        await kubectl.run(['cp', 'streams:/tmp/file.bin', back], { env });
        assert.equal(digest(readFileSync(back)), digest(readFileSync(here)));
      });

      test(`port-forward over ${name} carries requests`, async () => {
        const { kubectl, server } = of();
        const [program = '', ...words] = kubectl.words(['port-forward', 'pod/streams', ':8080']);
        const child = start(program, words, { ...env, HOME: server.root });
        try {
          const text = await new Promise<string>((resolve, reject) => {
            child.stdout?.on('data', (chunk: Buffer) => resolve(chunk.toString()));
            child.once('exit', (code) => reject(new Error(`port-forward ended with ${code}`)));
          });
          const port = /127\.0\.0\.1:(\d+)/.exec(text)?.[1];
          for (let i = 0; i < 3; i++) {
            const answer = await run('nsenter', [
              `--net=/run/netns/${server.machine.netns}`,
              'curl',
              '-sf',
              '-m',
              '5',
              `http://127.0.0.1:${port}/`,
            ]);
            assert.equal(answer.stdout, 'streams\n');
          }
        } finally {
          child.kill();
        }
      });

      test(`exec -it over ${name} gives a terminal that follows the size of the window`, async () => {
        const { kubectl, server } = of();
        const [program = '', ...words] = kubectl.words(['exec', '-it', 'streams', '--', 'sh']);
        const terminal = new Terminal(program, words, { ...env, HOME: server.root });
        try {
          terminal.type('tty');
          await terminal.until(/\/dev\/pts\/\d+/);
          terminal.type('stty size');
          await terminal.until(/24 80/);
          terminal.resize(100, 30);
          await eventually('the new size', async () => {
            terminal.type('stty size');
            return /30 100/.test(await terminal.until(/\d+ \d+\r/));
          });
          terminal.type('exit 3');
          assert.equal(await terminal.exit(), 3);
        } finally {
          terminal.close();
        }
      });
    }

    test('attach talks to the process of the container', async () => {
      const { kubectl } = of();
      const result = await kubectl.try(['attach', '-i', 'talker'], { input: 'one\ntwo\n' });
      assert.match(result.stdout, /got one\ngot two\n/);
    });

    test('exec in a pod or container that is not there says so', async () => {
      const { kubectl } = of();
      assert.match((await kubectl.try(['exec', 'none', '--', 'true'])).stderr, /pods "none" not found/);
      assert.match(
        (await kubectl.try(['exec', 'streams', '-c', 'none', '--', 'true'])).stderr,
        /container none is not valid for pod streams|container not found|container none not found/,
      );
      const missing = await kubectl.try(['exec', 'streams', '--', 'no-such-program']);
      assert.notEqual(missing.code, 0);
      assert.match(missing.stderr, /no-such-program/);
    });
  });
}

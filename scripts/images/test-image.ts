// The image for tests, test.local/busybox:1, from the machine's static busybox (Debian: busybox-static).
// From the command line: `node test-image.ts <file.tar> [name]`.

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { buildImage, type ImageFile } from './build-image.ts';

/** Name of the test image. */
export const TEST_IMAGE = 'test.local/busybox:1';

const file = (path: string, text: string): ImageFile => ({ path, mode: 0o644, content: Buffer.from(text) });
const directory = (path: string, mode = 0o755): ImageFile => ({ path, mode, content: 'directory' });

/** The archive. `busybox` is the path of a static busybox; its links are those it lists. */
export async function testImage(options: { readonly name?: string; readonly busybox?: string } = {}): Promise<Uint8Array> {
  const busybox = options.busybox ?? '/bin/busybox';
  const applets = execFileSync(busybox, ['--list'], { encoding: 'utf8' }).trim().split('\n');
  return buildImage({
    name: options.name ?? TEST_IMAGE,
    architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
    files: [
      ...['bin', 'dev', 'etc', 'proc', 'root', 'sys', 'usr', 'var', 'home'].map((d) => directory(d)),
      directory('tmp', 0o1777),
      file(
        'etc/passwd',
        'root:x:0:0:root:/root:/bin/sh\ndaemon:x:1:1:daemon:/usr/sbin:/bin/false\nnobody:x:65534:65534:nobody:/:/bin/false\n',
      ),
      file('etc/group', 'root:x:0:\ndaemon:x:1:\nnogroup:x:65534:\n'),
      { path: 'bin/busybox', mode: 0o755, content: readFileSync(busybox) },
      ...applets.filter((a) => a !== 'busybox').map((a): ImageFile => ({ path: `bin/${a}`, mode: 0o777, content: { link: 'busybox' } })),
    ],
    cmd: ['sh'],
  });
}

if (import.meta.main) {
  const [out, name] = process.argv.slice(2);
  if (!out) {
    process.stderr.write('usage: test-image.ts <file.tar> [name]\n');
    process.exit(1);
  }
  writeFileSync(out, await testImage(name === undefined ? {} : { name }));
}

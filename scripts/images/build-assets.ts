// Compiles the programs of the built-in images and writes their archives: `node build-assets.ts <out dir> [amd64|arm64]`.
// `CC` names the compiler; for another architecture than this machine's it must be a cross compiler.

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildImage } from './build-image.ts';

const HERE = import.meta.dirname;
const FLAGS = [
  ...['-Os', '-static', '-nostdlib', '-ffreestanding', '-fno-builtin', '-fno-stack-protector', '-fno-asynchronous-unwind-tables'],
  ...['-fno-pie', '-no-pie', '-Wl,--build-id=none,-z,noseparate-code', '-s', '-Wall', '-Wextra', '-Werror'],
];

type Architecture = 'amd64' | 'arm64';

/** Compiles one program of this directory to a static executable and returns its bytes. */
function compile(source: string, architecture: Architecture): Uint8Array {
  const own = process.arch === 'arm64' ? 'arm64' : 'amd64';
  const cross = architecture === 'arm64' ? 'aarch64-linux-gnu-gcc' : 'x86_64-linux-gnu-gcc';
  const out = mkdtempSync(join(tmpdir(), 'kts-image-'));
  try {
    execFileSync(process.env['CC'] ?? (architecture === own ? 'cc' : cross), [...FLAGS, '-o', join(out, 'program'), join(HERE, source)], {
      stdio: 'inherit',
    });
    return readFileSync(join(out, 'program'));
  } finally {
    rmSync(out, { recursive: true });
  }
}

/** Writes pause.tar and demo.tar into `directory`. */
export async function buildAssets(directory: string, architecture: Architecture): Promise<void> {
  mkdirSync(directory, { recursive: true });
  const program = (source: string, path: string) => [{ path, mode: 0o755, content: compile(source, architecture) }];
  const pause = await buildImage({
    name: 'kts.local/pause:1',
    architecture,
    files: program('pause.c', 'pause'),
    entrypoint: ['/pause'],
    user: '65535:65535',
  });
  const demo = await buildImage({
    name: 'kts.local/demo:1',
    architecture,
    files: program('demo.c', 'demo'),
    entrypoint: ['/demo'],
    user: '65534:65534',
    exposedPorts: ['8080/tcp'],
  });
  writeFileSync(join(directory, 'pause.tar'), pause);
  writeFileSync(join(directory, 'demo.tar'), demo);
}

if (import.meta.main) {
  const [directory, architecture = process.arch === 'arm64' ? 'arm64' : 'amd64'] = process.argv.slice(2);
  if (!directory || (architecture !== 'amd64' && architecture !== 'arm64')) {
    process.stderr.write('usage: build-assets.ts <out dir> [amd64|arm64]\n');
    process.exit(1);
  }
  await buildAssets(directory, architecture);
}

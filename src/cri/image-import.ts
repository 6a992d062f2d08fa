// Imports image archives into containerd with `ctr`, which is part of containerd's package: it unpacks and names the images in one go.

import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import type { Children } from '../base/child.ts';
import { messageOf } from '../base/errors.ts';
import { criError } from './errors.ts';

/** What an import needs. */
export interface ImageImporter {
  /** Path of `ctr`. */
  readonly ctr: string;
  /** containerd's socket. */
  readonly socket: string;
  readonly snapshotter: 'overlayfs' | 'native';
  readonly children: Children;
}

/** `.tar`, `.tar.gz`, `.tgz`, `.tar.zst`: what an archive's file name may end in. */
export function isImageArchive(name: string): boolean {
  return /\.(tar|tar\.gz|tgz|tar\.zst|tar\.zstd)$/.test(name) && !name.startsWith('.');
}

/**
 * Imports the archive (docker or OCI layout) for the CRI.
 * @throws KtsError `image-import` with the last words of ctr, or why the file cannot be read.
 */
export async function importImages(
  importer: ImageImporter,
  source: { readonly file: string } | { readonly bytes: Uint8Array },
): Promise<void> {
  const name = 'file' in source ? source.file : 'built-in image';
  const args = ['--address', importer.socket, '--namespace', 'k8s.io', 'images', 'import', '--snapshotter', importer.snapshotter, '-'];
  const child = await importer.children.start(importer.ctr, args, { stdin: 'pipe', output: 'tail' });
  let failure: unknown;
  if (child.stdin) {
    try {
      if ('bytes' in source) child.stdin.end(source.bytes);
      else await pipeline([createReadStream(source.file), ...decompression(source.file), child.stdin]);
    } catch (error) {
      failure = error;
      child.kill('SIGTERM');
    }
  }
  const { code } = await child.exited;
  if (code === 0 && failure === undefined) return;
  const said = child.stderrTail().trim().split('\n').at(-1) ?? '';
  throw criError('image-import', `${name} cannot be imported: ${said || messageOf(failure)}`, failure);
}

function decompression(file: string): NodeJS.ReadWriteStream[] {
  if (/\.(tar\.gz|tgz)$/.test(file)) return [createGunzip()];
  return /\.(zst|zstd)$/.test(file) ? [createZstdDecompress()] : [];
}

// Pushes an image archive to a registry, as the OCI distribution specification says: blobs first, then the manifest.
// A program of its own, because a registry of a test is reachable in its network namespace only:
// `node push-image.ts <archive.tar> <http://host:port> <repository> <tag>`.

import { readFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import tar from 'tar-stream';

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
}

/** The files of an OCI archive by path. */
async function filesOf(archive: Uint8Array): Promise<ReadonlyMap<string, Buffer>> {
  const files = new Map<string, Buffer>();
  const extract = tar.extract();
  extract.end(archive);
  for await (const entry of extract) files.set(entry.header.name, await buffer(entry));
  return files;
}

async function demand(response: Response, status: number): Promise<Response> {
  if (response.status === status) return response;
  throw new RangeError(`${response.url}: ${response.status} instead of ${status}: ${await response.text()}`);
}

/** Pushes the archive's first image. */
async function push(archive: Uint8Array, registry: string, { repository, tag }: { repository: string; tag: string }): Promise<void> {
  const files = await filesOf(archive);
  const blob = ({ digest }: Descriptor): Buffer<ArrayBuffer> => Buffer.from(files.get(`blobs/${digest.replace(':', '/')}`) ?? '');
  const index: { manifests: Descriptor[] } = JSON.parse(String(files.get('index.json')));
  const [top] = index.manifests;
  if (!top) throw new RangeError('an archive without an image');
  const manifest: { config: Descriptor; layers: Descriptor[] } = JSON.parse(String(blob(top)));
  const base = `${registry}/v2/${repository}`;
  for (const part of [manifest.config, ...manifest.layers]) {
    const begun = await demand(await fetch(`${base}/blobs/uploads/`, { method: 'POST' }), 202);
    const place = new URL(begun.headers.get('location') ?? '', registry);
    place.searchParams.set('digest', part.digest);
    const headers = { 'content-type': 'application/octet-stream' };
    await demand(await fetch(place, { method: 'PUT', headers, body: blob(part) }), 201);
  }
  await demand(
    await fetch(`${base}/manifests/${tag}`, { method: 'PUT', headers: { 'content-type': top.mediaType }, body: blob(top) }),
    201,
  );
}

const [archive = '', registry = '', repository = '', tag = ''] = process.argv.slice(2);
await push(readFileSync(archive), registry, { repository, tag });

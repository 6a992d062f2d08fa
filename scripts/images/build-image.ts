// Builds an OCI image archive (with the manifest.json that `docker load` reads) from a list of files: same files, same bytes.

import { createHash } from 'node:crypto';
import tar from 'tar-stream';

/** One entry of the image's only layer. */
export interface ImageFile {
  /** Path without a leading slash. */
  readonly path: string;
  readonly mode: number;
  /** Content of a file, target of a symbolic link, or nothing for a directory. */
  readonly content: Uint8Array | { readonly link: string } | 'directory';
}

/** What an image is. */
export interface ImageSpec {
  /** Full name with tag, e.g. `kts.local/pause:1`. */
  readonly name: string;
  readonly architecture: 'amd64' | 'arm64';
  readonly files: readonly ImageFile[];
  readonly entrypoint?: readonly string[];
  readonly cmd?: readonly string[];
  readonly env?: readonly string[];
  readonly user?: string;
  readonly workingDir?: string;
  readonly exposedPorts?: readonly string[];
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const json = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));

/** A tar archive with all times 0 and owner root. */
async function archive(files: readonly ImageFile[]): Promise<Uint8Array> {
  const pack = tar.pack();
  const chunks: Uint8Array[] = [];
  const done = (async () => {
    for await (const chunk of pack) chunks.push(chunk as Uint8Array);
  })();
  for (const { path, mode, content } of files) {
    const header = { name: path, mode, mtime: new Date(0), uid: 0, gid: 0 };
    if (content === 'directory') pack.entry({ ...header, type: 'directory' });
    else if (content instanceof Uint8Array) pack.entry(header, Buffer.from(content));
    else pack.entry({ ...header, type: 'symlink', linkname: content.link });
  }
  pack.finalize();
  await done;
  return Buffer.concat(chunks);
}

/** The archive as `ctr images import`, `docker load` and `podman load` take it. */
export async function buildImage(spec: ImageSpec): Promise<Uint8Array> {
  const layer = await archive(spec.files);
  const config = json({
    created: '1970-01-01T00:00:00Z',
    architecture: spec.architecture,
    os: 'linux',
    config: {
      ...(spec.entrypoint && { Entrypoint: spec.entrypoint }),
      ...(spec.cmd && { Cmd: spec.cmd }),
      ...(spec.user && { User: spec.user }),
      ...(spec.exposedPorts && { ExposedPorts: Object.fromEntries(spec.exposedPorts.map((p) => [p, {}])) }),
      Env: spec.env ?? ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
      WorkingDir: spec.workingDir ?? '/',
    },
    rootfs: { type: 'layers', diff_ids: [`sha256:${sha256(layer)}`] },
    history: [{ created: '1970-01-01T00:00:00Z', created_by: 'kts' }],
  });
  const blob = (mediaType: string, bytes: Uint8Array) => ({ mediaType, digest: `sha256:${sha256(bytes)}`, size: bytes.length });
  const manifest = json({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: blob('application/vnd.oci.image.config.v1+json', config),
    layers: [blob('application/vnd.oci.image.layer.v1.tar', layer)],
  });
  const index = json({
    schemaVersion: 2,
    manifests: [
      {
        ...blob('application/vnd.oci.image.manifest.v1+json', manifest),
        platform: { architecture: spec.architecture, os: 'linux' },
        annotations: { 'io.containerd.image.name': spec.name, 'org.opencontainers.image.ref.name': spec.name.split(':').at(-1) },
      },
    ],
  });
  const at = (bytes: Uint8Array): string => `blobs/sha256/${sha256(bytes)}`;
  const file = (path: string, content: ImageFile['content']): ImageFile => ({
    path,
    mode: content === 'directory' ? 0o755 : 0o644,
    content,
  });
  return archive([
    file('oci-layout', json({ imageLayoutVersion: '1.0.0' })),
    file('index.json', index),
    file('manifest.json', json([{ Config: at(config), RepoTags: [spec.name], Layers: [at(layer)] }])),
    file('blobs', 'directory'),
    file('blobs/sha256', 'directory'),
    file(at(config), config),
    file(at(manifest), manifest),
    file(at(layer), layer),
  ]);
}

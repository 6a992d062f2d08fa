import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { ImageArchives } from '../../../../src/agent/kubelet/image-archives.ts';
import type { Children } from '../../../../src/base/child.ts';
import { silentLogger } from '../../../../src/base/log.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

/** containerd, whose `ctr` reads archives of the form `TAG=ID TAG=ID`. */
class FakeContainerd {
  readonly tags = new Map<string, string>();
  imports = 0;

  readonly children: Pick<Children, 'start'> = {
    start: async () => {
      const stdin = new PassThrough();
      const exited = text(stdin).then((archive) => {
        this.imports++;
        for (const [tag = '', id = ''] of archive.split(' ').map((word) => word.split('='))) this.tags.set(tag, id);
        return { code: 0, signal: undefined };
      });
      return { pid: 1, exited, stdin, stderrTail: () => '', kill: () => {}, release: () => {} };
    },
  };

  readonly images = {
    imageStatus: async () => undefined,
    listImages: async () => [...this.tags].map(([tag, id]) => ({ id, repoTags: [tag] }) as never),
  };
}

describe('ImageArchives', () => {
  let directory: string;
  let containerd: FakeContainerd;
  const record = (): string => join(directory, 'record.json');
  const put = (name: string, content: string, seconds: number): void => {
    writeFileSync(join(directory, 'images', name), content);
    utimesSync(join(directory, 'images', name), seconds, seconds);
  };

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'kts-archives-'));
    mkdirSync(join(directory, 'images'));
    containerd = new FakeContainerd();
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  /** A process of kts that starts and ends: the images it has pinned. */
  async function run(snapshotter: 'overlayfs' | 'native' = 'overlayfs'): Promise<string[]> {
    const archives = new ImageArchives(
      { directory: join(directory, 'images'), recordPath: record(), builtin: [] },
      {
        importer: () => ({ ctr: 'ctr', socket: '', snapshotter, children: containerd.children as Children }),
        images: containerd.images,
        clock: new FakeClock(),
        log: silentLogger,
      },
    );
    await archives.start();
    await archives.stop();
    return [...archives.pinned].sort();
  }

  it('keeps images pinned through a restart, and does not import their archives again', async () => {
    put('a.tar', 'a:1=x b:1=y', 1);
    assert.deepEqual(await run(), ['a:1', 'b:1']);
    assert.deepEqual(await run(), ['a:1', 'b:1']);
    assert.equal(containerd.imports, 1);
  });
  it('imports again what changed, and pins what is new under an old name', async () => {
    put('a.tar', 'a:1=x b:1=y', 1);
    await run();
    put('a.tar', 'a:1=z b:1=y', 2);
    assert.deepEqual(await run(), ['a:1', 'b:1']);
    assert.equal(containerd.tags.get('a:1'), 'z');
    assert.deepEqual(await run(), ['a:1', 'b:1']);
    assert.equal(containerd.imports, 2);
  });
  it('imports again what containerd has lost, and what another snapshotter has not unpacked', async () => {
    put('a.tar', 'a:1=x', 1);
    await run();
    containerd.tags.clear();
    assert.deepEqual(await run(), ['a:1']);
    assert.deepEqual([await run('native'), containerd.imports], [['a:1'], 3]);
  });
  it('imports everything when its file is cut off or not its own', async () => {
    put('a.tar', 'a:1=x', 1);
    await run();
    for (const broken of ['{"a.tar":', 'null', '[1]', '{"a.tar":{"mark":1}}']) {
      writeFileSync(record(), broken);
      containerd.tags.clear();
      assert.deepEqual(await run(), ['a:1'], broken);
      assert.match(readFileSync(record(), 'utf8'), /"images":\["a:1"\]/);
    }
  });
});

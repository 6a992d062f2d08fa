import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cgroupLayout } from '../../../src/cri/cgroup-layout.ts';
import { type ContainerdSettings, containerdConfig } from '../../../src/cri/containerd-config.ts';
import { isImageArchive } from '../../../src/cri/image-import.ts';

const settings: ContainerdSettings = {
  major: 1,
  root: '/d/root',
  state: '/r/state',
  socket: '/r/c.sock',
  sandboxImage: 'p:1',
  runtimes: [{ name: 'crun', path: '/usr/bin/crun' }],
  systemdCgroup: true,
  restrictOomScoreAdj: false,
  snapshotter: 'overlayfs',
  cniBinDir: '/b',
  cniConfDir: '/c',
  registryConfigDir: '/certs.d',
};

describe('containerdConfig', () => {
  it('writes version 2 for containerd 1', () => {
    const text = containerdConfig(settings);
    for (const line of [
      'version = 2',
      'sandbox_image = "p:1"',
      'default_runtime_name = "crun"',
      'SystemdCgroup = true',
      'container_annotations = ["org.systemd.property.TimeoutStopUSec"]',
      'oom_score = -999',
      'conf_dir = "/c"',
    ])
      assert.ok(text.includes(`${line}\n`), line);
  });
  it('writes version 3 with the new plugin names for containerd 2', () => {
    const text = containerdConfig({ ...settings, major: 2 });
    for (const line of ['version = 3', 'sandbox = "p:1"', "[plugins.'io.containerd.cri.v1.runtime'.cni]"])
      assert.ok(text.includes(`${line}\n`), line);
    assert.ok(!text.includes('sandbox_image'));
  });
  it('passes on no annotations of pods, which users write', () => {
    for (const major of [1, 2]) assert.doesNotMatch(containerdConfig({ ...settings, major }), /pod_annotations/);
  });
  it('does not ask for a lower OOM score where that is forbidden', () => {
    const text = containerdConfig({ ...settings, restrictOomScoreAdj: true });
    assert.ok(text.includes('restrict_oom_score_adj = true\n') && !text.includes('oom_score = -999'));
  });
});

const V1 = `30 20 0:25 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu,cpuacct
31 20 0:26 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,xattr,name=systemd`;
const V2 = '32 20 0:27 / /sys/fs/cgroup/unified rw,relatime shared:4 - cgroup2 cgroup2 rw,nsdelegate';

describe('cgroupLayout', () => {
  it('tells v1, v2 and hybrid apart', () => {
    const words = (text: string): string => {
      const { version, hybrid } = cgroupLayout(text);
      return `${version} ${hybrid}`;
    };
    assert.deepEqual([V1, V2, `${V1}\n${V2}`].map(words), ['1 false', '2 false', '1 true']);
  });
  it('names controllers and mount points', () => {
    assert.deepEqual(cgroupLayout(V1).hierarchies, [
      { controllers: ['cpu', 'cpuacct'], mountpoint: '/sys/fs/cgroup/cpu' },
      { controllers: ['name=systemd'], mountpoint: '/sys/fs/cgroup/systemd' },
    ]);
  });
});

describe('isImageArchive', () => {
  it('goes by the name', () => {
    const names = ['a.tar', 'a.tar.gz', 'a.tgz', 'a.tar.zst', '.a.tar', 'a.zip', 'a.tar.part'];
    assert.deepEqual(names.filter(isImageArchive), ['a.tar', 'a.tar.gz', 'a.tgz', 'a.tar.zst']);
  });
});

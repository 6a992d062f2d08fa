// What the kernel says of processes, as the bench reads it.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { diskOf } from '../../bench/machine-facts.ts';
import { memoryOf, parseCpuTime, parseMemory, parseWritten, usageOf } from '../../bench/proc.ts';

const SMAPS = `00400000-7ffd3f1c2000 ---p 00000000 00:00 0                          [rollup]
Rss:              188680 kB
Pss:              151234 kB
Pss_Anon:         110000 kB
Anonymous:        111084 kB
LazyFree:              0 kB
`;

test('parseMemory reads Rss and Anonymous in bytes', () => {
  assert.deepEqual(parseMemory(SMAPS), { rss: 188680 * 1024, anonymous: 111084 * 1024 });
});

const statLine = (name: string): string =>
  `833 (${name}) S 12 833 833 0 -1 4194304 51842 3011 93 4 1650 250 30 20 20 0 23 0 571012 3034615808 44103 18446744073709551615 1 1`;

for (const name of ['kts-linux-x64', 'a b', 'kts (server) S 9']) {
  test(`parseCpuTime reads the line of a program named ${name}`, () => {
    assert.deepEqual(parseCpuTime(statLine(name)), { parent: 12, own: 19, children: 0.5 });
  });
}

test('parseWritten tells the disk from all write calls', () => {
  const text = 'rchar: 1\nwchar: 5000\nsyscr: 2\nsyscw: 3\nread_bytes: 4\nwrite_bytes: 8192\ncancelled_write_bytes: 12\n';
  assert.deepEqual(parseWritten(text), { disk: 8192, calls: 5000 });
});

test('other texts are refused', () => {
  assert.throws(() => parseMemory(''), RangeError);
  assert.throws(() => parseMemory('Pss_Anon: 3 kB\nRss: 3 kB\n'), RangeError);
  assert.throws(() => parseWritten('rchar: 1\n'), RangeError);
  assert.throws(() => parseCpuTime('833 (kts) S 12'), RangeError);
});

test('figures of this process are read and grow', () => {
  const before = usageOf(process.pid);
  assert.ok(memoryOf(process.pid).rss > 10e6);
  let text = '';
  while (usageOf(process.pid).cpu.own <= before.cpu.own) text = readFileSync('/proc/self/stat', 'utf8');
  assert.equal(parseCpuTime(text || readFileSync('/proc/self/stat', 'utf8')).parent, process.ppid);
});

const MOUNTS = `21 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 21 0:25 / /tmp rw,nosuid - tmpfs tmpfs rw,size=1g
31 30 254:16 / /tmp/data rw - xfs /dev/vdb rw
`;

for (const [path, expected] of [
  ['/var/lib', '/dev/vda ext4'],
  ['/tmp/x', 'tmpfs tmpfs'],
  ['/tmpfile', '/dev/vda ext4'],
  ['/tmp/data', '/dev/vdb xfs'],
  ['/tmp/data/kts', '/dev/vdb xfs'],
] as const) {
  test(`diskOf ${path} is ${expected}`, () => assert.equal(diskOf(path, MOUNTS), expected));
}

import assert from 'node:assert/strict';
import { chmod, lstat, mkdtemp, readdir, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { writeAtomically } from '../../../../../src/agent/kubelet/volumes/atomic-writer.ts';

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kts-atomic-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const files = (content: Record<string, string>, mode = 0o644) =>
  new Map(Object.entries(content).map(([path, text]) => [path, { bytes: Buffer.from(text), mode }]));
const nowMs = Date.UTC(2026, 0, 2, 3, 4, 5);
const write = (content: Record<string, string>, mode?: number) => writeAtomically({ directory, payload: files(content, mode), nowMs });

test('writeAtomically lays files out behind ..data', async () => {
  await write({ a: 'one', 'b/c/d': 'two' });
  assert.equal(await readFile(join(directory, 'a'), 'utf8'), 'one');
  assert.equal(await readFile(join(directory, 'b/c/d'), 'utf8'), 'two');
  assert.equal(await readlink(join(directory, 'a')), '..data/a');
  assert.equal(await readlink(join(directory, 'b')), '..data/b');
  assert.match(await readlink(join(directory, '..data')), /^\.\.2026_01_02_03_04_05\./);
  assert.equal((await stat(join(directory, 'a'))).mode & 0o777, 0o644);
  assert.equal((await readdir(directory)).length, 4);
});

test('writeAtomically touches nothing when nothing changed, and swaps everything when one thing did', async () => {
  await write({ a: 'one', b: 'two' });
  const first = await readlink(join(directory, '..data'));
  await write({ a: 'one', b: 'two' });
  assert.equal(await readlink(join(directory, '..data')), first);
  for (const change of [() => write({ a: 'one', b: 'new' }), () => write({ a: 'one', c: 'x' }), () => write({ a: 'one', c: 'x' }, 0o400)]) {
    const before = await readlink(join(directory, '..data'));
    await change();
    assert.notEqual(await readlink(join(directory, '..data')), before);
    assert.equal((await readdir(directory)).filter((name) => name.startsWith('..20')).length, 1);
  }
  assert.deepEqual(
    (await readdir(directory)).filter((name) => !name.startsWith('..')),
    ['a', 'c'],
  );
  assert.equal((await stat(join(directory, 'a'))).mode & 0o777, 0o400);
});

test('writeAtomically repairs what a crash or a hand left behind', async () => {
  await write({ a: 'one' });
  const target = join(directory, await readlink(join(directory, '..data')), 'a');
  await chmod(target, 0o600);
  await writeFile(target, 'spoiled');
  await writeFile(join(directory, '..data_tmp'), '');
  await write({ a: 'one' });
  assert.equal(await readFile(join(directory, 'a'), 'utf8'), 'one');
  await write({});
  assert.deepEqual(
    (await readdir(directory)).filter((name) => !name.startsWith('..')),
    [],
  );
});

test('writeAtomically gives files to the group, readable and no more', async () => {
  await writeAtomically({ directory, payload: files({ 'd/a': 'x' }, 0o400), fsGroup: 1234, nowMs });
  const file = await lstat(join(directory, '..data/d/a'));
  assert.deepEqual([file.gid, file.mode & 0o7777], [1234, 0o440]);
  const parent = await lstat(join(directory, '..data/d'));
  assert.deepEqual([parent.gid, parent.mode & 0o2050], [1234, 0o2050]);
});

test('writeAtomically refuses paths that leave the volume', async () => {
  for (const path of ['/etc/passwd', '../up', 'a/../../b', '..data', '..hidden', '', 'x'.repeat(256)]) {
    await assert.rejects(write({ [path]: 'x' }), { code: 'volume-invalid' }, path);
  }
  await write({ 'a..b': 'fine' });
});

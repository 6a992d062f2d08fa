// `kts server` that cannot start: one clear line, exit code 1, nothing damaged.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { KTS } from './support/kts-node.ts';
import { enter, Lan } from './support/lan.ts';
import { type Output, run, runOk, start } from './support/shell.ts';

describe('kts server that cannot start', () => {
  let root = '';
  let lan: Lan;

  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), 'kts-fail-'));
    lan = await Lan.create('kts-fail', 1);
  });

  afterEach(async () => {
    await lan.remove();
    rmSync(root, { recursive: true, force: true });
  });

  const flags = (): string[] => [
    ...['data', 'run', 'kubelet'].map((name) => `--${name}-dir=${root}/${name}`),
    `--pod-logs-dir=${root}/logs`,
    `--container-logs-dir=${root}/links`,
    `--write-kubeconfig=${root}/kubeconfig`,
    '--cgroup-root=/kts-fail',
    '--node-ip=172.31.77.11',
  ];

  const server = (extra: readonly string[] = [], env: Record<string, string> = {}): Promise<Output> => {
    const [program = '', ...words] = [...enter(lan.machines[0]?.netns ?? ''), KTS, 'server', ...flags(), ...extra];
    return run(program, words, { env, timeoutMs: 30_000 });
  };

  function assertOneLine({ code, stderr }: Output, expected: RegExp): void {
    assert.equal(code, 1, stderr);
    const lines = stderr
      .trim()
      .split('\n')
      .filter((line) => line.startsWith('kts: '));
    assert.equal(lines.length, 1, stderr);
    assert.match(lines[0] ?? '', expected);
    assert.doesNotMatch(stderr, /^\s+at /m);
  }

  test('a bad flag', async () =>
    assertOneLine(await server(['--clster-cidr=10.0.0.0/8']), /unknown flag --clster-cidr \(did you mean --cluster-cidr\?\)/));

  test('an occupied port', async () => {
    const [program = '', ...words] = [
      ...enter(lan.machines[0]?.netns ?? ''),
      process.execPath,
      '-e',
      "require('net').createServer().listen(6443, () => console.log('listening'))",
    ];
    const other = start(program, words);
    try {
      await once(other.stdout ?? other, 'data');
      assertOneLine(await server(), /cannot listen on 0\.0\.0\.0:6443: another program uses the port/);
    } finally {
      other.kill();
    }
  });

  test('a missing containerd', async () =>
    assertOneLine(await server([], { KTS_SEARCH_PATH: '/nowhere' }), /containerd is not installed .*apt-get install containerd/));

  test('a corrupt database file, which stays as it is', async () => {
    const file = join(root, 'data/server/db/state.db');
    mkdirSync(join(root, 'data/server/db'), { recursive: true });
    writeFileSync(file, 'this is no database, and it is longer than a header of SQLite, which has one hundred bytes at its beginning.');
    const before = readFileSync(file);
    assertOneLine(await server(), /state\.db cannot be used: it is not a SQLite file; .*it was not changed$/);
    assert.deepEqual(readFileSync(file), before);
  });

  test('a read-only data directory', async () => {
    mkdirSync(join(root, 'data'));
    await runOk('mount', ['-t', 'tmpfs', '-o', 'ro', 'tmpfs', join(root, 'data')]);
    try {
      assertOneLine(await server(), /data cannot be written: it is on a read-only file system; .*--data-dir$/);
    } finally {
      await runOk('umount', [join(root, 'data')]);
    }
  });

  test('no root', async () => {
    const result = await run('setpriv', ['--reuid=65534', '--clear-groups', KTS, 'server', ...flags()], { timeoutMs: 30_000 });
    assertOneLine(result, /must run as root/);
  });
});

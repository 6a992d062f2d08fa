// Pid files against live, dead and other processes.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { hasCode } from '../../../src/base/errors.ts';
import { runningPid, takePidFile } from '../../../src/cli/pid-file.ts';

describe('pid files', () => {
  let directory = '';
  let file = '';

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'kts-pid-'));
    file = join(directory, 'kts.pid');
  });

  afterEach(() => rmSync(directory, { recursive: true }));

  test('takePidFile names this process, again and again', () => {
    takePidFile(file);
    takePidFile(file);
    assert.equal(runningPid(file), process.pid);
  });

  test('runningPid finds nobody without a file, with nonsense, and for a later process of the same id', () => {
    assert.equal(runningPid(file), undefined);
    for (const text of ['', 'x', '1', '0 0', `${process.pid} 1`, '999999999 1']) {
      writeFileSync(file, text);
      assert.equal(runningPid(file), undefined, JSON.stringify(text));
    }
  });

  test('runningPid believes a pid without a start time', () => {
    writeFileSync(file, `${process.ppid}\n`);
    assert.equal(runningPid(file), process.ppid);
  });

  test('takePidFile refuses while another process holds the file, and takes it over from a dead one', () => {
    writeFileSync(file, `${process.ppid}\n`);
    assert.throws(
      () => takePidFile(file),
      (error) => hasCode(error, 'already-running'),
    );
    writeFileSync(file, '999999999 1\n');
    takePidFile(file);
    assert.match(readFileSync(file, 'utf8'), new RegExp(`^${process.pid} \\d+\\n$`));
  });
});

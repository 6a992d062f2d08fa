// The results of libcni after a power cut, on a directory of the test's own.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { dropBrokenResults, removeResults } from '../../../src/cri/cni-cache.ts';

const OWN = 'a'.repeat(64);
const OTHER = 'b'.repeat(64);

describe('the CNI result cache', () => {
  let root = '';
  let cache = '';

  beforeEach(() => {
    const directory = mkdtempSync(join(tmpdir(), 'kts-cni-'));
    root = join(directory, 'containerd');
    cache = join(directory, 'cni');
    mkdirSync(join(root, 'io.containerd.grpc.v1.cri/sandboxes', OWN), { recursive: true });
    mkdirSync(join(cache, 'results'), { recursive: true });
  });

  afterEach(() => rmSync(join(root, '..'), { recursive: true }));

  const put = (name: string, text: string): void => writeFileSync(join(cache, 'results', name), text);

  test('dropBrokenResults removes what was cut off, and nothing whole or of others', () => {
    put(`kts-${OWN}-eth0`, '');
    put(`cni-loopback-${OWN}-lo`, '{"kind":"cniCacheV1"}');
    put(`other-${OTHER}-eth0`, '');
    assert.deepEqual(dropBrokenResults(root, cache), [join(cache, 'results', `kts-${OWN}-eth0`)]);
    assert.deepEqual(readdirSync(join(cache, 'results')).sort(), [`cni-loopback-${OWN}-lo`, `other-${OTHER}-eth0`]);
  });

  test('removeResults leaves the directory to others', () => {
    put(`kts-${OWN}-eth0`, '{}');
    put(`other-${OTHER}-eth0`, '{}');
    removeResults(root, cache);
    assert.deepEqual(readdirSync(join(cache, 'results')), [`other-${OTHER}-eth0`]);
  });

  test('removeResults removes the directory when nothing is left', () => {
    put(`kts-${OWN}-eth0`, '{}');
    removeResults(root, cache);
    assert.equal(existsSync(cache), false);
  });

  test('both do nothing where there is no cache', () => {
    rmSync(cache, { recursive: true });
    assert.deepEqual(dropBrokenResults(root, cache), []);
    removeResults(root, cache);
  });
});

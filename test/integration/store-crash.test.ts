// kill -9 at random moments: every answered write is there, no unanswered one is half there, revisions never go back.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Filled, WriterLine } from '../support/store-writer.ts';

const ROUNDS = 200;
/** Longest time from the first answer to the kill. */
const MOST_MS = 60;
const PROGRAM = fileURLToPath(new URL('../support/store-writer.ts', import.meta.url));

/** What may be found of a key: the last answered value and the one not answered when the process died. 0 = not there. */
interface Expected {
  answered: number;
  begun: number | undefined;
}

const expected = new Map<string, Expected>();
let newest = 0;
let answers = 0;

function expectation(key: string): Expected {
  const known = expected.get(key) ?? { answered: 0, begun: undefined };
  expected.set(key, known);
  return known;
}

function take(line: WriterLine): void {
  if ('begin' in line) {
    expectation(line.begin).begun = line.n;
  } else if ('done' in line) {
    assert.ok(line.revision > newest || line.done.includes('/lazy/'), `revision ${line.revision} after ${newest}`);
    newest = Math.max(newest, line.revision);
    expected.set(line.done, { answered: line.n, begun: undefined });
    answers++;
  } else check(line.found, line.revision);
}

function check(found: readonly { key: string; revision: number; object: Filled }[], revision: number): void {
  assert.ok(revision >= newest, `the store is at ${revision}, a write was answered at ${newest}`);
  const values = new Map(found.map(({ key, object }) => [key, object]));
  for (const { key, object, revision: own } of found) {
    assert.ok(object.n === object.end && object.filling.length === object.n % 7919, `${key} is half there`);
    assert.equal(object.metadata.resourceVersion, String(own));
  }
  for (const [key, { answered, begun }] of expected) {
    const n = values.get(key)?.n ?? 0;
    if (key.includes('/strict/')) assert.ok(n === answered || n === begun, `${key} is ${n}, answered ${answered}, begun ${begun}`);
    expected.set(key, { answered: n, begun: undefined });
  }
}

async function round(path: string): Promise<void> {
  const child = spawn(process.execPath, [PROGRAM, path], { stdio: ['ignore', 'pipe', 'pipe'] });
  const closed = once(child, 'close');
  let complaint = '';
  child.stderr.on('data', (data) => {
    complaint += data;
  });
  let timer: NodeJS.Timeout | undefined;
  for await (const text of createInterface({ input: child.stdout })) {
    if (!text.endsWith('}')) continue; // The last line may be cut.
    take(JSON.parse(text));
    timer ??= setTimeout(() => child.kill('SIGKILL'), Math.random() * MOST_MS);
  }
  await closed;
  clearTimeout(timer);
  assert.equal(complaint, '');
}

it(`Store on SQLite loses no answered write in ${ROUNDS} kills`, { timeout: 180_000 }, async () => {
  const directory = await mkdtemp(join(tmpdir(), 'kts-crash-'));
  try {
    for (let i = 0; i < ROUNDS; i++) await round(join(directory, 'state.db'));
    assert.ok(answers > ROUNDS, `${answers} answers are too few to show anything`);
  } finally {
    await rm(directory, { recursive: true });
  }
});

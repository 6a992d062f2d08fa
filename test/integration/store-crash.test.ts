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
/** Rounds with keys that change: each is slower. */
const ENCRYPTED_ROUNDS = 10;
/** Longest time from the first answer to the kill. */
const MOST_MS = 60;
const PROGRAM = fileURLToPath(new URL('../support/store-writer.ts', import.meta.url));

/** What may be found of a key: the last answered value and the one not answered when the process died. 0 = not there. */
interface Expected {
  answered: number;
  begun: number | undefined;
}

/** What one database has been through. */
class Trial {
  readonly #args: readonly string[];
  readonly #expected = new Map<string, Expected>();
  #newest = 0;
  answers = 0;

  /** `args` are those of the writer. */
  constructor(args: readonly string[]) {
    this.#args = args;
  }

  #expectation(key: string): Expected {
    const known = this.#expected.get(key) ?? { answered: 0, begun: undefined };
    this.#expected.set(key, known);
    return known;
  }

  #take(line: WriterLine): void {
    if ('begin' in line) {
      this.#expectation(line.begin).begun = line.n;
    } else if ('done' in line) {
      assert.ok(line.revision > this.#newest || line.done.includes('/lazy/'), `revision ${line.revision} after ${this.#newest}`);
      this.#newest = Math.max(this.#newest, line.revision);
      this.#expected.set(line.done, { answered: line.n, begun: undefined });
      this.answers++;
    } else this.#check(line.found, line.revision);
  }

  #check(found: readonly { key: string; revision: number; object: Filled }[], revision: number): void {
    assert.ok(revision >= this.#newest, `the store is at ${revision}, a write was answered at ${this.#newest}`);
    const values = new Map(found.map(({ key, object }) => [key, object]));
    for (const { key, object, revision: own } of found) {
      assert.ok(object.n === object.end && object.filling.length === object.n % 7919, `${key} is half there`);
      assert.equal(object.metadata.resourceVersion, String(own));
    }
    for (const [key, { answered, begun }] of this.#expected) {
      const n = values.get(key)?.n ?? 0;
      if (key.includes('/strict/')) assert.ok(n === answered || n === begun, `${key} is ${n}, answered ${answered}, begun ${begun}`);
      this.#expected.set(key, { answered: n, begun: undefined });
    }
  }

  /** Starts the writer, kills it within `mostMs` of its first line. */
  async round(mostMs: number): Promise<void> {
    const child = spawn(process.execPath, [PROGRAM, ...this.#args], { stdio: ['ignore', 'pipe', 'pipe'] });
    const closed = once(child, 'close');
    let complaint = '';
    child.stderr.on('data', (data) => {
      complaint += data;
    });
    let timer: NodeJS.Timeout | undefined;
    for await (const text of createInterface({ input: child.stdout })) {
      if (!text.endsWith('}')) continue; // The last line may be cut.
      this.#take(JSON.parse(text));
      timer ??= setTimeout(() => child.kill('SIGKILL'), Math.random() * mostMs);
    }
    await closed;
    clearTimeout(timer);
    assert.equal(complaint, '');
  }
}

it(`Store on SQLite loses no answered write in ${ROUNDS} kills`, { timeout: 180_000 }, async () => {
  const directory = await mkdtemp(join(tmpdir(), 'kts-crash-'));
  try {
    const trial = new Trial([join(directory, 'state.db')]);
    for (let i = 0; i < ROUNDS; i++) await trial.round(MOST_MS);
    assert.ok(trial.answers > ROUNDS, `${trial.answers} answers are too few to show anything`);
  } finally {
    await rm(directory, { recursive: true });
  }
});

it(`Store with encrypted Secrets loses none in ${ENCRYPTED_ROUNDS} kills while its keys change`, { timeout: 120_000 }, async () => {
  const directory = await mkdtemp(join(tmpdir(), 'kts-crash-'));
  try {
    const keyFile = join(directory, 'keys.json');
    const trial = new Trial([join(directory, 'state.db'), keyFile]);
    for (let i = 0; i < ENCRYPTED_ROUNDS; i++) await trial.round(MOST_MS * 5);
    assert.ok(trial.answers > ENCRYPTED_ROUNDS, `${trial.answers} answers are too few to show anything`);
  } finally {
    await rm(directory, { recursive: true });
  }
});

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { KtsError } from '../../../src/base/errors.ts';
import { createLogger, type LoggerOptions } from '../../../src/base/logger.ts';
import { FakeClock } from '../../support/fake-clock.ts';

function open(options: LoggerOptions = {}) {
  const lines: string[] = [];
  const clock = new FakeClock(Date.UTC(2026, 0, 2, 3, 4, 5, 6));
  return { lines, clock, log: createLogger(options, { clock, write: (line) => lines.push(line) }) };
}

test('createLogger writes one line a record in each format', () => {
  const fields = { pod: 'web', count: 2, text: 'two words\nand lines', none: undefined, list: [1n, 'a'] };
  const cases: [LoggerOptions, string][] = [
    [
      {},
      '2026-01-02T03:04:05.006Z WARN  kubelet/volumes: not mounted pod=web count=2 text="two words\\nand lines" list="[\\"1\\",\\"a\\"]"\n',
    ],
    [{ format: 'journal' }, '<4>kubelet/volumes: not mounted pod=web count=2 text="two words\\nand lines" list="[\\"1\\",\\"a\\"]"\n'],
  ];
  for (const [options, expected] of cases) {
    const { log, lines } = open(options);
    log.child('kubelet').child('volumes').warn('not mounted', fields);
    assert.deepEqual(lines, [expected]);
  }
  const { log, lines } = open({ format: 'json' });
  log.child('kubelet').error('not mounted', fields);
  assert.deepEqual(JSON.parse(lines[0] ?? ''), {
    time: '2026-01-02T03:04:05.006Z',
    level: 'error',
    part: 'kubelet',
    msg: 'not mounted',
    pod: 'web',
    count: 2,
    text: 'two words\nand lines',
    list: '["1","a"]',
  });
});

test('createLogger leaves out what is below its level', () => {
  for (const [level, expected] of [
    ['debug', 4],
    ['info', 3],
    ['warn', 2],
    ['error', 1],
  ] as const) {
    const { log, lines } = open({ level });
    log.debug('a');
    log.info('b');
    log.warn('c');
    log.error('d');
    assert.equal(lines.length, expected);
  }
});

test('createLogger writes errors with their causes, and stacks only at debug', () => {
  const error = new KtsError('x', 'cannot start', { cause: new KtsError('y', 'port is taken', { cause: new RangeError('taken') }) });
  const { log, lines } = open({ format: 'journal' });
  log.error('failed', { error });
  assert.deepEqual(lines, ['<3>failed error="cannot start: port is taken"\n']);
  const verbose = open({ level: 'debug', format: 'json' });
  verbose.log.error('failed', { error });
  assert.match(JSON.parse(verbose.lines[0] ?? '').error, /^cannot start: port is taken\nKtsError: cannot start\n {4}at /);
});

test('createLogger counts what is repeated instead of writing it', async () => {
  const { log, lines, clock } = open({ format: 'journal' });
  for (let n = 0; n < 100; n++) log.warn('watch failed', { resource: 'pods' });
  log.warn('watch failed', { resource: 'nodes' });
  assert.deepEqual(lines, ['<4>watch failed resource=pods\n', '<4>watch failed resource=nodes\n']);
  await clock.advance(30_000);
  assert.deepEqual(lines.slice(2), ['<4>watch failed ×99 resource=pods\n']);
  await clock.advance(30_000);
  assert.equal(clock.pending, 0);
  log.warn('watch failed', { resource: 'pods' });
  log.warn('watch failed', { resource: 'pods' });
  log.flush();
  log.flush();
  assert.deepEqual(lines.slice(3), ['<4>watch failed resource=pods\n', '<4>watch failed ×1 resource=pods\n']);
  assert.equal(clock.pending, 0);
});

test('createLogger remembers a bounded number of lines and cuts long values', () => {
  const { log, lines, clock } = open({ format: 'journal' });
  for (let n = 0; n < 1000; n++) log.info('line', { n });
  assert.equal(clock.pending, 256);
  const cycle: Record<string, unknown> = {};
  cycle['self'] = cycle;
  log.info('odd', { cycle, long: 'x'.repeat(10_000) });
  assert.match(lines.at(-1) ?? '', /^<6>odd cycle=\[object\] long=x{2048}…\n$/);
});

test('createLogger appends to a file, in lines for people', () => {
  const directory = mkdtempSync(join(tmpdir(), 'kts-logger-'));
  try {
    const file = join(directory, 'kts.log');
    for (const message of ['one', 'two']) createLogger({ file, journal: true }, { clock: new FakeClock() }).info(message);
    assert.match(readFileSync(file, 'utf8'), /^\S+Z INFO {2}one\n\S+Z INFO {2}two\n$/);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

import assert from 'node:assert/strict';
import { appendFile, mkdtemp, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { nanoTime, parseLogLine } from '../../../../../src/agent/kubelet/logs/cri-log.ts';
import { type LogRequest, readLog, tailOffset } from '../../../../../src/agent/kubelet/logs/log-reader.ts';
import { LogRotation, planRotation } from '../../../../../src/agent/kubelet/logs/log-rotation.ts';
import { systemClock } from '../../../../../src/base/clock.ts';
import { silentLogger } from '../../../../../src/base/log.ts';
import { FakeClock } from '../../../../support/fake-clock.ts';

let directory = '';
let path = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kts-logs-'));
  path = join(directory, '0.log');
});
afterEach(() => rm(directory, { recursive: true }));

const second = (n: number): string => `2026-01-02T03:04:${String(n).padStart(2, '0')}.5Z`;

/** Ten lines: even ones on stdout, odd ones on stderr. */
const TEN = Array.from({ length: 10 }, (_, n) => `${second(n)} ${n % 2 ? 'stderr' : 'stdout'} F line ${n}\n`).join('');

async function read(request: Partial<LogRequest> = {}): Promise<string> {
  let text = '';
  await readLog(
    { path, follow: false, streams: 'All', timestamps: false, ...request },
    {
      clock: systemClock,
      running: () => false,
      write: async (bytes) => {
        text += bytes;
      },
      signal: new AbortController().signal,
    },
  );
  return text;
}

const lines = (...numbers: number[]): string => numbers.map((n) => `line ${n}\n`).join('');

test('parseLogLine takes a line of the CRI format apart', () => {
  const cases: [string, unknown][] = [
    [
      '2026-01-02T03:04:05.1Z stdout F some text',
      { time: '2026-01-02T03:04:05.1Z', stream: 'stdout', partial: false, text: Buffer.from('some text') },
    ],
    ['2026-01-02T03:04:05Z stderr P x', { time: '2026-01-02T03:04:05Z', stream: 'stderr', partial: true, text: Buffer.from('x') }],
    [
      '2026-01-02T03:04:05Z stdout F:tag:other x',
      { time: '2026-01-02T03:04:05Z', stream: 'stdout', partial: false, text: Buffer.from('x') },
    ],
    ['2026-01-02T03:04:05Z stdout F', { time: '2026-01-02T03:04:05Z', stream: 'stdout', partial: false, text: Buffer.alloc(0) }],
    ['2026-01-02T03:04:05Z other F x', undefined],
    ['2026-01-02T03:04:05Z stdout Q x', undefined],
    ['garbage', undefined],
    ['', undefined],
  ];
  for (const [line, expected] of cases) assert.deepEqual(parseLogLine(Buffer.from(line)), expected, line);
});

test('nanoTime writes nine fraction digits', () => {
  assert.equal(nanoTime('2026-01-02T03:04:05Z'), '2026-01-02T03:04:05.000000000Z');
  assert.equal(nanoTime('2026-01-02T03:04:05.12+01:00'), '2026-01-02T03:04:05.120000000+01:00');
});

test('readLog selects by tail, time, stream and bytes', async () => {
  await writeFile(path, TEN);
  const cases: [Partial<LogRequest>, string][] = [
    [{}, lines(0, 1, 2, 3, 4, 5, 6, 7, 8, 9)],
    [{ tailLines: 3 }, lines(7, 8, 9)],
    [{ tailLines: 0 }, ''],
    [{ tailLines: 99 }, lines(0, 1, 2, 3, 4, 5, 6, 7, 8, 9)],
    [{ sinceMs: Date.parse(second(8)) }, lines(8, 9)],
    [{ streams: 'Stderr', tailLines: 4 }, lines(7, 9)],
    [{ streams: 'Stdout' }, lines(0, 2, 4, 6, 8)],
    [{ limitBytes: 10 }, 'line 0\nlin'],
    [{ timestamps: true, tailLines: 1 }, '2026-01-02T03:04:09.500000000Z line 9\n'],
  ];
  for (const [request, expected] of cases) assert.equal(await read(request), expected, JSON.stringify(request));
});

test('readLog joins partial lines, skips damaged ones, and reads a last line without a line feed', async () => {
  await writeFile(
    path,
    `${second(0)} stdout P one \n${second(1)} stdout P two \n${second(2)} stdout F three\nnonsense\n${second(3)} stdout F cut`,
  );
  assert.equal(await read(), 'one two three\ncut\n');
  assert.equal(await read({ timestamps: true }), '2026-01-02T03:04:00.500000000Z one two three\n2026-01-02T03:04:03.500000000Z cut\n');
});

test('tailOffset finds the lines across blocks', async () => {
  const line = `${second(1)} stdout F ${'x'.repeat(1000)}\n`;
  await writeFile(path, line.repeat(500));
  const file = await open(path);
  try {
    for (const count of [1, 63, 64, 65, 499]) assert.equal(await tailOffset(file, count), line.length * (500 - count));
    assert.equal(await tailOffset(file, 501), 0);
  } finally {
    await file.close();
  }
});

test('readLog follows what is written, through rotation, until the container has ended', async () => {
  await writeFile(path, TEN);
  let running = true;
  let text = '';
  const wakers: (() => void)[] = [];
  const reaches = async (expected: string): Promise<void> => {
    while (text !== expected) await new Promise<void>((resolve) => wakers.push(resolve));
  };
  const reading = readLog(
    { path, follow: true, tailLines: 1, streams: 'All', timestamps: false },
    {
      clock: systemClock,
      running: () => running,
      signal: new AbortController().signal,
      write: async (bytes) => {
        text += bytes;
        for (const wake of wakers.splice(0)) wake();
      },
    },
  );
  await reaches(lines(9));
  await appendFile(path, `${second(10)} stdout F line 10\n`);
  await reaches(lines(9, 10));
  await appendFile(path, `${second(11)} stdout F line 11\n`);
  await rename(path, `${path}.20260102-030405`);
  await appendFile(`${path}.20260102-030405`, `${second(12)} stdout F line 12\n`);
  await writeFile(path, `${second(13)} stdout F line 13\n`);
  await reaches(lines(9, 10, 11, 12, 13));
  await appendFile(path, `${second(14)} stdout F line 14\n`);
  running = false;
  await reading;
  assert.equal(text, lines(9, 10, 11, 12, 13, 14));
});

test('readLog ends at once when aborted', async () => {
  await writeFile(path, TEN);
  const abort = new AbortController();
  const clock = new FakeClock();
  const reading = readLog(
    { path, follow: true, streams: 'All', timestamps: false },
    { clock, running: () => true, signal: abort.signal, write: async () => abort.abort() },
  );
  await reading;
  assert.equal(clock.pending, 0);
});

test('planRotation compresses all but the newest, keeps the number of files, and clears up after a crash', () => {
  const names = ['0.log', '1.log', '0.log.20260101-000000.gz', '0.log.20260102-000000', '0.log.20260103-000000'];
  assert.deepEqual(planRotation(names, '0.log', 5), { remove: [], compress: ['0.log.20260102-000000', '0.log.20260103-000000'] });
  assert.deepEqual(planRotation(names, '0.log', 3), {
    remove: ['0.log.20260101-000000.gz', '0.log.20260102-000000'],
    compress: ['0.log.20260103-000000'],
  });
  const crashed = ['0.log.20260101-000000', '0.log.20260101-000000.gz', '0.log.20260102-000000.tmp'];
  assert.deepEqual(planRotation(crashed, '0.log', 5), {
    remove: ['0.log.20260102-000000.tmp', '0.log.20260101-000000.gz'],
    compress: ['0.log.20260101-000000'],
  });
});

test('LogRotation rotates large logs of running containers, and takes the rename back when the runtime fails', async () => {
  const clock = new FakeClock();
  const reopened: string[] = [];
  let fail = false;
  const container = { id: 'c1', name: 'main', attempt: 0, state: 'running' as const, createdAtMs: 0, logPath: path };
  const rotation = new LogRotation(
    { maxBytes: 100, maxFiles: 3 },
    {
      clock,
      log: silentLogger,
      pods: {
        pods: () => [{ metadata: { uid: 'u' }, spec: { containers: [] } }],
        containers: () => [container],
        reopenLog: async (id) => {
          if (fail) throw new RangeError('no runtime');
          reopened.push(id);
          await writeFile(path, '');
        },
      },
    },
  );
  const { signal } = new AbortController();
  await writeFile(path, 'small');
  await rotation.rotateAll(signal);
  assert.deepEqual(reopened, []);
  for (let round = 0; round < 4; round++) {
    await writeFile(path, 'x'.repeat(100 + round));
    await clock.advance(1000);
    await rotation.rotateAll(signal);
  }
  assert.deepEqual((await readdir(directory)).sort(), ['0.log', '0.log.20260101-000003.gz', '0.log.20260101-000004']);
  fail = true;
  await writeFile(path, 'y'.repeat(200));
  await rotation.rotateAll(signal);
  const { size } = await stat(path);
  assert.equal(size, 200);
});

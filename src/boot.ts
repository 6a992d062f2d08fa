// First code of the single executable, in the main thread and in every other: loads the program (one of the bundles), with V8's
// code cache when an earlier start of this build left one. `--version` is answered here. Plain node modules only, to stay small.

import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Script } from 'node:vm';
import { isMainThread, workerData } from 'node:worker_threads';
import { gunzipSync } from 'node:zlib';
import { BUILD_ID, VERSION } from './base/version.ts';

/** Start-up is over by then, so the cache holds what a start compiles. */
const CODE_CACHE_AFTER_MS = 8_000;

/** The data directory as far as this early code can tell; a wrong guess costs the cache only. */
function dataDirectory(): string {
  const at = process.argv.findIndex((word) => word === '--data-dir' || word === '-d');
  const joined = process.argv.find((word) => word.startsWith('--data-dir='));
  return (
    joined?.slice('--data-dir='.length) ?? (at > 0 ? process.argv[at + 1] : undefined) ?? process.env['KTS_DATA_DIR'] ?? '/var/lib/kts'
  );
}

/** Where this thread's code cache is. Only the long-lived commands have one. */
function cacheFile(): string | undefined {
  if (!isMainThread) {
    const { buildDirectory, thread } = workerData as { buildDirectory: string; thread: string }; // Set by cli/threads.ts.
    return join(buildDirectory, `${thread}.v8cache`);
  }
  const command = process.argv[2];
  return command === 'server' || command === 'agent' ? join(dataDirectory(), 'build', BUILD_ID, `${command}.v8cache`) : undefined;
}

/** The bundle this thread runs: a thread holds the source text of no more than it needs. */
function bundle(): 'app.cjs.gz' | 'agent.cjs.gz' | 'journal.cjs.gz' {
  const runs = isMainThread ? process.argv[2] : (workerData as { thread: string }).thread; // Set by cli/threads.ts.
  return runs === 'agent' ? 'agent.cjs.gz' : runs === 'journal' && !isMainThread ? 'journal.cjs.gz' : 'app.cjs.gz';
}

/**
 * How glibc is to keep memory: one arena for all threads instead of eight a core, and freed memory goes back to the system once it is a megabyte. It
 * halves what an idle server holds beside V8's heaps; a smaller bound saves nothing more, and every large answer would take and return its buffers page
 * by page (a LIST of 5,000 pods takes 1.5 times as long with 128 kB). glibc reads this at the start of a program only, so a long-lived command starts
 * itself once more.
 */
const MALLOC = { MALLOC_ARENA_MAX: '1', MALLOC_TRIM_THRESHOLD_: '1048576', MALLOC_MMAP_THRESHOLD_: '1048576' };

function restartWithMallocSettings(): void {
  const command = process.argv[2];
  const isLongLived = isMainThread && (command === 'server' || command === 'agent');
  if (!isLongLived || process.env['MALLOC_ARENA_MAX'] !== undefined || !process.execve) return;
  process.execve(process.execPath, [process.argv0, ...process.argv.slice(2)], { ...process.env, ...MALLOC });
}

function load(): void {
  const require = createRequire(process.execPath);
  const sea = require('node:sea') as { getRawAsset(name: string): ArrayBuffer }; // Only the executable runs this file.
  const file = cacheFile();
  const cachedData = file !== undefined && existsSync(file) ? readFileSync(file) : undefined;
  const text = gunzipSync(sea.getRawAsset(bundle())).toString('latin1'); // The build sees to it that bundles are ASCII.
  const source = `(function(exports,require,module,__filename,__dirname){${text}\n})`;
  const script = new Script(source, { filename: 'kts.cjs', ...(cachedData && { cachedData }) });
  const module = { exports: {} };
  script.runInThisContext()(module.exports, require, module, process.execPath, dirname(process.execPath));
  if (file !== undefined && (cachedData === undefined || script.cachedDataRejected === true)) {
    setTimeout(() => storeCache(script, file), CODE_CACHE_AFTER_MS).unref();
  }
}

function storeCache(script: Script, file: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(`${file}.new`, script.createCachedData(), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  } catch {
    // A cache that cannot be written costs a slower start next time, nothing else.
  }
}

restartWithMallocSettings();
if (isMainThread && (process.argv[2] === '--version' || process.argv[2] === 'version')) process.stdout.write(`kts ${VERSION}\n`);
else load();

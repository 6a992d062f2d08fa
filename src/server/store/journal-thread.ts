// The journal thread: owns the SQLite file, so that an fsync never stops the API.

import { messageOf } from '../../base/errors.ts';
import { StoreError } from './errors.ts';
import { JournalFile } from './journal-file.ts';
import type { JournalFailure, JournalReply, JournalRequest, JournalThreadData } from './journal-messages.ts';

/** The thread's end of the channel: the part of `parentPort` that is used. */
export interface JournalPort {
  postMessage(reply: JournalReply, transfer?: ArrayBuffer[]): void;
  on(event: 'message', listener: (request: JournalRequest) => void): unknown;
  close(): void;
}

/** What the single executable adds: the native addon of better-sqlite3, which it cannot find by itself. */
export interface JournalThreadDeps {
  readonly loadBinding?: () => object | undefined;
}

/** Opens the file, sends what it holds, then serves requests until `close`. */
export function runJournalThread(data: JournalThreadData, port: JournalPort, deps: JournalThreadDeps = {}): void {
  const reply = (message: JournalReply): void => port.postMessage(message);
  try {
    const file = new JournalFile(data.path, deps.loadBinding?.());
    for (const rows of file.rows()) port.postMessage({ type: 'rows', ...rows }, [rows.bytes]);
    reply({ type: 'opened', ...file.state });
    port.on('message', (request) => serve(file, request, port));
  } catch (error) {
    reply({ type: 'failed', failure: failureOf(error) });
    port.close();
  }
}

function serve(file: JournalFile, request: JournalRequest, port: JournalPort): void {
  let failure: JournalFailure | undefined;
  try {
    if (request.type === 'scrub') file.scrub();
    else file.commit(request.batch);
    if (request.type === 'close') file.close();
  } catch (error) {
    failure = failureOf(error);
  }
  port.postMessage({ type: 'done', failure });
  if (request.type === 'close') port.close();
  else if (!failure) checkpoint(file);
}

function checkpoint(file: JournalFile): void {
  try {
    file.checkpointIfDue();
  } catch {
    // Nothing is lost, the log only stays longer; what is wrong with the disk is said by the next commit.
  }
}

function failureOf(error: unknown): JournalFailure {
  if (error instanceof StoreError) return { code: error.code, message: error.message };
  return { code: 'unwritable', message: messageOf(error) };
}

// The journal's SQLite file: opening with verification, loading, commits, checkpoints. The only file that knows better-sqlite3.
//
// WAL with synchronous=FULL: a commit is one append and one fsync of the log. locking_mode=EXCLUSIVE keeps a second process out
// (it would not see our memory) and spares the shared-memory file. https://sqlite.org/wal.html

import { closeSync, fstatSync, fsyncSync, mkdirSync, openSync, readSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { hasCode, messageOf } from '../../base/errors.ts';
import { StoreError } from './errors.ts';
import { ENCRYPTED_MARK, type JournalBatch, type JournalWrite, REVISION_BLOCK } from './journal.ts';
import type { JournalRows, JournalState } from './journal-messages.ts';

/** `kts1`: says in the file's header whose it is. */
const APPLICATION_ID = 0x6b747331;
/** Version of the tables; a file of a higher one is refused. */
const FORMAT = 2;
const MAGIC = 'SQLite format 3\0';
/** Pages the log may take (16 MiB at 4 KiB would be far too much flash on a small device; this is 4 MiB). */
const CHECKPOINT_PAGES = 1_000;
const PAGE_BYTES = 4_096;
/** Bytes of values in one message at start-up. One live value keeps its whole message in memory, so not large. */
const ROWS_BYTES = 64 << 10;

const SCHEMA = `
  CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE live (
    key TEXT PRIMARY KEY,
    value BLOB NOT NULL,
    revision INTEGER NOT NULL,
    create_revision INTEGER NOT NULL
  ) STRICT;
  INSERT INTO meta VALUES ('reserved', 0);
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${FORMAT};
`;

/** Format 1 held every value as JSON in a column of text. What it may have kept of deleted Secrets is to be scrubbed. */
const FROM_FORMAT_1 = `
  CREATE TABLE blobs (
    key TEXT PRIMARY KEY,
    value BLOB NOT NULL,
    revision INTEGER NOT NULL,
    create_revision INTEGER NOT NULL
  ) STRICT;
  INSERT INTO blobs SELECT key, CAST(value AS BLOB), revision, create_revision FROM live;
  DROP TABLE live;
  ALTER TABLE blobs RENAME TO live;
  INSERT INTO meta VALUES ('scrub', 1);
  PRAGMA user_version = ${FORMAT};
`;

const UPSERT = `
  INSERT INTO live (key, value, revision, create_revision) VALUES (?, ?, ?, ?)
  ON CONFLICT (key) DO UPDATE SET value = excluded.value, revision = excluded.revision, create_revision = excluded.create_revision
`;

/** A row that is neither JSON nor marked as encrypted. */
const NOT_JSON = `
  SELECT key FROM live
  WHERE substr(CAST(value AS BLOB), 1, ${ENCRYPTED_MARK.length}) <> ? AND NOT json_valid(CAST(value AS TEXT)) LIMIT 1
`;

interface Row {
  readonly key: string;
  readonly value: Uint8Array;
  readonly revision: number;
  readonly createRevision: number;
}

/** An open journal file. */
export class JournalFile {
  readonly #path: string;
  readonly #db: Database.Database;
  readonly #upsert: Database.Statement;
  readonly #remove: Database.Statement;
  readonly #reserve: Database.Statement;
  readonly #markScrub: Database.Statement;
  readonly #state: JournalState;
  /** Estimate of the pages in the log since the last checkpoint. */
  #logPages = 0;

  /**
   * Opens or creates the file and verifies it; changes nothing in a file that is not sound.
   * @param binding the native addon, where it is not found by itself (single executable)
   * @throws StoreError `corrupt`, `unwritable`
   */
  constructor(path: string, binding: object | undefined) {
    this.#path = path;
    const before = inspectFile(path);
    this.#db = this.#guard(() => openDatabase(path, binding));
    try {
      this.#guard(() => prepareDatabase(this.#db, path));
      this.#upsert = this.#db.prepare(UPSERT);
      this.#remove = this.#db.prepare('DELETE FROM live WHERE key = ?');
      this.#reserve = this.#db.prepare("UPDATE meta SET value = ? WHERE name = 'reserved'");
      this.#markScrub = this.#db.prepare("INSERT OR REPLACE INTO meta VALUES ('scrub', 1)");
      this.#state = { ...this.#guard(() => this.#takeOver()), ...before };
      if (before.fileBytes === 0) syncDirectory(dirname(path));
    } catch (error) {
      this.#db.close();
      throw error;
    }
  }

  get state(): JournalState {
    return this.#state;
  }

  /** The live objects, in parts. */
  *rows(): Generator<JournalRows> {
    const select = this.#db.prepare<[], Row>('SELECT key, value, revision, create_revision AS createRevision FROM live ORDER BY key');
    let part: Row[] = [];
    let bytes = 0;
    for (const row of select.iterate()) {
      part.push(row);
      bytes += row.value.length;
      if (bytes < ROWS_BYTES) continue;
      yield packRows(part, bytes);
      part = [];
      bytes = 0;
    }
    if (part.length > 0) yield packRows(part, bytes);
  }

  /** One transaction. @throws StoreError `unwritable`, `corrupt`; then nothing of it is in the file. */
  commit(batch: JournalBatch): void {
    this.#guard(() => {
      this.#db.exec('BEGIN IMMEDIATE');
      try {
        for (const write of batch.writes) this.#write(write);
        if (batch.reserve !== undefined) this.#reserve.run(batch.reserve);
        if (batch.scrubDue) this.#markScrub.run();
        this.#db.exec('COMMIT');
      } finally {
        if (this.#db.inTransaction) this.#db.exec('ROLLBACK');
      }
    });
    this.#logPages += batch.writes.reduce((pages, { value }) => pages + 2 + Math.ceil((value?.length ?? 0) / PAGE_BYTES), 1);
  }

  /** Copies the log into the database when it has grown, so that it starts anew. To be called when nobody waits. */
  checkpointIfDue(): void {
    if (this.#logPages < CHECKPOINT_PAGES) return;
    this.#logPages = 0;
    const pages = Number(this.#db.pragma('page_count', { simple: true }));
    if (Number(this.#db.pragma('freelist_count', { simple: true })) > Math.max(pages / 2, 256)) this.#db.pragma('incremental_vacuum');
    this.#db.pragma('wal_checkpoint(PASSIVE)');
  }

  /**
   * Writes the live rows into new pages and empties the log, so that nothing of older rows is left in either. The mark goes last: a
   * crash before means that it is done again. https://sqlite.org/lang_vacuum.html
   * @throws StoreError `unwritable`, `corrupt`; then it is still due
   */
  scrub(): void {
    this.#guard(() => {
      this.#db.exec('VACUUM');
      this.#db.pragma('wal_checkpoint(TRUNCATE)');
      this.#db.exec("DELETE FROM meta WHERE name = 'scrub'");
    });
    this.#logPages = 0;
  }

  /** Empties the log and closes. */
  close(): void {
    this.#db.close();
  }

  #write({ key, value, revision, createRevision }: JournalWrite): void {
    if (value === undefined) this.#remove.run(key);
    else this.#upsert.run(key, value, revision, createRevision);
  }

  /** Reads where to go on, and reserves the first block: that shows at once whether the file can be written. */
  #takeOver(): Pick<JournalState, 'revision' | 'reserved' | 'objects' | 'scrubDue'> {
    const row = this.#db
      .prepare<[], { revision: number; objects: number }>(
        "SELECT max((SELECT value FROM meta WHERE name = 'reserved'), coalesce(max(revision), 0)) AS revision, count(*) AS objects FROM live",
      )
      .get();
    if (!row || !Number.isSafeInteger(row.revision)) throw damaged(this.#path, 'the revision counter is missing');
    const reserved = row.revision + REVISION_BLOCK;
    this.commit({ writes: [], reserve: reserved });
    const scrubDue = this.#db.prepare("SELECT 1 FROM meta WHERE name = 'scrub'").get() !== undefined;
    return { ...row, reserved, scrubDue };
  }

  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw error instanceof StoreError ? error : storeErrorOf(error, this.#path);
    }
  }
}

/** Makes directory and file if missing and looks at the file without SQLite. */
function inspectFile(path: string): Pick<JournalState, 'fileBytes' | 'recoveredBytes'> {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const descriptor = openSync(path, 'a+', 0o600);
    try {
      const fileBytes = fstatSync(descriptor).size;
      const head = Buffer.alloc(MAGIC.length);
      readSync(descriptor, head, 0, head.length, 0);
      if (fileBytes > 0 && head.toString('latin1') !== MAGIC) throw damaged(path, 'it is not a SQLite file');
      return { fileBytes, recoveredBytes: statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0 };
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw error instanceof StoreError ? error : unwritable(path, messageOf(error), error);
  }
}

function openDatabase(path: string, binding: object | undefined): Database.Database {
  // better-sqlite3 takes the addon itself as well as its path; its types know only the path.
  const options = binding === undefined ? {} : { nativeBinding: binding as unknown as string };
  return new Database(path, { ...options, timeout: 1_000 });
}

function prepareDatabase(db: Database.Database, path: string): void {
  db.pragma('locking_mode = EXCLUSIVE');
  const owner = Number(db.pragma('application_id', { simple: true }));
  const tables = Number(db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get());
  const fresh = owner === 0 && tables === 0;
  if (!fresh) verify(db, path, owner);
  else db.pragma('auto_vacuum = INCREMENTAL');
  if (db.pragma('journal_mode = WAL', { simple: true }) !== 'wal') throw unwritable(path, 'it cannot be switched to write-ahead logging');
  db.pragma('synchronous = FULL');
  db.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES * 4}`); // Only if checkpointIfDue could not keep up.
  if (fresh) db.transaction(() => db.exec(SCHEMA))();
  else if (db.pragma('user_version', { simple: true }) === 1) db.transaction(() => db.exec(FROM_FORMAT_1))();
}

function verify(db: Database.Database, path: string, owner: number): void {
  if (owner !== APPLICATION_ID) throw damaged(path, 'it belongs to another program');
  const format = Number(db.pragma('user_version', { simple: true }));
  if (format > FORMAT) {
    throw new StoreError('corrupt', `${path} was written by a newer kts (format ${format}, this one knows ${FORMAT}): run that version`);
  }
  const check = String(db.pragma('quick_check(1)', { simple: true }));
  if (check !== 'ok') throw damaged(path, check.split('\n').at(-1) ?? check);
  const bad = db.prepare(NOT_JSON).pluck().get(Buffer.from(ENCRYPTED_MARK));
  if (bad !== undefined) throw damaged(path, `the value of ${String(bad)} is not JSON`);
}

function packRows(rows: readonly Row[], size: number): JournalRows {
  const bytes = new Uint8Array(new ArrayBuffer(size));
  const ends: number[] = [];
  let end = 0;
  for (const { value } of rows) {
    bytes.set(value, end);
    end += value.length;
    ends.push(end);
  }
  return {
    keys: rows.map((row) => row.key),
    revisions: rows.map((row) => row.revision),
    createRevisions: rows.map((row) => row.createRevision),
    ends,
    bytes: bytes.buffer,
  };
}

/** A new file is there after a power cut only once its directory is on the disk too. */
function syncDirectory(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** SQLite's result codes as ours. https://sqlite.org/rescode.html */
function storeErrorOf(error: unknown, path: string): StoreError {
  const code = error instanceof Database.SqliteError ? error.code : '';
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') return damaged(path, messageOf(error), error);
  if (hasCode(error, 'SQLITE_FULL'))
    return new StoreError('unwritable', `the disk that holds ${path} is full: make room`, { cause: error });
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
    return new StoreError('unwritable', `${path} is in use by another process: stop it first`, { cause: error });
  }
  return unwritable(path, messageOf(error), error);
}

function damaged(path: string, detail: string, cause?: unknown): StoreError {
  const advice = 'restore it from a backup, or move it away to start with an empty cluster; it was not changed';
  return new StoreError('corrupt', `${path} cannot be used: ${detail}; ${advice}`, { cause });
}

function unwritable(path: string, detail: string, cause?: unknown): StoreError {
  const advice = 'check that its directory exists, is not read-only, and has room';
  return new StoreError('unwritable', `${path} cannot be written: ${detail}; ${advice}`, { cause });
}

// Encryption of Secrets at rest, with its life: the key file, the first encryption of an older database, rotation while the store is in
// use. Two rules make every step safe against a crash: a key is durable in the file before a value needs it, and leaves the file only
// when no value needs it any more. Whatever a crash left half done is finished at the next start. See docs/adr/0010.

import { randomBytes } from 'node:crypto';
import { readTextIfThere, writeFileAtomic } from '../../../base/atomic-file.ts';
import { type Clock, rfc3339 } from '../../../base/clock.ts';
import { messageOf } from '../../../base/errors.ts';
import type { Logger } from '../../../base/log.ts';
import { StoreError } from '../errors.ts';
import type { Journal, JournalContent } from '../journal.ts';
import { EncryptedJournal } from './encrypted-journal.ts';
import {
  type EncryptionKey,
  type EncryptionKeys,
  formatEncryptionKeys,
  KEY_BYTES,
  parseEncryptionKeys,
  withNewKey,
  withoutUnused,
} from './encryption-config.ts';

/** Rounds of rewriting: the second is for Secrets that were being written during the first, more means that the disk is in trouble. */
const MAX_ROUNDS = 5;
/** Secrets in one transaction at start. */
const REWRITE_BATCH = 500;

/** Where things stand. */
export interface EncryptionStatus {
  readonly enabled: boolean;
  /** The keys in the file, the one that writes first; how many Secrets are encrypted with each. */
  readonly keys: readonly { readonly name: string; readonly secrets: number }[];
  /** Secrets that are plain in the database. */
  readonly plain: number;
}

/** What was opened. */
export interface OpenedJournal extends JournalContent {
  readonly journal: Journal;
  readonly entries: readonly JournalEntry[];
  /** Bytes of before may be left in the file. */
  readonly scrubDue: boolean;
}

type JournalEntry = JournalContent['entries'] extends Iterable<infer E> ? E : never;

/** What it needs of the world. */
export interface SecretsEncryptionDeps {
  readonly clock: Clock;
  readonly log: Logger;
}

/** Encryption of one store's Secrets. Its operations run one at a time. */
export class SecretsEncryption {
  readonly #keyFile: string;
  readonly #deps: SecretsEncryptionDeps;
  readonly #journal: EncryptedJournal;
  #keys: EncryptionKeys;
  #running: Promise<unknown> = Promise.resolve();
  #rewrite: (keys: readonly string[]) => Promise<void>;

  private constructor(state: { keyFile: string; keys: EncryptionKeys; journal: EncryptedJournal }, deps: SecretsEncryptionDeps) {
    this.#keyFile = state.keyFile;
    this.#keys = state.keys;
    this.#journal = state.journal;
    this.#deps = deps;
    this.#rewrite = () => Promise.reject(new StoreError('closed', 'no store is attached'));
  }

  /**
   * Reads the key file, or makes it where nothing is encrypted yet; decrypts; encrypts what is plain or of an older key.
   * @throws StoreError `undecipherable` before anything is changed; `unwritable`
   */
  static async open(
    options: { keyFile: string; opened: OpenedJournal },
    deps: SecretsEncryptionDeps,
  ): Promise<{ encryption: SecretsEncryption; journal: Journal; content: JournalContent }> {
    const { keyFile, opened } = options;
    const text = readTextIfThere(keyFile);
    const found = text === undefined ? undefined : parseEncryptionKeys(text, keyFile);
    const { entries, start } = EncryptedJournal.open({ ...opened, keys: found }, keyFile);
    const keys = found ?? { enabled: true, keys: [newKey(deps.clock)] };
    if (!found) saveKeys(keyFile, keys);
    const journal = start(keys);
    const encryption = new SecretsEncryption({ keyFile, keys, journal }, deps);
    const byKey = new Map(entries.map((entry) => [entry.key, entry]));
    encryption.attach({
      rewrite: async (stale) => {
        const writes = stale.flatMap((key) => byKey.get(key) ?? []).map((entry) => ({ ...placeOf(entry), value: entry.bytes }));
        for (let at = 0; at < writes.length; at += REWRITE_BATCH) await journal.commit({ writes: writes.slice(at, at + REWRITE_BATCH) });
      },
    });
    await encryption.#converge({ scrubDue: opened.scrubDue });
    return { encryption, journal, content: { revision: opened.revision, reserved: opened.reserved, entries } };
  }

  /** From now on rewriting goes through this store's queue. */
  attach(store: { rewrite(keys: readonly string[]): Promise<void> }): void {
    this.#rewrite = (keys) => store.rewrite(keys);
  }

  status(): EncryptionStatus {
    const counts = this.#journal.counts();
    const keys = this.#keys.keys.map(({ name }) => ({ name, secrets: counts.get(name) ?? 0 }));
    return { enabled: this.#keys.enabled, keys, plain: counts.get('') ?? 0 };
  }

  /** A new key encrypts from now on, and everything is encrypted with it when this resolves. Enables what was disabled. @throws StoreError */
  rotate(): Promise<void> {
    return this.#alone(async () => {
      // While encryption was disabled, Secrets that are gone by now may have left plain bytes.
      const scrubDue = !this.#keys.enabled;
      await this.#use(withNewKey(this.#keys, newKey(this.#deps.clock)));
      await this.#converge({ scrubDue });
    });
  }

  /** Secrets are encrypted again. @throws StoreError */
  enable(): Promise<void> {
    return this.#keys.enabled ? this.#alone(() => this.#converge({ scrubDue: false })) : this.rotate();
  }

  /** Secrets are plain in the database from now on. @throws StoreError */
  disable(): Promise<void> {
    return this.#alone(async () => {
      await this.#use({ ...this.#keys, enabled: false });
      await this.#converge({ scrubDue: false });
    });
  }

  #alone(work: () => Promise<void>): Promise<void> {
    const result = this.#running.then(work);
    this.#running = result.catch(() => {}); // Told to who asked for it.
    return result;
  }

  async #use(keys: EncryptionKeys): Promise<void> {
    saveKeys(this.#keyFile, keys);
    this.#keys = keys;
    await this.#journal.use(keys);
  }

  /** Rewrites until every row is as a new one would be, removes what is left of the old ones, and forgets the keys that nothing needs. */
  async #converge({ scrubDue }: { scrubDue: boolean }): Promise<void> {
    const { log } = this.#deps;
    let rewritten = 0;
    for (let stale = this.#journal.stale(), round = 0; stale.length > 0; stale = this.#journal.stale(), round++) {
      if (round === MAX_ROUNDS) throw new StoreError('unwritable', `${stale.length} Secrets could not be written with the current key`);
      await this.#rewrite(stale);
      rewritten += stale.length;
    }
    if (rewritten > 0) log.info('secrets rewritten', { secrets: rewritten, encrypted: this.#keys.enabled, key: this.#keys.keys[0]?.name });
    if (scrubDue || (rewritten > 0 && this.#keys.enabled)) await this.#scrub();
    const needed = withoutUnused(this.#keys, new Set(this.#journal.counts().keys()));
    if (needed.keys.length < this.#keys.keys.length) await this.#use(needed);
  }

  /** Removes from the file what was replaced and deleted. When the disk does not allow it now, the next start tries again. */
  async #scrub(): Promise<void> {
    try {
      await this.#journal.scrub();
    } catch (error) {
      this.#deps.log.warn('old bytes could not be removed from the database; tried again at the next start', { error: messageOf(error) });
    }
  }
}

function saveKeys(path: string, keys: EncryptionKeys): void {
  try {
    writeFileAtomic(path, formatEncryptionKeys(keys), { mode: 0o600 });
  } catch (error) {
    throw new StoreError('unwritable', `${path} cannot be written: ${messageOf(error)}`, { cause: error });
  }
}

/** A key named for its time; the random end keeps two of one second apart. */
function newKey(clock: Clock): EncryptionKey {
  const time = rfc3339(clock.now()).replaceAll(/[-:]/g, '');
  return { name: `aesgcmkey-${time}-${randomBytes(2).toString('hex')}`, secret: randomBytes(KEY_BYTES) };
}

function placeOf({ key, revision, createRevision }: JournalEntry) {
  return { key, revision, createRevision };
}

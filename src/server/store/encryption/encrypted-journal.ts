// The journal of a store whose Secrets are encrypted on the disk and nowhere else: it stands between the write queue, which gives it
// plain values, and the journal proper. It knows of every Secret which key its row is encrypted with.

import { StoredEntry } from '../entry.ts';
import { StoreError } from '../errors.ts';
import type { Journal, JournalBatch, JournalWrite } from '../journal.ts';
import type { Entry } from '../store.ts';
import type { EncryptionKeys } from './encryption-config.ts';
import { decryptValue, encryptValue, keyNameOf } from './value-cipher.ts';

/** What is encrypted: the keys of upstream's `secrets`. */
const ENCRYPTED_PREFIX = '/registry/secrets/';
/** The name under which plain rows are counted; no key has an empty name. */
const PLAIN = '';
/** Of a row whose write failed: the failure may have come after the row was on the disk, so it may be the old one or the new one. */
const UNCERTAIN = ':';

/** A journal that encrypts. */
export class EncryptedJournal implements Journal {
  readonly #journal: Journal;
  #keys: EncryptionKeys;
  /** Store key of each Secret in the journal → name of the key its row is encrypted with, or PLAIN. */
  readonly #keyNames: Map<string, string>;
  /** The commit that is at the journal, if any. */
  #sent: Promise<void> = Promise.resolve();

  private constructor(journal: Journal, keys: EncryptionKeys, keyNames: Map<string, string>) {
    this.#journal = journal;
    this.#keys = keys;
    this.#keyNames = keyNames;
  }

  /**
   * Decrypts what the journal held. `where` names the key file in messages. @throws StoreError `undecipherable` when a value's key is
   * not among `keys` (undefined: there is no key file), or another than the one it was encrypted with
   */
  static open(
    content: { journal: Journal; entries: readonly Entry[]; keys: EncryptionKeys | undefined },
    where: string,
  ): { entries: Entry[]; start: (keys: EncryptionKeys) => EncryptedJournal } {
    const keyNames = new Map<string, string>();
    const entries = content.entries.map((entry) => {
      const name = keyNameOf(entry.bytes);
      if (name !== undefined || entry.key.startsWith(ENCRYPTED_PREFIX)) keyNames.set(entry.key, name ?? PLAIN);
      return name === undefined ? entry : decrypted(entry, name, { keys: content.keys, where });
    });
    return { entries, start: (keys) => new EncryptedJournal(content.journal, keys, keyNames) };
  }

  /** From the next batch on, values are written with these keys; resolves when no batch of older ones is on its way any more. */
  async use(keys: EncryptionKeys): Promise<void> {
    this.#keys = keys;
    await this.#sent;
  }

  /** Store keys whose rows are not as new ones would be: plain, encrypted with an older key, or encrypted though that is disabled. */
  stale(): string[] {
    const name = this.#writingKey?.name ?? PLAIN;
    return [...this.#keyNames].filter(([, used]) => used !== name).map(([key]) => key);
  }

  /** How many rows are encrypted with each key; plain ones are under ''. */
  counts(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const name of this.#keyNames.values()) counts.set(name, (counts.get(name) ?? 0) + 1);
    return counts;
  }

  async commit(batch: JournalBatch): Promise<void> {
    const { stored, names } = this.#encrypt(batch);
    const committed = this.#journal.commit(stored);
    this.#sent = committed.then(
      () => this.#remember(names),
      () => this.#doubt(names),
    );
    await committed;
  }

  async close(batch: JournalBatch): Promise<void> {
    await this.#journal.close(this.#encrypt(batch).stored);
  }

  scrub(): Promise<void> {
    return this.#journal.scrub();
  }

  get #writingKey() {
    return this.#keys.enabled ? this.#keys.keys[0] : undefined;
  }

  #encrypt(batch: JournalBatch): { stored: JournalBatch; names: Map<string, string | undefined> } {
    const names = new Map<string, string | undefined>();
    const key = this.#writingKey;
    const writes = batch.writes.map((write): JournalWrite => {
      if (!write.key.startsWith(ENCRYPTED_PREFIX)) return write;
      names.set(write.key, write.value && (key?.name ?? PLAIN));
      return key && write.value ? { ...write, value: encryptValue(key, write.key, write.value) } : write;
    });
    // What an older key or none protects is not to be left in freed pages: that may be why the key was changed.
    const scrubDue = key !== undefined && [...names.keys()].some((name) => (this.#keyNames.get(name) ?? key.name) !== key.name);
    return { stored: { ...batch, writes, ...(scrubDue && { scrubDue }) }, names };
  }

  #doubt(names: ReadonlyMap<string, string | undefined>): void {
    for (const key of names.keys()) this.#keyNames.set(key, UNCERTAIN);
  }

  #remember(names: ReadonlyMap<string, string | undefined>): void {
    for (const [key, name] of names) {
      if (name === undefined) this.#keyNames.delete(key);
      else this.#keyNames.set(key, name);
    }
  }
}

function decrypted(entry: Entry, name: string, { keys, where }: { keys: EncryptionKeys | undefined; where: string }): StoredEntry {
  const key = keys?.keys.find((candidate) => candidate.name === name);
  const advice = 'restore that file from a backup of the same time as the database; nothing was changed';
  if (!key) {
    const what = name === '' ? 'by a provider that kts does not have' : `with the key ${name}, which ${where} does not hold`;
    throw new StoreError('undecipherable', `${entry.key} is encrypted ${what}: ${advice}`);
  }
  const plain = decryptValue(key, entry.key, entry.bytes);
  if (!plain) throw new StoreError('undecipherable', `${entry.key} is not encrypted with the key ${name} of ${where}: ${advice}`);
  return new StoredEntry(entry, plain);
}

// The attachments of this node on disk, one small file each, named by address: what survives a restart of the agent.
// No fsync: a power cut ends the pods too; what it leaves half written is dropped at load.

import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../base/log.ts';
import type { Attachment } from './bridge-plan.ts';
import { isIpv4 } from './cidr.ts';
import type { AttachmentKey } from './cni.ts';

/** Key of the journal's index. */
export function attachmentId(key: AttachmentKey): string {
  return `${key.containerId}/${key.ifName}`;
}

/** Memory with a copy on disk. At most one file per address of the node's prefix. */
export class AttachmentJournal {
  readonly #dir: string;
  readonly #log: Logger;
  readonly #byId = new Map<string, Attachment>();
  readonly #addresses = new Set<string>();

  /** `dir` belongs to the journal alone. */
  constructor(options: { readonly dir: string }, deps: { readonly log: Logger }) {
    this.#dir = options.dir;
    this.#log = deps.log;
  }

  /** Reads the directory, making it if need be. Files that are not whole are removed. */
  async load(): Promise<void> {
    await mkdir(this.#dir, { recursive: true, mode: 0o700 });
    for (const name of await readdir(this.#dir)) {
      const attachment = isIpv4(name) ? parseAttachment(await readFile(join(this.#dir, name), 'utf8')) : undefined;
      if (attachment?.address === name) this.#index(attachment);
      else {
        this.#log.warn('dropping a broken attachment record', { file: name });
        await rm(join(this.#dir, name), { force: true, recursive: true });
      }
    }
  }

  /** Addresses in use, including those reserved. */
  get taken(): { has(address: string): boolean } {
    return this.#addresses;
  }

  get(key: AttachmentKey): Attachment | undefined {
    return this.#byId.get(attachmentId(key));
  }

  /** All attachments, in the order they were made. */
  all(): Attachment[] {
    return [...this.#byId.values()];
  }

  /** Takes the address at once and resolves when the record is on disk. */
  async put(attachment: Attachment): Promise<void> {
    this.#index(attachment);
    const path = join(this.#dir, attachment.address);
    await writeFile(`${path}.tmp`, JSON.stringify(attachment), { mode: 0o600 });
    await rename(`${path}.tmp`, path);
  }

  /** Removes the record, then frees the address. */
  async remove(key: AttachmentKey): Promise<void> {
    const attachment = this.get(key);
    if (!attachment) return;
    await rm(join(this.#dir, attachment.address), { force: true });
    this.#byId.delete(attachmentId(key));
    this.#addresses.delete(attachment.address);
  }

  #index(attachment: Attachment): void {
    this.#byId.set(attachmentId(attachment), attachment);
    this.#addresses.add(attachment.address);
  }
}

function parseAttachment(text: string): Attachment | undefined {
  try {
    // Parser of what `put` wrote; a file cut short is not JSON.
    const value = JSON.parse(text) as Attachment;
    return typeof value.containerId === 'string' && typeof value.address === 'string' ? value : undefined;
  } catch {
    return undefined; // The caller removes the file.
  }
}

// Keeps the server's own certificates fresh while it runs: a server may run for longer than they live.

import type { Clock } from '../base/clock.ts';
import { type Component, TaskGroup } from '../base/component.ts';
import { messageOf } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import type { ClusterPki } from '../server/pki/cluster-pki.ts';

/** How often to look. A certificate is due months before its end. */
const LOOK_MS = 12 * 3_600_000;

type Leaves = ClusterPki['leaves'];

/** What the renewal works on. */
export interface CertificateRenewalOptions {
  /** The certificates the server started with. */
  readonly leaves: Leaves;
  /** Renews what is due on disk and reads everything. */
  readonly open: () => Leaves;
  /** Takes new certificates into use. */
  readonly use: (leaves: Leaves) => void;
}

/** The component; `leaves` are the certificates in force. */
export class CertificateRenewal implements Component {
  readonly name = 'certificate-renewal';
  readonly #options: CertificateRenewalOptions;
  readonly #deps: { readonly clock: Clock; readonly log: Logger };
  readonly #tasks: TaskGroup;
  #leaves: Leaves;

  constructor(options: CertificateRenewalOptions, deps: { readonly clock: Clock; readonly log: Logger }) {
    this.#options = options;
    this.#deps = deps;
    this.#tasks = new TaskGroup(deps.log);
    this.#leaves = options.leaves;
  }

  get leaves(): Leaves {
    return this.#leaves;
  }

  async start(): Promise<void> {
    this.#tasks.run('renew', async (signal) => {
      for (;;) {
        await this.#deps.clock.sleep(LOOK_MS, signal);
        this.#look();
      }
    });
  }

  async stop(): Promise<void> {
    await this.#tasks.stop();
  }

  #look(): void {
    try {
      const leaves = this.#options.open();
      const isSame = Object.entries(leaves).every(
        ([name, { certificate }]) => this.#leaves[name as keyof Leaves].certificate === certificate,
      ); // The names are those of the type.
      if (isSame) return;
      this.#leaves = leaves;
      this.#options.use(leaves);
    } catch (error) {
      // A full disk, for example: there are months left to mend it.
      this.#deps.log.warn('certificates were not renewed', { error: messageOf(error) });
    }
  }
}

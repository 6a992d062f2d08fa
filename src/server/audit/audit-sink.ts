// Where events of the audit log go, and whether requests wait for it: upstream's modes batch, blocking and blocking-strict.
// https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/#audit-backends

import type { Clock } from '../../base/clock.ts';
import type { Component } from '../../base/component.ts';
import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import { AuditBuffer, type BatchOptions } from './audit-buffer.ts';
import { type AuditEvent, fittingLine, type TruncateLimits } from './audit-event.ts';
import type { AuditMode } from './audit-mode.ts';

/** What keeps events: a file, a webhook. */
export interface AuditOutput extends Component {
  /** As upstream names the plugin in its metrics. */
  readonly plugin: 'log' | 'webhook';
  /** Most deliveries at a time that make sense. */
  readonly parallel: number;
  /** Keeps lines. @throws when they are not kept, after it has tried what can be tried */
  deliver(lines: readonly string[]): Promise<void>;
  /** The server stops: what comes now is tried once, and not for long. */
  hurry?(): void;
}

/** How a sink works. */
export interface AuditSinkOptions {
  readonly mode: AuditMode;
  readonly batch: BatchOptions;
  /** Absent = events are kept whatever their size. */
  readonly truncate: TruncateLimits | undefined;
}

/** Events lost, by upstream's name of the part that lost them. */
export type LostEvents = ReadonlyMap<string, number>;

/** One place for events. */
export class AuditSink implements Component {
  readonly name: string;
  readonly #options: AuditSinkOptions;
  readonly #output: AuditOutput;
  readonly #log: Logger;
  readonly #buffer: AuditBuffer | undefined;
  readonly #lost = new Map<string, number>();
  #isFailing = false;

  constructor(options: AuditSinkOptions, deps: { readonly output: AuditOutput; readonly clock: Clock; readonly log: Logger }) {
    const { output, clock } = deps;
    this.name = `audit-${output.plugin}`;
    this.#options = options;
    this.#output = output;
    this.#log = deps.log;
    if (options.mode !== 'batch') return;
    this.#buffer = new AuditBuffer(
      { ...options.batch, parallel: output.parallel, ...(options.truncate && { maxBatchBytes: options.truncate.maxBatchBytes }) },
      {
        clock,
        deliver: (lines) => this.#deliver(lines),
        lose: (count, why) => this.#lose('buffered', count, why),
      },
    );
  }

  /** Whether requests wait for it. */
  get holdsUp(): boolean {
    return this.#options.mode !== 'batch';
  }

  /** Events that were not kept. */
  get lost(): LostEvents {
    return this.#lost;
  }

  async start(): Promise<void> {
    await this.#output.start();
  }

  /** Delivers what waits. */
  async stop(): Promise<void> {
    this.#output.hurry?.();
    await this.#buffer?.stop();
    await this.#output.stop();
  }

  /** Takes an event. When requests wait for it: whether they may go on. Never rejects. */
  write(event: AuditEvent): Promise<boolean> | undefined {
    const line = fittingLine(event, this.#options.truncate);
    if (line === undefined) this.#lose('truncate', 1, 'event is too large even after truncating');
    else if (this.#buffer) this.#buffer.write(line);
    else return this.#deliver([line]).then((isKept) => isKept || this.#options.mode === 'blocking');
    return undefined;
  }

  /** Whether they were kept. Never rejects. */
  async #deliver(lines: readonly string[]): Promise<boolean> {
    try {
      await this.#output.deliver(lines);
      this.#isFailing = false;
      return true;
    } catch (error) {
      this.#lose(this.#output.plugin, lines.length, messageOf(error));
      return false;
    }
  }

  #lose(plugin: string, count: number, why: string): void {
    this.#lost.set(plugin, (this.#lost.get(plugin) ?? 0) + count);
    if (this.#isFailing) return;
    this.#isFailing = true; // Said once, until something is kept again: who loses events has enough to do.
    this.#log.error('audit events are lost', { plugin, error: why });
  }
}

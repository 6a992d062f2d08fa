// The agent thread as a component of `kts server`.

import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import type { Component } from '../base/component.ts';
import { KtsError } from '../base/errors.ts';
import type { StartThread } from '../base/thread.ts';
import type { AgentMessage, AgentSettings } from './agent-settings.ts';

/** Starts and stops the thread. `failed` rejects when the agent ends by itself after it was ready. */
export class AgentHandle implements Component {
  readonly name = 'agent-thread';
  readonly failed: Promise<never>;
  readonly #settings: AgentSettings;
  readonly #startThread: StartThread;
  readonly #fail: (error: Error) => void;
  #worker: Worker | undefined;

  constructor(settings: AgentSettings, deps: { readonly startThread: StartThread }) {
    this.#settings = settings;
    this.#startThread = deps.startThread;
    const { promise, reject } = Promise.withResolvers<never>();
    promise.catch(() => {}); // Whoever races on it sees it; nobody has to.
    this.failed = promise;
    this.#fail = reject;
  }

  /** Resolves when the node is ready. @throws KtsError with the agent's own words when it could not start */
  async start(): Promise<void> {
    const worker = this.#startThread('agent', this.#settings);
    this.#worker = worker;
    await new Promise<void>((resolve, reject) => {
      const end = (error: Error): void => {
        reject(error);
        this.#fail(error);
      };
      worker.on('message', (message: AgentMessage) => {
        if (message.kind === 'ready') resolve();
        else if (message.kind === 'failed') end(new KtsError(message.code || 'agent', message.message));
      });
      worker.once('error', (error) => end(new KtsError('agent', `the agent thread failed: ${error.message}`, { cause: error })));
      worker.once('exit', () => end(new KtsError('agent', 'the agent thread ended')));
    });
  }

  async stop(): Promise<void> {
    const worker = this.#worker;
    if (!worker) return;
    this.#worker = undefined;
    const exited = once(worker, 'exit');
    worker.postMessage('stop');
    await exited;
  }
}

// The agent in its thread of `kts server`: started with settings, tells when it is ready, ends when it is told to.

import type { MessagePort } from 'node:worker_threads';
import { systemClock } from '../base/clock.ts';
import { KtsError, messageOf } from '../base/errors.ts';
import type { AgentMessage, AgentSettings } from './agent-settings.ts';
import { openLogger } from './open-logger.ts';
import { Agent } from './wire-agent.ts';

/** Runs the agent until the port says `stop`. Failures to start are reported through the port, not thrown. */
export async function runAgentThread(settings: AgentSettings, port: MessagePort): Promise<void> {
  const log = openLogger(settings.options).child('agent');
  const agent = new Agent(settings, { log });
  const tell = (message: AgentMessage): void => port.postMessage(message);
  const stopped = new Promise<void>((resolve) => {
    port.on('message', (message) => {
      if (message === 'stop') resolve();
    });
  });
  try {
    const started = systemClock.monotonic();
    await agent.start();
    tell({ kind: 'ready', milliseconds: systemClock.monotonic() - started });
    await stopped;
  } catch (error) {
    tell({ kind: 'failed', message: messageOf(error), code: error instanceof KtsError ? error.code : '' });
  }
  await agent.stop();
  tell({ kind: 'stopped' });
  port.close();
}

// `kts server`: a cluster in one process. The control plane on this thread, the node on a thread of its own.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { detectNodeAddress } from '../../agent/network/node-address.ts';
import { systemClock } from '../../base/clock.ts';
import type { Component } from '../../base/component.ts';
import { KtsError } from '../../base/errors.ts';
import { systemExec } from '../../base/exec.ts';
import type { Logger } from '../../base/log.ts';
import { findPrograms } from '../../cri/containerd-programs.ts';
import { AgentHandle } from '../agent-handle.ts';
import { buildDirectoryOf } from '../build-directory.ts';
import type { ProcessInput } from '../command.ts';
import { commandHelp } from '../help.ts';
import { live } from '../life.ts';
import { loadFlags } from '../load-flags.ts';
import { nodeNameOf } from '../node-identity.ts';
import { openLogger } from '../open-logger.ts';
import { type ServerOptions, serverOptions } from '../options.ts';
import { searchPathOf } from '../search-path.ts';
import { threadStarter } from '../threads.ts';
import { readToken } from '../token-file.ts';
import { ControlPlane } from '../wire-server.ts';
import { demandWritable } from '../writable.ts';

/** Runs the command until a signal. @throws KtsError `usage`, `not-root`, and what keeps the parts from starting */
export async function serverCommand(input: ProcessInput): Promise<number> {
  const { values, help } = await loadFlags('server', input);
  if (help) {
    process.stdout.write(commandHelp('server'));
    return 0;
  }
  const options = serverOptions(values);
  if (process.getuid?.() !== 0) throw new KtsError('not-root', 'the server must run as root: sudo kts server');
  demandWritable(options.directories.data, 'data-dir');
  demandWritable(options.directories.run, 'run-dir');
  const log = openLogger(options);
  const server = await makeServer(options, { env: input.env, log });
  return live({ name: 'kts', runDirectory: options.directories.run }, server, {
    log,
    clock: systemClock,
    exec: systemExec,
  });
}

async function makeServer(
  options: ServerOptions,
  { env, log }: { env: ProcessInput['env']; log: Logger },
): Promise<Component & { failed: Promise<never> }> {
  const searchPath = searchPathOf(env);
  if (options.runAgent) await findPrograms(searchPath, systemExec); // Before anything is written.
  const address = await detectNodeAddress(options.nodeIp === undefined ? {} : { nodeIp: options.nodeIp }, systemExec);
  const nodeName = nodeNameOf(options);
  const buildDirectory = buildDirectoryOf(options.directories.data);
  const startThread = threadStarter(buildDirectory);
  const { promise: failed, reject } = Promise.withResolvers<never>();
  failed.catch(() => {}); // Raced on in life.ts.
  const place = {
    nodeName,
    address: address.ip,
    token: readToken(options.token, options.tokenFile),
    agentToken: readToken(options.agentToken, options.agentTokenFile),
  };
  const plane = new ControlPlane(options, place, { startThread, log, onFatal: reject });
  const settings = (): ConstructorParameters<typeof AgentHandle>[0] => ({
    options: { ...options, nodeIp: address.ip },
    server: `https://127.0.0.1:${options.port}`,
    token: readFileSync(join(options.directories.data, 'server/node-token'), 'utf8').trim(),
    nodeName,
    buildDirectory,
    searchPath,
  });
  let agent: AgentHandle | undefined;
  return {
    name: 'server',
    failed,
    async start() {
      await plane.start();
      if (!options.runAgent) return;
      agent = new AgentHandle(settings(), { startThread });
      agent.failed.catch(reject);
      await agent.start();
    },
    async stop() {
      await agent?.stop(); // Before the API it talks to.
      await plane.stop();
    },
  };
}

// `kts agent`: a node of a cluster, alone in its process.

import { systemClock } from '../../base/clock.ts';
import { KtsError } from '../../base/errors.ts';
import { systemExec } from '../../base/exec.ts';
import { findPrograms } from '../../cri/containerd-programs.ts';
import { buildDirectoryOf } from '../build-directory.ts';
import type { ProcessInput } from '../command.ts';
import { commandHelp } from '../help.ts';
import { live } from '../life.ts';
import { loadFlags } from '../load-flags.ts';
import { nodeNameOf } from '../node-identity.ts';
import { openLogger } from '../open-logger.ts';
import { agentOptions } from '../options.ts';
import { searchPathOf } from '../search-path.ts';
import { readToken } from '../token-file.ts';
import { Agent } from '../wire-agent.ts';
import { demandWritable } from '../writable.ts';

/** Runs the command until a signal. @throws KtsError `usage`, `not-root`, and what keeps the parts from starting */
export async function agentCommand(input: ProcessInput): Promise<number> {
  const { values, help } = await loadFlags('agent', input);
  if (help) {
    process.stdout.write(commandHelp('agent'));
    return 0;
  }
  const options = agentOptions(values);
  if (process.getuid?.() !== 0) throw new KtsError('not-root', 'the agent must run as root: sudo kts agent');
  demandWritable(options.directories.data, 'data-dir');
  demandWritable(options.directories.run, 'run-dir');
  const log = openLogger(options);
  const searchPath = searchPathOf(input.env);
  await findPrograms(searchPath, systemExec); // Before anything is written.
  const token = readToken(options.token, options.tokenFile) ?? '';
  const settings = {
    options,
    server: options.server,
    token,
    nodeName: nodeNameOf(options),

    buildDirectory: buildDirectoryOf(options.directories.data),
    searchPath,
  };
  const agent = new Agent(settings, { log });
  const failed = new Promise<never>(() => {}); // Nothing outside ends the agent: its parts mend themselves.
  const component = { name: agent.name, failed, start: () => agent.start(), stop: () => agent.stop() };
  return live({ name: 'kts-agent', runDirectory: options.directories.run }, component, {
    log,
    clock: systemClock,
    exec: systemExec,
  });
}

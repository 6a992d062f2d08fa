// Entry of the executable's bundle for nodes: the agent's thread of `kts server`, and all of `kts agent`.

import { isMainThread } from 'node:worker_threads';
import { holdProcess } from './base/clock.ts';
import { runAgent } from './cli/agent-entry.ts';
import { runCommand } from './cli/command.ts';
import { agentCommand } from './cli/commands/agent.ts';

if (isMainThread) {
  holdProcess(); // Until the command ends: it may wait for nothing but time.
  const { argv, env } = process;
  runCommand(() => agentCommand({ args: argv.slice(3), env }), env).then((code) => process.exit(code));
} else void runAgent();

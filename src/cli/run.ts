// From argv to one command.

import { KtsError } from '../base/errors.ts';
import { VERSION } from '../base/version.ts';
import { type Command, type ProcessInput, runCommand } from './command.ts';
import { commandHelp, generalHelp } from './help.ts';

const print = (text: string): number => {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
  return 0;
};

/** The commands; each loads only what it needs. */
const COMMANDS: Readonly<Record<string, Command>> = {
  server: async (input) => (await import('./commands/server.ts')).serverCommand(input),
  agent: async (input) => (await import('./commands/agent.ts')).agentCommand(input),
  demo: async (input) => (await import('./commands/demo.ts')).demoCommand(input),
  'secrets-encrypt': async (input) => (await import('./commands/secrets-encrypt.ts')).secretsEncryptCommand(input),
  uninstall: async (input) => (await import('./commands/uninstall.ts')).uninstallCommand(input),
  cni: async (input) => (await import('./commands/cni.ts')).cniCommand(input),
  version: async () => print(`kts ${VERSION}`),
  help: async (input) => print(helpFor(input.args[0])),
};

function helpFor(topic: string | undefined): string {
  if (topic === undefined) return generalHelp(VERSION);
  if (topic === 'server' || topic === 'agent' || topic === 'uninstall') return commandHelp(topic);
  if (topic in COMMANDS) return `kts ${topic} takes no flags.`;
  throw new KtsError('usage', `there is no command ${topic}; see kts help`);
}

function select(word: string | undefined): Command {
  if (word === undefined || word === '--help' || word === '-h') return async () => print(generalHelp(VERSION));
  if (word === '--version' || word === '-v') return async () => print(`kts ${VERSION}`);
  const command = COMMANDS[word];
  if (!command) throw new KtsError('usage', `there is no command ${word}; see kts help`);
  return command;
}

/** Runs the command that `argv` (without program and script) names; resolves to the exit code. Never rejects. */
export function run(argv: readonly string[], env: ProcessInput['env']): Promise<number> {
  return runCommand(() => select(argv[0])({ args: argv.slice(1), env }), env);
}

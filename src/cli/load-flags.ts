// The flags of one run: command line, environment and configuration files together.

import { KtsError } from '../base/errors.ts';
import type { ProcessInput } from './command.ts';
import { readConfigFiles } from './config-file.ts';
import type { FlagCommand } from './flags.ts';
import { type FlagValues, parseArguments, parseConfig, parseEnvironment, resolveFlags } from './parse-flags.ts';

/** What a run of a command is told; `help` = print the help and do nothing. */
export interface LoadedFlags {
  readonly values: FlagValues;
  readonly help: boolean;
}

/** Loads and resolves the flags of a command that takes no other words. @throws KtsError `usage` */
export async function loadFlags(command: FlagCommand, input: ProcessInput): Promise<LoadedFlags> {
  const args = parseArguments(command, input.args);
  if (args.help) return { values: args.values, help: true };
  const [extra] = args.words;
  if (extra !== undefined) throw new KtsError('usage', `${command} takes flags only, not "${extra}"; see kts help ${command}`);
  const env = parseEnvironment(command, input.env);
  const named = args.values.get('config') ?? env.get('config');
  const preset = resolveFlags(command, { args: args.values, env, config: new Map() }).get('config');
  const sources = await readConfigFiles(String(named ?? preset ?? '/etc/kts/config.yaml'), named === undefined ? 'default' : 'named');
  return { values: resolveFlags(command, { args: args.values, env, config: parseConfig(command, sources) }), help: false };
}

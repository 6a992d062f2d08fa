// From the command line, the environment and the configuration file to values by flag name. Pure.
// Precedence: command line, then environment, then file (drop-ins after the file, in order of name), then default.

import { KtsError } from '../base/errors.ts';
import { FLAG_ALIASES, type Flag, type FlagCommand, flagsOf } from './flags.ts';

/** The value of a flag. */
export type FlagValue = string | number | boolean | readonly string[];

/** Values of all flags that have one. */
export type FlagValues = ReadonlyMap<string, FlagValue>;

const usage = (message: string): KtsError<'usage'> => new KtsError('usage', message);

/** A configuration file that was read: its name for messages, its content as YAML values. */
export interface ConfigSource {
  readonly file: string;
  readonly content: unknown;
}

/** What a command line says: values, and words that are not flags. */
export interface ParsedArguments {
  readonly values: FlagValues;
  readonly words: readonly string[];
  readonly help: boolean;
}

/** Parses `--flag value`, `--flag=value`, `-f value`, `--bool`, `--bool=false`. @throws KtsError `usage`. */
export function parseArguments(command: FlagCommand, args: readonly string[]): ParsedArguments {
  const flags = flagsOf(command);
  const values = new Map<string, FlagValue>();
  const words: string[] = [];
  let help = false;
  for (let at = 0; at < args.length; at++) {
    const word = args[at] ?? '';
    if (word === '--help' || word === '-h') help = true;
    else if (!word.startsWith('-') || word === '-') words.push(word);
    else {
      const equals = word.startsWith('--') ? word.indexOf('=') : -1;
      const spelled = equals < 0 ? word : word.slice(0, equals);
      const flag = findFlag(flags, spelled, command);
      let text = equals < 0 ? undefined : word.slice(equals + 1);
      if (text === undefined && flag.type !== 'boolean') {
        text = args[++at];
        if (text === undefined) throw usage(`flag ${spelled} needs a value`);
      }
      put(values, flag, convert(flag, text ?? 'true', spelled));
    }
  }
  return { values, words, help };
}

function findFlag(flags: readonly Flag[], spelled: string, command: string): Flag {
  const bare = spelled.replace(/^--?/, '');
  const name = FLAG_ALIASES[bare] ?? bare;
  const found = spelled.startsWith('--') ? flags.find((f) => f.name === name) : flags.find((f) => f.short === bare);
  if (found) return found;
  const near = nearest(
    bare,
    flags.map((f) => f.name),
  );
  throw usage(`unknown flag ${spelled}${near ? ` (did you mean --${near}?)` : ''}; see kts help ${command}`);
}

/** The name at most two edits away, if any. */
function nearest(word: string, names: readonly string[]): string | undefined {
  const ranked = names.map((name) => ({ name, distance: editDistance(word, name) })).sort((a, b) => a.distance - b.distance);
  return ranked[0] && ranked[0].distance <= 2 ? ranked[0].name : undefined;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (const [i, ca] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, cb] of [...b].entries()) {
      next.push(Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (ca === cb ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

function put(values: Map<string, FlagValue>, flag: Flag, value: FlagValue): void {
  const before = values.get(flag.name);
  if (flag.type === 'list' && Array.isArray(before) && Array.isArray(value)) values.set(flag.name, [...before, ...value]);
  else values.set(flag.name, value);
}

function convert(flag: Flag, text: string, where: string): FlagValue {
  if (flag.type === 'list') return text.split(',').filter((item) => item !== '');
  if (flag.type === 'number') {
    if (!/^\d+$/.test(text)) throw usage(`${where}: "${text}" is not a whole number`);
    return Number(text);
  }
  if (flag.type === 'boolean') {
    if (!/^(true|false|1|0)$/i.test(text)) throw usage(`${where}: "${text}" is not true or false`);
    return /^(true|1)$/i.test(text);
  }
  return text;
}

/** Values from the environment variables that flags name. @throws KtsError `usage`. */
export function parseEnvironment(command: FlagCommand, env: Readonly<Record<string, string | undefined>>): FlagValues {
  const values = new Map<string, FlagValue>();
  for (const flag of flagsOf(command)) {
    const text = flag.env === undefined ? undefined : env[flag.env];
    if (text !== undefined && text !== '') values.set(flag.name, convert(flag, text, flag.env ?? ''));
  }
  return values;
}

/**
 * Values from configuration files in order; a later file replaces, `key+` appends to a list.
 * Keys of another command's flags are passed over, so that one file serves a machine that changes its role.
 * @throws KtsError `usage` naming the file and key.
 */
export function parseConfig(command: FlagCommand, sources: readonly ConfigSource[]): FlagValues {
  const values = new Map<string, FlagValue>();
  for (const { file, content } of sources) {
    if (content === null || content === undefined) continue;
    if (typeof content !== 'object' || Array.isArray(content)) throw usage(`${file}: expected a mapping of flag names to values`);
    for (const [key, raw] of Object.entries(content)) parseConfigEntry({ command, file, key, raw }, values);
  }
  return values;
}

function parseConfigEntry(entry: { command: FlagCommand; file: string; key: string; raw: unknown }, values: Map<string, FlagValue>): void {
  const append = entry.key.endsWith('+');
  const spelled = append ? entry.key.slice(0, -1) : entry.key;
  const name = FLAG_ALIASES[spelled] ?? spelled;
  const flag = flagsOf(entry.command).find((f) => f.name === name);
  if (!flag) {
    if (flagsOf('server').some((f) => f.name === name) || flagsOf('agent').some((f) => f.name === name)) return;
    throw usage(`${entry.file}: unknown key ${entry.key}`);
  }
  const where = `${entry.file}: ${entry.key}`;
  const items = Array.isArray(entry.raw) ? entry.raw : [entry.raw];
  if (items.some((item) => item === null || typeof item === 'object'))
    throw usage(`${where}: expected ${flag.type === 'list' ? 'a list of words' : `a ${flag.type}`}`);
  if (flag.type !== 'list' && (items.length !== 1 || append)) throw usage(`${where}: takes one value`);
  if (!append) values.delete(name);
  for (const item of items) put(values, flag, convert(flag, String(item), where));
}

/** Merges the sources by precedence and fills defaults. */
export function resolveFlags(command: FlagCommand, sources: { args: FlagValues; env: FlagValues; config: FlagValues }): FlagValues {
  const values = new Map<string, FlagValue>();
  for (const flag of flagsOf(command)) {
    const value = sources.args.get(flag.name) ?? sources.env.get(flag.name) ?? sources.config.get(flag.name) ?? flag.default;
    if (value !== undefined) values.set(flag.name, value);
  }
  return values;
}

// What a command is, and how one is run: a command that fails prints one line on standard error and ends with exit code 1.

import { hasCode, messageOf } from '../base/errors.ts';

/** What a command reads of the process. */
export interface ProcessInput {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A command; resolves to the exit code. */
export type Command = (input: ProcessInput) => Promise<number>;

/** Runs what `command` gives; resolves to the exit code. Never rejects. */
export async function runCommand(command: () => Promise<number>, env: ProcessInput['env']): Promise<number> {
  try {
    return await command();
  } catch (error) {
    const [line = ''] = messageOf(error).split('\n');
    process.stderr.write(`kts: ${line}\n`);
    if (env['KTS_DEBUG'] === 'true' && !hasCode(error, 'usage') && error instanceof Error) process.stderr.write(`${error.stack}\n`);
    return 1;
  }
}

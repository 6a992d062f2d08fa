// A program under a real terminal (pty), as a person starts kubectl. The addon is built by scripts/native/build-pty.sh.

import { type IPty, spawn } from 'node-pty';

/** How long a terminal may be silent before a wait for it fails. */
const PATIENCE_MS = 30_000;

/** A program in a terminal of 80 x 24. */
export class Terminal {
  readonly #pty: IPty;
  readonly #exit: Promise<number>;
  #text = '';
  #changed: () => void = () => {};

  constructor(command: string, args: readonly string[], env: Readonly<Record<string, string>>) {
    this.#pty = spawn(command, [...args], { cols: 80, rows: 24, env: { ...process.env, ...env } });
    this.#pty.onData((text) => {
      this.#text += text;
      this.#changed();
    });
    this.#exit = new Promise((resolve) => this.#pty.onExit(({ exitCode }) => resolve(exitCode)));
  }

  /** Types a line. */
  type(line: string): void {
    this.#pty.write(`${line}\r`);
  }

  /** Changes the size of the window. */
  resize(cols: number, rows: number): void {
    this.#pty.resize(cols, rows);
  }

  /** Waits until what is on the screen since the last wait fits, and takes it off. */
  async until(pattern: RegExp): Promise<string> {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    signal.addEventListener('abort', () => this.#changed(), { once: true });
    for (;;) {
      const match = pattern.exec(this.#text);
      if (match) {
        this.#text = this.#text.slice(match.index + match[0].length);
        return match[0];
      }
      if (signal.aborted) throw new Error(`${pattern} did not appear; there is ${JSON.stringify(this.#text)}`);
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
  }

  /** The exit code, when the program has ended. */
  exit(): Promise<number> {
    return this.#exit;
  }

  /** Ends the program if it still runs. */
  close(): void {
    try {
      this.#pty.kill('SIGKILL');
    } catch {
      // It has ended.
    }
  }
}

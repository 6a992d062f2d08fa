// The log format of the CRI: `<RFC 3339 time> <stdout|stderr> <P|F> <text>`, one line each; P = the text goes on in the next line.
// Pure: a line to its parts, and the parts to what a client reads.

/** Streams that a client asks for (PodLogOptions.stream). */
export type LogStreams = 'All' | 'Stdout' | 'Stderr';

/** A parsed line. */
export interface LogLine {
  /** As written, e.g. `2026-01-02T03:04:05.1234Z`. */
  readonly time: string;
  readonly stream: 'stdout' | 'stderr';
  /** More of the same line follows. */
  readonly partial: boolean;
  readonly text: Buffer;
}

const SPACE = 0x20;

/** Parses a line without its line feed. @returns undefined for a line that is not in the format (cut off by a crash, say). */
export function parseLogLine(line: Buffer): LogLine | undefined {
  const afterTime = line.indexOf(SPACE);
  const afterStream = line.indexOf(SPACE, afterTime + 1);
  if (afterTime <= 0 || afterStream < 0) return undefined;
  const afterTags = line.indexOf(SPACE, afterStream + 1);
  const tagsEnd = afterTags < 0 ? line.length : afterTags;
  const stream = line.toString('latin1', afterTime + 1, afterStream);
  if (stream !== 'stdout' && stream !== 'stderr') return undefined;
  // Tags are separated by colons, and only the first has a meaning.
  const tag = line.toString('latin1', afterStream + 1, tagsEnd).split(':')[0];
  if (tag !== 'P' && tag !== 'F') return undefined;
  const text = afterTags < 0 ? Buffer.alloc(0) : line.subarray(afterTags + 1);
  return { time: line.toString('latin1', 0, afterTime), stream, partial: tag === 'P', text };
}

/** The time with nine fraction digits, as `kubectl logs --timestamps` shows it. */
export function nanoTime(time: string): string {
  const [, seconds = time, fraction = '', zone = ''] = /^(.*?:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/.exec(time) ?? [];
  return zone === '' ? time : `${seconds}.${fraction.padEnd(9, '0').slice(0, 9)}${zone}`;
}

/** What is wanted of the lines. */
export interface LineOptions {
  readonly streams: LogStreams;
  readonly timestamps: boolean;
  /** Milliseconds since 1970: older lines are left out. */
  readonly sinceMs?: number | undefined;
}

const STREAM_OF: Readonly<Record<LogStreams, string>> = { All: '', Stdout: 'stdout', Stderr: 'stderr' };

/** Turns lines into output; remembers whether the last one was partial, so that its continuation gets no time of its own. */
export class LineFormatter {
  readonly #options: LineOptions;
  readonly #stream: string;
  readonly #continued = { stdout: false, stderr: false };

  constructor(options: LineOptions) {
    this.#options = options;
    this.#stream = STREAM_OF[options.streams];
  }

  /** @returns undefined for a line that is not wanted */
  format(line: LogLine): Buffer | undefined {
    if (this.#stream !== '' && line.stream !== this.#stream) return undefined;
    const { sinceMs, timestamps } = this.#options;
    if (sinceMs !== undefined && Date.parse(line.time) < sinceMs) return undefined;
    const continues = this.#continued[line.stream];
    this.#continued[line.stream] = line.partial;
    const prefix = timestamps && !continues ? `${nanoTime(line.time)} ` : '';
    if (prefix === '' && line.partial) return line.text;
    return Buffer.concat([Buffer.from(prefix, 'latin1'), line.text, Buffer.from(line.partial ? '' : '\n')]);
  }
}

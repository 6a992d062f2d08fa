// The family of errors that are kts's own and not an API Status: a typed code, fields, and a message a person can act on.

/** An error with a stable `code`; callers ask for the code, never for the text. */
export class KtsError<Code extends string = string> extends Error {
  readonly code: Code;
  /** Facts for the log line. */
  readonly fields: Readonly<Record<string, unknown>>;

  constructor(code: Code, message: string, options: { cause?: unknown; fields?: Record<string, unknown> } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'KtsError';
    this.code = code;
    this.fields = options.fields ?? {};
  }
}

/** Whether `error` is a KtsError of that code. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whether `error` says that an AbortSignal ended the work. */
export function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError');
}

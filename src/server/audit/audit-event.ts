// One event of the audit log on its way to where it is kept, and what is taken from it when it is too large. Pure.

/** An event, as JSON. */
export interface AuditEvent {
  /** One line, with its end. */
  readonly line: string;
  /** The line without the objects of request and answer, marked as truncated; undefined when its level keeps none. */
  bare(): string | undefined;
}

/** Most bytes of an event and of a batch of them. */
export interface TruncateLimits {
  readonly maxEventBytes: number;
  readonly maxBatchBytes: number;
}

/** How each line begins: the items of a list leave it out. */
export const EVENT_HEAD = '{"kind":"Event","apiVersion":"audit.k8s.io/v1",';
/** The annotation of an event that lost its objects. */
export const TRUNCATED = 'audit.k8s.io/truncated';

/** The line as it is to be kept; undefined when even the bare one is too large. */
export function fittingLine(event: AuditEvent, limits: TruncateLimits | undefined): string | undefined {
  if (!limits || Buffer.byteLength(event.line) <= limits.maxEventBytes) return event.line;
  const bare = event.bare();
  return bare !== undefined && Buffer.byteLength(bare) <= limits.maxEventBytes ? bare : undefined;
}

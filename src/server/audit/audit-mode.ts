// The modes of audit sinks. Pure.

/** Whether requests wait until their events are kept (blocking), and whether they fail when those cannot be (blocking-strict). */
export const AUDIT_MODES = ['batch', 'blocking', 'blocking-strict'] as const;
/** One of them. */
export type AuditMode = (typeof AUDIT_MODES)[number];

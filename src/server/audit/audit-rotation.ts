// Names of rotated audit logs, and which of them are to go. Pure.

/** How many rotated files are kept, and for how long; 0 = without limit. */
export interface RotationLimits {
  readonly maxBackups: number;
  readonly maxAgeDays: number;
}

const DAY_MS = 86_400_000;

/** Splits `audit.log` into what stands before and after the time in the names of its backups. */
function parts(file: string): { readonly stem: string; readonly extension: string } {
  const dot = file.lastIndexOf('.');
  return dot <= 0 ? { stem: file, extension: '' } : { stem: file.slice(0, dot), extension: file.slice(dot) };
}

/** The name of a file that is put aside at `ms`: `audit-2026-01-02T03-04-05.678.log`, as kube-apiserver names them. */
export function backupName(file: string, ms: number): string {
  const { stem, extension } = parts(file);
  const time = new Date(ms).toISOString().slice(0, 23).replaceAll(':', '-');
  return `${stem}-${time}${extension}`;
}

/** Those of the names that are backups of `file` and to be deleted. */
export function obsoleteBackups(file: string, names: readonly string[], limits: RotationLimits & { readonly nowMs: number }): string[] {
  const backups = names
    .map((name) => ({ name, at: timeOf(file, name) }))
    .filter((item): item is { name: string; at: number } => item.at !== undefined)
    .sort((a, b) => b.at - a.at);
  const tooMany = limits.maxBackups > 0 ? backups.slice(limits.maxBackups) : [];
  const tooOld = limits.maxAgeDays > 0 ? backups.filter(({ at }) => at < limits.nowMs - limits.maxAgeDays * DAY_MS) : [];
  return [...new Set([...tooMany, ...tooOld].map(({ name }) => name))];
}

function timeOf(file: string, name: string): number | undefined {
  const { stem, extension } = parts(file);
  if (!name.startsWith(`${stem}-`) || !name.endsWith(extension)) return undefined;
  const text = name.slice(stem.length + 1, name.length - extension.length);
  const match = /^(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d\.\d{3})$/.exec(text);
  const ms = match ? Date.parse(`${match[1]}T${match[2]}:${match[3]}:${match[4]}Z`) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}

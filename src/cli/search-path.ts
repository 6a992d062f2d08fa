// Where programs are looked for.

/** Directories of system programs that a service manager's PATH may lack. */
const SYSTEM = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** The directories of PATH, then the system's; `KTS_SEARCH_PATH` replaces both. */
export function searchPathOf(env: Readonly<Record<string, string | undefined>>): string[] {
  const split = (text: string | undefined): string[] => (text ?? '').split(':').filter((part) => part.startsWith('/'));
  const given = split(env['KTS_SEARCH_PATH']);
  return given.length > 0 ? given : [...new Set([...split(env['PATH']), ...SYSTEM])];
}

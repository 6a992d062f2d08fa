// Headers that may be repeated, read so that a comma within a value does not look like another value: node:http joins repeated ones.

/** The values of each header by its lower-case name, from name and value in turn as `rawHeaders` has them. Values are read as UTF-8. */
export function headerValues(rawHeaders: readonly string[]): ReadonlyMap<string, string[]> {
  const values = new Map<string, string[]>();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? '').toLowerCase();
    const list = values.get(name) ?? [];
    list.push(Buffer.from(rawHeaders[at + 1] ?? '', 'latin1').toString('utf8'));
    values.set(name, list);
  }
  return values;
}

/** The rest of a header's name after a prefix, percent-decoded: the key of an extra field. Always lower case, as header names are. */
export function extraKey(name: string, prefix: string): string {
  const rest = name.slice(prefix.length);
  try {
    return decodeURIComponent(rest);
  } catch {
    return rest; // Not an escape: taken as it stands, as upstream does.
  }
}

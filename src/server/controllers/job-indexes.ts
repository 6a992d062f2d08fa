// Sets of completion indexes in the compressed form of a Job's status: `1,3-5,7`.

/** Parses the form; text that is not of it is left out. */
export function parseIndexes(text: string | undefined): Set<number> {
  const indexes = new Set<number>();
  for (const part of (text ?? '').split(',')) {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part);
    if (!match) continue;
    const first = Number(match[1]);
    for (let index = first; index <= Number(match[2] ?? first); index++) indexes.add(index);
  }
  return indexes;
}

/** Writes the form: in order, three and more neighbours as a range. */
export function formatIndexes(indexes: Iterable<number>): string {
  const ranges: { first: number; last: number }[] = [];
  for (const index of [...indexes].sort((a, b) => a - b)) {
    const range = ranges.at(-1);
    if (range && range.last + 1 === index) range.last = index;
    else ranges.push({ first: index, last: index });
  }
  return ranges.map(formatRange).join(',');
}

function formatRange({ first, last }: { first: number; last: number }): string {
  if (first === last) return `${first}`;
  return first + 1 === last ? `${first},${last}` : `${first}-${last}`;
}

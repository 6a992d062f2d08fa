// An expression's text, and how faults in it are shown: line, column (in characters, from 1) and the line with a caret.

/** A fault at a place of the text. */
export interface Issue {
  /** UTF-16 offset into the text. */
  readonly offset: number;
  readonly message: string;
}

/** More faults than these are counted, not shown: nobody reads further. */
const MAX_SHOWN = 100;

const isWide = (char: string): boolean => (char.codePointAt(0) ?? 0) > 0x7f;

function formatIssue(source: string, issue: Issue): string {
  const before = source.slice(0, issue.offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  const lineEnd = source.indexOf('\n', issue.offset);
  const line = source.slice(lineStart, lineEnd < 0 ? source.length : lineEnd);
  const lineNumber = before.split('\n').length;
  const column = [...source.slice(lineStart, issue.offset)].length;
  const chars = [...line];
  const indent = chars.slice(0, column).map((char) => (isWide(char) ? '．' : '.'));
  const caret = isWide(chars[column] ?? '') ? '＾' : '^';
  // Of nothing there is no line to show, nor a first column.
  if (source === '') return `ERROR: <input>:1:0: ${issue.message}`;
  return `ERROR: <input>:${lineNumber}:${column + 1}: ${issue.message}\n | ${line.replaceAll('\t', ' ')}\n | ${indent.join('')}${caret}`;
}

/** The faults in the order of their places, as cel-go prints them. */
export function formatIssues(source: string, issues: readonly Issue[]): string {
  const sorted = [...issues].sort((a, b) => a.offset - b.offset);
  const shown = sorted.slice(0, MAX_SHOWN).map((issue) => formatIssue(source, issue));
  const rest = sorted.length - shown.length;
  return [...shown, ...(rest > 0 ? [`${rest} more errors were truncated`] : [])].join('\n');
}

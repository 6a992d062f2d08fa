// Reads the tokens of an expression for the parser, and goes on after a fault so that one run tells them all: a token too many is left out, one
// that is missing is taken as read, and where neither helps, the rule is given up and reading goes on at what may follow it. That is the strategy
// of ANTLR, whose parsers upstream uses: which faults are told, and in which words, depends on it.
// Rules: "The Definitive ANTLR 4 Reference", "Automatic Error Recovery Strategy".

import type { Token } from './lexer.ts';
import type { Issue } from './source-text.ts';
import { type Follow, type Terminal, terminalsText } from './terminals.ts';

/** After so many attempts to go on the parser gives up; upstream's limit. */
const MAX_RECOVERIES = 30;

/** Gives up the rule that is being read. */
class RuleFault extends Error {
  readonly issue: Issue;
  /** Where in the grammar: the same fault twice at one token means that a token must be left out. */
  readonly place: string;

  constructor(issue: Issue, place: string) {
    super(issue.message);
    this.issue = issue;
    this.place = place;
  }
}

/** Gives up the whole expression; the issue is recorded already. */
export class ParserStop extends Error {}

const quoted = (text: string): string => `'${text.replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t')}'`;

/** The tokens of one expression. */
export class TokenReader {
  readonly #source: string;
  readonly #tokens: readonly Token[];
  readonly #issues: Issue[];
  readonly #follows: Follow[] = [];
  #at = 0;
  /** After a fault nothing is told until a token fits again: it would be a consequence. */
  #isRecovering = false;
  #recoveries = 0;
  readonly #faultPlaces = new Set<string>();
  #faultAt = -1;

  /** `tokens` end with `end`; faults are added to `issues`. */
  constructor(source: string, tokens: readonly Token[], issues: Issue[]) {
    this.#source = source;
    this.#tokens = tokens;
    this.#issues = issues;
  }

  /** The next token, or one that comes `ahead` of it. */
  peek(ahead = 0): Token {
    return this.#tokens[this.#at + ahead] ?? { type: 'end', text: '<EOF>', offset: this.#source.length };
  }

  get token(): Token {
    return this.peek();
  }

  /** Takes the next token if it is of that type. */
  take(type: Terminal): Token | undefined {
    return this.token.type === type ? this.advance() : undefined;
  }

  /** Takes the next token, which fits. */
  advance(): Token {
    const { token } = this;
    this.#accept();
    this.#at++;
    return token;
  }

  /** Takes a token that must come, `after` which that may. Undefined if it is missing and taken as read. */
  match(type: Terminal, after: Follow): Token | undefined {
    if (this.token.type === type) return this.advance();
    this.#countRecovery();
    const expected = new Set([type]);
    if (this.#skipUnwanted(expected)) return this.advance();
    if (!this.#reachable(after).has(this.token.type)) throw this.#mismatch(expected, `match ${type}`);
    this.#tell({ offset: this.token.offset, message: `Syntax error: missing ${terminalsText(expected)} at ${quoted(this.token.text)}` });
    return undefined;
  }

  /** Sees to it that the next token is one of those, where a rule is about to decide. */
  sync(expected: ReadonlySet<Terminal>): void {
    if (this.#isRecovering || expected.has(this.token.type) || this.#skipUnwanted(expected)) return;
    throw this.#mismatch(expected, `one of ${expected.size}`);
  }

  /** The same between the turns of a loop: what does not fit is left out. */
  syncLoop(expected: ReadonlySet<Terminal>): void {
    if (this.#isRecovering || expected.has(this.token.type)) return;
    this.#tellUnwanted(expected);
    this.#skipTo((type) => expected.has(type));
  }

  /** @throws what gives up the rule: no alternative begins with the next tokens, up to the one that comes `ahead` */
  noAlternative(ahead: number): never {
    const { offset } = this.peek(ahead);
    const text = this.#inputText(ahead);
    const keyword = /^\.(true|false|null)$/.exec(text)?.[1];
    const why = keyword ? `mismatched input '${keyword}' expecting IDENTIFIER` : `no viable alternative at input ${quoted(text)}`;
    throw new RuleFault({ offset, message: `Syntax error: ${why}` }, `no alternative ${ahead}`);
  }

  /** The input up to a token ahead, without what is no token. */
  #inputText(ahead: number): string {
    if (this.token.type === 'end') return '<EOF>';
    let text = '';
    let end = this.token.offset;
    for (let index = 0; index <= ahead; index++) {
      const token = this.peek(index);
      text += this.#source.slice(end, token.offset).replace(/\S/g, '');
      if (token.type !== 'end') text += token.text;
      end = token.offset + token.text.length;
    }
    return text;
  }

  /** Reads one rule. If it is given up, that is told, and reading goes on at a token that may follow this rule or one of those around it. */
  rule(follow: Follow, read: () => void): void {
    this.#follows.push(follow);
    try {
      read();
    } catch (error) {
      if (!(error instanceof RuleFault)) throw error;
      this.#tell(error.issue);
      this.#recover(error.place);
    } finally {
      this.#follows.pop();
    }
  }

  #accept(): void {
    this.#isRecovering = false;
    this.#faultPlaces.clear();
    this.#faultAt = -1;
  }

  #tell(issue: Issue): void {
    if (!this.#isRecovering) this.#issues.push(issue);
    this.#isRecovering = true;
  }

  #tellUnwanted(expected: ReadonlySet<Terminal>): void {
    this.#tell(this.#unfit('extraneous', expected));
  }

  #mismatch(expected: ReadonlySet<Terminal>, place: string): RuleFault {
    return new RuleFault(this.#unfit('mismatched', expected), place);
  }

  #unfit(how: string, expected: ReadonlySet<Terminal>): Issue {
    const { offset, text } = this.token;
    return { offset, message: `Syntax error: ${how} input ${quoted(text)} expecting ${terminalsText(expected)}` };
  }

  /** Leaves out one token if the one after it fits. */
  #skipUnwanted(expected: ReadonlySet<Terminal>): boolean {
    const next = this.token.type === 'end' ? this.token : this.peek(1);
    if (!expected.has(next.type)) return false;
    this.#tellUnwanted(expected);
    this.#skip();
    this.#accept();
    return true;
  }

  /** What may come at a place, the rules around it seen. */
  #reachable(after: Follow): ReadonlySet<Terminal> {
    const reachable = new Set(after.terminals);
    let { ends } = after;
    for (let depth = this.#follows.length - 1; ends && depth >= 0; depth--) {
      const follow = this.#follows[depth];
      for (const terminal of follow?.terminals ?? []) reachable.add(terminal);
      ends = follow?.ends ?? false;
    }
    return reachable;
  }

  #recover(place: string): void {
    this.#countRecovery();
    if (this.#faultAt === this.#at && this.#faultPlaces.has(place)) this.#skip();
    this.#faultAt = this.#at;
    this.#faultPlaces.add(place);
    this.#skipTo(() => false);
  }

  /** Goes on to what a rule around may continue with, or what `wanted` says. */
  #skipTo(wanted: (type: Terminal) => boolean): void {
    const fits = ({ type }: Token): boolean => wanted(type) || this.#follows.some(({ terminals }) => terminals.has(type));
    while (this.token.type !== 'end' && !fits(this.token)) this.#skip();
  }

  #skip(): void {
    if (this.token.type !== 'end') this.#at++;
  }

  #countRecovery(): void {
    if (this.#recoveries++ === MAX_RECOVERIES) this.stop(`Syntax error: error recovery attempt limit exceeded: ${MAX_RECOVERIES}`);
  }

  /** Gives up. @throws ParserStop */
  stop(message: string): never {
    this.#issues.push({ offset: this.token.offset, message });
    throw new ParserStop(message);
  }
}

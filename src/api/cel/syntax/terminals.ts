// The terminals of CEL's grammar, which of them begin and follow its rules, and how messages show them.
// Rules: CEL specification, "Syntax"; names and order: the grammar of cel-go, whose messages list them so.

/** The type of a token: a symbol or keyword is its own type. */
export type Terminal = string;

const SYMBOLS = '== != in < <= >= > && || [ ] { } ( ) . , - ! ? : + * / % true false null'.split(' ');
const CLASSES: readonly (readonly [Terminal, string])[] = [
  ['float', 'NUM_FLOAT'],
  ['int', 'NUM_INT'],
  ['uint', 'NUM_UINT'],
  ['string', 'STRING'],
  ['bytes', 'BYTES'],
  ['ident', 'IDENTIFIER'],
  ['quoted', 'ESC_IDENTIFIER'],
];
const TEXTS = new Map<Terminal, string>([
  ['end', '<EOF>'],
  ...SYMBOLS.map((symbol): [Terminal, string] => [symbol, `'${symbol}'`]),
  ...CLASSES,
]);

/** Terminals as messages list what was expected, e.g. `{']', ','}`. */
export function terminalsText(terminals: ReadonlySet<Terminal>): string {
  const texts = [...TEXTS].filter(([terminal]) => terminals.has(terminal)).map(([, text]) => text);
  return texts.length === 1 ? texts.join('') : `{${texts.join(', ')}}`;
}

const set = (...terminals: Terminal[]): ReadonlySet<Terminal> => new Set(terminals);

const PRIMARY_WORDS = ['[', '{', '(', '.', '-', 'true', 'false', 'null', 'float', 'int', 'uint', 'string', 'bytes', 'ident'];
/** What begins a literal, a name, a bracket. */
export const PRIMARY_START = set(...PRIMARY_WORDS);
/** What begins an expression. */
export const EXPRESSION_START = set(...PRIMARY_WORDS, '!');
/** What begins an item that may be optional: an element, a key. */
export const ITEM_START = set(...EXPRESSION_START, '?');
/** What may come after `(` of a call. */
export const ARGUMENTS_START = set(...EXPRESSION_START, ')');
/** What may come after `[` of a list. */
export const LIST_START = set(...ITEM_START, ',', ']');
/** What may come after the elements of a list. */
export const LIST_END = set(',', ']');
/** What may come after `{` of a map. */
export const MAP_START = set(...ITEM_START, ',', '}');
/** What may come after the entries of a map, or the fields of an object. */
export const MAP_END = set(',', '}');
/** What a field's name is. */
export const FIELD_NAME = set('ident', 'quoted');
/** What begins a field of an object. */
export const FIELD_START = set(...FIELD_NAME, '?');
/** What may come after `{` of an object. */
export const OBJECT_START = set(...FIELD_START, ',', '}');

/** Operators that compare, and their functions. */
export const RELATIONS = operators('<', '<=', '>=', '>', '==', '!=').set('in', '@in');
/** Operators that add, and their functions. */
export const SUMS = operators('+', '-');
/** Operators that multiply, and their functions. */
export const PRODUCTS = operators('*', '/', '%');

function operators(...symbols: string[]): Map<Terminal, string> {
  return new Map(symbols.map((symbol) => [symbol, `_${symbol}_`]));
}

const INFIX = ['||', '&&', ...RELATIONS.keys(), ...SUMS.keys(), ...PRODUCTS.keys()];

/** What may come after a rule at the place where it is used. */
export interface Follow {
  readonly terminals: ReadonlySet<Terminal>;
  /** Whether the rule that uses it may end there, so that what follows that rule may come too. */
  readonly ends: boolean;
}

const endingWith = (...terminals: Terminal[]): Follow => ({ terminals: set(...terminals), ends: true });
const upTo = (...terminals: Terminal[]): Follow => ({ terminals: set(...terminals), ends: false });

/** What follows each rule where it is used. */
export const FOLLOW = {
  nothing: endingWith(),
  whole: upTo('end'),
  condition: endingWith('?', ...INFIX),
  firstBranch: upTo(':', ...INFIX),
  primary: endingWith('.', '['),
  nested: upTo(')'),
  argument: upTo(',', ')'),
  index: upTo(']'),
  elements: upTo(',', ']'),
  entries: upTo(',', '}'),
  key: upTo(':'),
  value: endingWith(','),
  expression: { terminals: EXPRESSION_START, ends: false },
};

// What can go wrong with a CEL expression: it does not compile, or its evaluation fails.

/** Why an evaluation failed: the expression's own error, or its cost. */
export type CelEvaluationCode = 'error' | 'cost';

/** The expression cannot be used. `message` is upstream's text: `compilation failed: ERROR: <input>:1:6: …` and the line with a caret. */
export class CelCompileError extends Error {
  /** The faults alone; `''` when only the result's type is wrong. */
  readonly faults: string;

  private constructor(message: string, faults: string) {
    super(message);
    this.name = 'CelCompileError';
    this.faults = faults;
  }

  /** Of faults with their places. */
  static of(faults: string): CelCompileError {
    return new CelCompileError(`compilation failed: ${faults}`, faults);
  }

  /** Of a result that has none of the types it may have, e.g. `must evaluate to bool`. */
  static ofResult(message: string): CelCompileError {
    return new CelCompileError(message, '');
  }

  /** Whether only the result's type is wrong. */
  get wrongResult(): boolean {
    return this.faults === '';
  }
}

/** The evaluation gave an error instead of a value, e.g. `no such key: x`. */
export class CelEvaluationError extends Error {
  /** `cost` when the budget, or the limit of one evaluation, is used up. */
  readonly code: CelEvaluationCode;

  constructor(message: string, code: CelEvaluationCode = 'error') {
    super(message);
    this.name = 'CelEvaluationError';
    this.code = code;
  }
}

/** An error of the expression's own making. */
export function failure(message: string): CelEvaluationError {
  return new CelEvaluationError(message);
}

/** Whether an evaluation failed since arguments fitted no overload: what the compiler cannot see where types are dynamic. */
export function isNoSuchOverload(error: CelEvaluationError): boolean {
  return error.message === noSuchOverload().message;
}

/** The error of a call whose arguments fit no overload. */
export function noSuchOverload(): CelEvaluationError {
  return failure('no such overload');
}

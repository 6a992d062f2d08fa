// Compiles the expressions of one admission policy: they share its variables, each of which may use those before it.
// Rules: "Validating Admission Policy", "Variable composition"; "Mutating Admission Policy".

import { type AdmissionVariableOptions, admissionVariables } from './admission-environment.ts';
import { type CelField, type CelObjectType, type CelType, DYN } from './cel-type.ts';
import { type CelEnvironment, type CelProgram, compileExpression } from './compile.ts';
import { jsonPatchLibrary } from './library/json-patch.ts';
import { jsonPatchType } from './patch-type.ts';

/** How one expression differs from the policy's others. */
export interface PolicyExpressionOptions {
  /** Types its result may have; without them any. */
  readonly results?: readonly CelType[];
  /** Whether it may ask the authorizer. Yes unless said. */
  readonly authorizer?: boolean;
}

/** The type of an initializer `Object.spec.x{…}`: any field goes; that names match the places where they stand is checked when it is made. */
export function initializerType(name: string): CelObjectType | undefined {
  if (name !== 'Object' && !name.startsWith('Object.')) return undefined;
  return { kind: 'object', name, field: (field) => ({ jsonName: field, type: DYN }) };
}

/** What the expressions of a policy see. */
export interface PolicyCompilerOptions extends Omit<AdmissionVariableOptions, 'authorizer'> {
  /** Whether they may make patches: those of mutating policies. */
  readonly patching?: boolean;
}

const patchType = (name: string): CelType | undefined => (name === 'JSONPatch' ? jsonPatchType() : initializerType(name));

/** The compiler of one policy. */
export class PolicyCompiler {
  readonly #withAuthorizer: Map<string, CelType>;
  readonly #without: Map<string, CelType>;
  readonly #fields = new Map<string, CelField>();
  readonly #patching: Pick<CelEnvironment, 'types' | 'functions'>;

  constructor({ patching = false, ...options }: PolicyCompilerOptions) {
    this.#patching = patching ? { types: patchType, functions: jsonPatchLibrary() } : {};
    this.#withAuthorizer = admissionVariables({ ...options, authorizer: true });
    this.#without = admissionVariables({ ...options, authorizer: false });
  }

  /**
   * Compiles a variable, which later expressions see as `variables.name`: of its type, or of any where it does not compile.
   * @throws CelCompileError
   */
  declare(name: string, expression: string): CelProgram {
    this.#declareVariables();
    let type = DYN;
    try {
      const program = this.compile(expression);
      type = program.resultType;
      return program;
    } finally {
      this.#fields.set(name, { jsonName: name, type });
    }
  }

  #declareVariables(): void {
    if (this.#without.has('variables')) return;
    const type: CelObjectType = { kind: 'object', name: 'kubernetes.variables', field: (field) => this.#fields.get(field) };
    this.#withAuthorizer.set('variables', type);
    this.#without.set('variables', type);
  }

  /** @throws CelCompileError */
  compile(expression: string, { results, authorizer = true }: PolicyExpressionOptions = {}): CelProgram {
    return compileExpression(expression, {
      variables: authorizer ? this.#withAuthorizer : this.#without,
      ...this.#patching,
      ...(results && { results }),
    });
  }
}

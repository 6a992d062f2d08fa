// The variables of expressions that look at admission requests: policies, and the match conditions of policies and webhooks.
// Rules: "Validating Admission Policy", "Validation Expression"; "Dynamic Admission Control", "Matching requests: matchConditions".

import { builtinSchema } from '../schema/schema.ts';
import { type CelObjectType, type CelType, DYN, opaque } from './cel-type.ts';
import { celTypeOfMessage } from './message-type.ts';
import { AUTHORIZER, RESOURCE_CHECK } from './opaque-types.ts';

/** Which variables there are, and what is known of them. */
export interface AdmissionVariableOptions {
  /** Whether `params` is one. */
  readonly params: boolean;
  /** Whether `authorizer` and `authorizer.requestResource` are. */
  readonly authorizer: boolean;
  /** The type of `object` and `oldObject`; without it they may be anything. */
  readonly object?: CelType;
  /** The type of `params`. */
  readonly paramType?: CelType;
}

/** What a request says that expressions see elsewhere, or not at all. */
const HIDDEN = new Set(['uid', 'object', 'oldObject']);

function messageType(name: string): CelObjectType {
  const message = builtinSchema().message(name);
  if (!message) throw new RangeError(`no such message: ${name}`);
  return celTypeOfMessage(message);
}

function requestType(): CelObjectType {
  const whole = messageType('io.k8s.api.admission.v1.AdmissionRequest');
  return { kind: 'object', name: 'kubernetes.AdmissionRequest', field: (name) => (HIDDEN.has(name) ? undefined : whole.field(name)) };
}

/** The declarations of those variables. */
export function admissionVariables({ params, authorizer, object = DYN, paramType = DYN }: AdmissionVariableOptions): Map<string, CelType> {
  return new Map<string, CelType>([
    ['object', object],
    ['oldObject', object],
    ['request', requestType()],
    ['namespaceObject', messageType('io.k8s.api.core.v1.Namespace')],
    ...(params ? [['params', paramType] as const] : []),
    ...(authorizer
      ? ([
          ['authorizer', opaque(AUTHORIZER)],
          ['authorizer.requestResource', opaque(RESOURCE_CHECK)],
        ] as const)
      : []),
  ]);
}

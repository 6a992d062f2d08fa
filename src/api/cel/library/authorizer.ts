// The authorizer in CEL: `authorizer.group('apps').resource('deployments').namespace('x').check('get').allowed()`.
// Rules: "Kubernetes CEL libraries", "Kubernetes authorizer library".

import { parseFieldSelector } from '../../fields.ts';
import { parseLabelSelector } from '../../labels.ts';
import { BOOL, type CelType, opaque, STRING } from '../cel-type.ts';
import { AUTHORIZATION_CHECK, ONE, PARSE_SELECTOR } from '../cost/cost-models.ts';
import { failure } from '../errors.ts';
import { AUTHORIZER, DECISION, GROUP_CHECK, PATH_CHECK, RESOURCE_CHECK } from '../opaque-types.ts';
import { method, type Overload, opaqueParam, P } from '../overload.ts';
import { CelOpaque } from '../values.ts';

/** What an expression asks to be allowed. */
export interface AccessQuestion {
  /** The service account that asks, or undefined for the user of the request. */
  readonly serviceAccount: { readonly namespace: string; readonly name: string } | undefined;
  readonly verb: string;
  readonly path?: string;
  readonly resource?: ResourceQuestion;
}

/** The part of a question that is about a resource. */
export interface ResourceQuestion {
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly fieldSelector?: string;
  readonly labelSelector?: string;
}

/** The answer. */
export interface AccessAnswer {
  readonly allowed: boolean;
  readonly reason: string;
  /** Why no answer could be had. */
  readonly error?: string;
}

/** Answers questions at once. */
export type Authorize = (question: AccessQuestion) => AccessAnswer;

/** Values of this library are made by expressions and never compared. */
abstract class Check extends CelOpaque {
  equals(other: CelOpaque): boolean {
    return this === other;
  }
}

/** The value of the variable `authorizer`. */
export class AuthorizerValue extends Check {
  readonly typeName = AUTHORIZER;
  readonly authorize: Authorize;
  readonly serviceAccount: AccessQuestion['serviceAccount'];
  constructor(authorize: Authorize, serviceAccount?: AccessQuestion['serviceAccount']) {
    super();
    this.authorize = authorize;
    this.serviceAccount = serviceAccount;
  }
}

class PathCheck extends Check {
  readonly typeName = PATH_CHECK;
  readonly authorizer: AuthorizerValue;
  readonly path: string;
  constructor(authorizer: AuthorizerValue, path: string) {
    super();
    this.authorizer = authorizer;
    this.path = path;
  }
}

class GroupCheck extends Check {
  readonly typeName = GROUP_CHECK;
  readonly authorizer: AuthorizerValue;
  readonly group: string;
  constructor(authorizer: AuthorizerValue, group: string) {
    super();
    this.authorizer = authorizer;
    this.group = group;
  }
}

/** A check of a resource; also the value of `authorizer.requestResource`. */
export class ResourceCheck extends Check {
  readonly typeName = RESOURCE_CHECK;
  readonly authorizer: AuthorizerValue;
  readonly resource: ResourceQuestion;
  constructor(authorizer: AuthorizerValue, resource: ResourceQuestion) {
    super();
    this.authorizer = authorizer;
    this.resource = resource;
  }
  with(change: Partial<ResourceQuestion>): ResourceCheck {
    return new ResourceCheck(this.authorizer, { ...this.resource, ...change });
  }
}

class Decision extends Check {
  readonly typeName = DECISION;
  readonly answer: AccessAnswer;
  constructor(answer: AccessAnswer) {
    super();
    this.answer = answer;
  }
}

function ask(authorizer: AuthorizerValue, question: Omit<AccessQuestion, 'serviceAccount'>): Decision {
  return new Decision(authorizer.authorize({ ...question, serviceAccount: authorizer.serviceAccount }));
}

function selector(text: string, parse: (text: string) => unknown): string {
  try {
    parse(text);
    return text;
  } catch (cause) {
    throw failure(cause instanceof Error ? cause.message : String(cause));
  }
}

function checks(): Overload[] {
  const self = opaqueParam<AuthorizerValue>(AUTHORIZER);
  const resource = opaqueParam<ResourceCheck>(RESOURCE_CHECK);
  const refined = (name: string, change: (value: string) => Partial<ResourceQuestion>, cost = ONE): Overload =>
    method(name, { params: [resource, P.string], result: opaque(RESOURCE_CHECK), cost }, (check, value) => check.with(change(value)));
  const made = (group: GroupCheck, name: string): ResourceCheck =>
    new ResourceCheck(group.authorizer, { group: group.group, resource: name, subresource: '', namespace: '', name: '' });
  return [
    method('path', { params: [self, P.string], result: opaque(PATH_CHECK) }, (authorizer, path) => new PathCheck(authorizer, path)),
    method('group', { params: [self, P.string], result: opaque(GROUP_CHECK) }, (authorizer, group) => new GroupCheck(authorizer, group)),
    method('serviceAccount', { params: [self, P.string, P.string], result: opaque(AUTHORIZER) }, ({ authorize }, namespace, name) => {
      return new AuthorizerValue(authorize, { namespace, name });
    }),
    method('resource', { params: [opaqueParam<GroupCheck>(GROUP_CHECK), P.string], result: opaque(RESOURCE_CHECK) }, made),
    refined('subresource', (subresource) => ({ subresource })),
    refined('namespace', (namespace) => ({ namespace })),
    refined('name', (name) => ({ name })),
    refined('fieldSelector', (text) => ({ fieldSelector: selector(text, parseFieldSelector) }), PARSE_SELECTOR),
    refined('labelSelector', (text) => ({ labelSelector: selector(text, parseLabelSelector) }), PARSE_SELECTOR),
  ];
}

function decisions(): Overload[] {
  const decision = opaqueParam<Decision>(DECISION);
  const result: CelType = opaque(DECISION);
  return [
    method(
      'check',
      { params: [opaqueParam<PathCheck>(PATH_CHECK), P.string], result, cost: AUTHORIZATION_CHECK },
      ({ authorizer, path }, verb) => ask(authorizer, { verb, path }),
    ),
    method(
      'check',
      { params: [opaqueParam<ResourceCheck>(RESOURCE_CHECK), P.string], result, cost: AUTHORIZATION_CHECK },
      ({ authorizer, resource }, verb) => ask(authorizer, { verb, resource }),
    ),
    method('allowed', { params: [decision], result: BOOL }, ({ answer }) => answer.allowed),
    method('reason', { params: [decision], result: STRING }, ({ answer }) => answer.reason),
    method('errored', { params: [decision], result: BOOL }, ({ answer }) => answer.error !== undefined),
    method('error', { params: [decision], result: STRING }, ({ answer }) => answer.error ?? ''),
  ];
}

/** The functions of the authorizer. */
export function authorizerLibrary(): readonly Overload[] {
  return [...checks(), ...decisions()];
}

// The parameters of a binding: the objects of the policy's paramKind that its paramRef names or selects.
// Rules: "Validating Admission Policy", "Parameter resources".

import { type LabelMatcher, labelSelectorMatcher } from '../../../api/labels.ts';
import type { KubeObject } from '../../../api/object.ts';
import { type GroupVersionKind, parseGroupVersion } from '../../../api/resources.ts';
import type { ParamKind, ParamRef } from '../../../api/types/admissionregistration-v1.gen.ts';
import { messageOf } from '../../../base/errors.ts';

/** Reads objects of any served kind, also of custom ones. */
export interface KindReader {
  /** Whether the kind is served, and in namespaces. */
  scopeOf(kind: GroupVersionKind): 'Namespaced' | 'Cluster' | undefined;
  /** In the version of the kind. */
  get(kind: GroupVersionKind, name: { readonly namespace: string; readonly name: string }): Promise<KubeObject | undefined>;
  /** Those of one namespace, or all. */
  list(kind: GroupVersionKind, namespace: string): Promise<KubeObject[]>;
}

/** Why a binding has no parameters to run with. `about` says whose fault it is. */
export class ParamFault extends Error {
  readonly about: 'policy' | 'binding';
  constructor(about: 'policy' | 'binding', message: string) {
    super(message);
    this.about = about;
  }
}

/** What parameters are asked for. */
export interface ParamQuestion {
  readonly paramKind: ParamKind | undefined;
  readonly paramRef: ParamRef | undefined;
  /** The namespace of the request. */
  readonly namespace: string;
}

/**
 * The parameters, one run for each; one undefined where there is nothing to look up, none where nothing is found and that is allowed.
 * @throws ParamFault
 */
export async function collectParams(
  { paramKind, paramRef, namespace }: ParamQuestion,
  reader: KindReader,
): Promise<(KubeObject | undefined)[]> {
  if (!paramKind) return [undefined];
  const { apiVersion = '', kind = '' } = paramKind;
  const version = parseGroupVersion(apiVersion);
  const gvk = version && { ...version, kind };
  const scope = gvk && reader.scopeOf(gvk);
  if (!gvk || !scope) throw new ParamFault('policy', `failed to find resource referenced by paramKind: '${apiVersion}, Kind=${kind}'`);
  if (!paramRef) return [undefined];
  const place = placeOf(paramRef, scope, namespace);
  const found = paramRef.name
    ? [await reader.get(gvk, { namespace: place, name: paramRef.name })].filter((object) => object !== undefined)
    : await selected(gvk, { paramRef, place }, reader);
  if (found.length === 0 && paramRef.parameterNotFoundAction === 'Deny') {
    throw new ParamFault('binding', 'no params found for policy binding with `Deny` parameterNotFoundAction');
  }
  return found;
}

function placeOf(paramRef: ParamRef, scope: 'Namespaced' | 'Cluster', namespace: string): string {
  if (scope === 'Cluster') {
    if (!paramRef.namespace) return '';
    throw new ParamFault('binding', 'paramRef.namespace must not be provided for a cluster-scoped `paramKind`');
  }
  const place = paramRef.namespace || namespace;
  if (place === '')
    throw new ParamFault('binding', 'cannot use namespaced paramRef in policy binding that matches cluster-scoped resources');
  return place;
}

function selectorOf({ selector = {} }: ParamRef): LabelMatcher {
  try {
    return labelSelectorMatcher(selector);
  } catch (error) {
    throw new ParamFault('binding', messageOf(error));
  }
}

async function selected(
  kind: GroupVersionKind,
  { paramRef, place }: { paramRef: ParamRef; place: string },
  reader: KindReader,
): Promise<KubeObject[]> {
  const matcher = selectorOf(paramRef);
  return (await reader.list(kind, place)).filter((object) => matcher.matches(object.metadata.labels));
}

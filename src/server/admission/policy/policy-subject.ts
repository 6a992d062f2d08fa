// A request as the expressions of policies see it, under the form that matched.

import type { KubeObject } from '../../../api/object.ts';
import { NAMESPACES } from '../../../client/resources.ts';
import type { AdmissionRequest, ResourceForm } from '../admission.ts';
import type { AdmissionReader } from '../admission-reader.ts';
import { reviewRequest } from '../admission-review.ts';
import type { ExpressionSubject } from './expression-values.ts';
import type { PolicyDeps } from './policy-deps.ts';

/** Converts the objects and finds the namespace. */
export async function policySubject(request: AdmissionRequest, form: ResourceForm, deps: PolicyDeps): Promise<ExpressionSubject> {
  const { object, oldObject, forms } = request;
  return {
    request,
    review: reviewRequest(request, form, ''),
    object: object && (await forms.convert(object, form.kind)),
    oldObject: oldObject && (await forms.convert(oldObject, form.kind)),
    namespaceObject: namespaceOf(request, deps.reader),
    authorizer: deps.authorizer,
  };
}

/** The namespace of a namespaced object; none for a namespace itself. */
function namespaceOf({ kind, namespace }: AdmissionRequest, reader: Pick<AdmissionReader, 'get'>): KubeObject | undefined {
  if (namespace === '' || (kind.group === '' && kind.kind === 'Namespace')) return undefined;
  return reader.get(NAMESPACES, { namespace: '', name: namespace });
}

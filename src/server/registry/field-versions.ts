// The versions of a resource as field management sees them: which fields a write leaves alone there, and how objects are converted.

import type { VersionForm } from '../../api/apply/version-owners.ts';
import { isObject } from '../../api/copy.ts';
import type { KubeObject } from '../../api/object.ts';
import { groupVersionString } from '../../api/resources.ts';
import { resetFields } from './reset-fields.ts';
import type { ServedResource } from './served-resource.ts';
import { convertForm } from './stored-form.ts';

/** The form of a version of a resource, for writes of a sub-resource (`''`: the resource itself); undefined when there is no such version (any more). */
export function versionForm(served: ServedResource, subresource: string, apiVersion: string): VersionForm | undefined {
  const formOf = (name: string): ServedResource | undefined =>
    name === groupVersionString(served.info) ? served : served.forms?.get(name);
  const form = formOf(apiVersion);
  return (
    form && {
      type: form.type.applyType,
      reset: resetFields(form, subresource),
      async convert(object, from) {
        const source = formOf(from);
        if (!source || source === form) return object;
        // Nothing has been said of an object that is new, in any version.
        if (object === source.type.empty) return form.type.empty;
        return await convertForm(readable(object, source), source, form);
      },
    }
  );
}

/** What merging and pruning have made, as an object of its version. */
function readable(object: unknown, { type, info }: ServedResource): KubeObject {
  const read = type.decode(isObject(object) ? object : {}, { validation: 'Ignore' }).object;
  return { ...read, kind: info.kind, apiVersion: groupVersionString(info), metadata: read.metadata ?? {} };
}

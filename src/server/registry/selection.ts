// Which objects of a resource a list, a watch or a deletecollection is about: label and field selectors as one test.

import { parseLabelSelector } from '../../api/labels.ts';
import type { KubeObject } from '../../api/object.ts';
import type { RequestOptions } from '../../client/api-backend.ts';
import type { ServedResource } from './served-resource.ts';

/** A parsed selection. */
export interface ObjectSelection {
  /** True when every object is selected. */
  readonly all: boolean;
  /** The only name that can be selected, when the field selector says so. */
  readonly name: string | undefined;
  matches(object: KubeObject): boolean;
}

const EVERYTHING: ObjectSelection = { all: true, name: undefined, matches: () => true };

/** Parses the selectors of a request; `name` narrows to one object. @throws StatusError BadRequest */
export function parseSelection(served: ServedResource, options: RequestOptions, name = ''): ObjectSelection {
  if (!options.labelSelector && !options.fieldSelector && name === '') return EVERYTHING;
  const labels = options.labelSelector ? parseLabelSelector(options.labelSelector) : undefined;
  const fields = options.fieldSelector ? served.type.fieldSelector(options.fieldSelector) : undefined;
  const byName = fields?.requirements.find((r) => r.operator === '=' && r.field === 'metadata.name')?.value;
  return {
    all: !labels && !fields && name === '',
    name: name === '' ? byName : name,
    matches: (object) =>
      (name === '' || object.metadata.name === name) &&
      (!labels || labels.matches(object.metadata.labels ?? {})) &&
      (!fields || fields.matches(served.type.selectable(served.conversion?.fromStored(object) ?? object))),
  };
}

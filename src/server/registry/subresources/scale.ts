// /scale of workloads: replicas and selector in the one form that autoscalers and kubectl know.

import { builtinType } from '../../../api/builtin-type.ts';
import { formatLabelSelector, formatRequirements, labelMapMatcher } from '../../../api/labels.ts';
import type { KubeObject } from '../../../api/object.ts';
import { invalid } from '../../../api/status-error.ts';
import type * as autoscaling from '../../../api/types/autoscaling-v1.gen.ts';
import type { LabelSelector } from '../../../api/types/meta-v1.gen.ts';
import type { MappedView } from '../subresource.ts';

/** What all scalable workloads have. */
interface Scalable extends KubeObject {
  spec?: { replicas?: number; selector?: LabelSelector | Record<string, string> };
  status?: { replicas?: number };
}

/** How the selector of a workload is written: as a LabelSelector, or (replication controllers) as plain labels. */
type SelectorForm = 'selector' | 'labels';

function selectorText(object: Scalable, form: SelectorForm): string {
  const selector = object.spec?.selector;
  if (selector === undefined) return '';
  // The form says which of the two the field holds.
  if (form === 'labels') return formatRequirements(labelMapMatcher(selector as Record<string, string>).requirements);
  return formatLabelSelector(selector as LabelSelector);
}

function scaleOf(object: Scalable, form: SelectorForm): autoscaling.Scale {
  const { name = '', namespace = '', uid = '', resourceVersion = '', creationTimestamp = '' } = object.metadata;
  const selector = selectorText(object, form);
  const replicas = object.spec?.replicas ?? 0;
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { ...(replicas !== 0 && { replicas }) },
    status: { replicas: object.status?.replicas ?? 0, ...(selector !== '' && { selector }) },
  };
}

/** The view of a workload. */
export function scaleView(form: SelectorForm): MappedView {
  return {
    type: 'mapped',
    kind: builtinType({ group: 'autoscaling', version: 'v1', kind: 'Scale' }),
    read: (object) => scaleOf(object as Scalable, form),
    write(object, view) {
      const replicas = (view as autoscaling.Scale).spec?.replicas ?? 0; // decoded as a Scale
      if (replicas < 0) {
        throw invalid({ group: 'autoscaling', resource: 'Scale' }, object.metadata.name ?? '', [
          { type: 'FieldValueInvalid', field: 'spec.replicas', detail: `Invalid value: ${replicas}: must be greater than or equal to 0` },
        ]);
      }
      const draft = object as Scalable;
      draft.spec = { ...draft.spec, replicas };
    },
  };
}

// The plan of an update of /scale: what the view says goes into the object, and is owned there.

import { groupVersionString } from '../../api/resources.ts';
import type { ApiCall } from '../../client/api-backend.ts';
import { appliedConfiguration, isApply } from './apply-body.ts';
import { appliedDraft, ownersOfUpdated } from './field-management.ts';
import { patched } from './patch-body.ts';
import type { ServedResource } from './served-resource.ts';
import { draftOf } from './stored-form.ts';
import type { MappedView } from './subresource.ts';
import type { ShownView, UpdatePlan } from './update-plan.ts';

/** The plan. */
export function mappedPlan(served: ServedResource, call: ApiCall, view: MappedView): UpdatePlan {
  const prepare: UpdatePlan['prepare'] = (object, old, context) => served.strategy.prepareForUpdate?.(object, old, context);
  if (isApply(call)) return appliedPlan(served, call, { view, prepare });
  return {
    subresource: call.subresource,
    shown: shownView(view),
    transform(current) {
      const shownNow = view.read(current);
      const wished = call.verb === 'patch' ? patched(shownNow, call, view.kind) : draftOf(call.body);
      const draft = draftOf(current);
      const { uid, resourceVersion } = wished.metadata ?? {};
      draft.metadata.resourceVersion = resourceVersion ?? '';
      if (uid) draft.metadata.uid = uid;
      view.write(draft, wished);
      return draft;
    },
    owners: (draft, current, nowMs) => ownersOfUpdated({ served, call, nowMs }, draft, current),
    prepare,
  };
}

function shownView({ kind, read, write }: MappedView): ShownView {
  return { kind: kind.kind, read, write };
}

/** Replicas stand under the same name in the view and in the object, so a configuration of the one is one of the other. */
function appliedPlan(served: ServedResource, call: ApiCall, way: { view: MappedView; prepare: UpdatePlan['prepare'] }): UpdatePlan {
  const { metadata, spec } = appliedConfiguration(call, way.view.kind);
  const own = way.view.configuration?.(spec) ?? (spec === undefined ? {} : { spec });
  const config = { apiVersion: groupVersionString(served.info), kind: served.info.kind, metadata, ...own };
  return {
    subresource: call.subresource,
    shown: shownView(way.view),
    transform: (current, nowMs) => appliedDraft({ served, call, nowMs }, config, current),
    owners: (draft) => draft.metadata.managedFields,
    prepare: way.prepare,
  };
}

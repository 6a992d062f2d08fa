// Strategies of a few lines each: resources whose status does not simply start empty, or that the server completes.

import { randomUUID } from 'node:crypto';
import { LOCALLY_AVAILABLE, withAvailability } from '../../../api/api-services.ts';
import { alignDataSources } from '../../../api/claim-sources.ts';
import { defaultResourceSlice } from '../../../api/defaults/others.ts';
import type { KubeObject } from '../../../api/object.ts';
import type { APIService } from '../../../api/types/apiregistration-v1.gen.ts';
import type * as batch from '../../../api/types/batch-v1.gen.ts';
import type * as certificates from '../../../api/types/certificates-v1.gen.ts';
import type * as core from '../../../api/types/core-v1.gen.ts';
import type { ResourceSlice } from '../../../api/types/resource-v1.gen.ts';
import { rfc3339 } from '../../../base/clock.ts';
import type { Strategy } from '../strategy.ts';
import { stampedConditions } from '../subresources/csr-approval.ts';

/** A status write leaves the spec as it is; labels and annotations may change with it. */
function keepSpec(object: KubeObject, old: KubeObject): void {
  const spec = Reflect.get(old, 'spec');
  if (spec === undefined) Reflect.deleteProperty(object, 'spec');
  else Reflect.set(object, 'spec', spec);
}

/** Nodes register with their status. */
export const nodeStrategy: Strategy<core.Node> = { prepareForCreate() {}, prepareForStatusUpdate: keepSpec };

/** A volume is pending until a controller has looked at it; the time of each change of phase is kept (KEP-3762). */
export const persistentVolumeStrategy: Strategy<core.PersistentVolume> = {
  prepareForCreate(volume, { nowMs }) {
    volume.status = { phase: 'Pending', lastPhaseTransitionTime: rfc3339(nowMs) };
  },
  prepareForStatusUpdate(volume, old, { nowMs }) {
    keepSpec(volume, old);
    volume.status ??= {};
    const time = volume.status.lastPhaseTransitionTime;
    const before = old.status?.lastPhaseTransitionTime;
    if (volume.status.phase !== old.status?.phase) {
      if (!time || time === before) volume.status.lastPhaseTransitionTime = rfc3339(nowMs);
    } else if (!time && before) volume.status.lastPhaseTransitionTime = before;
  },
};

/** The same for a claim. */
export const persistentVolumeClaimStrategy: Strategy<core.PersistentVolumeClaim> = {
  prepareForCreate(claim) {
    claim.status = { phase: 'Pending' };
    alignDataSources(claim.spec);
  },
  prepareForUpdate(claim, old) {
    alignDataSources(claim.spec, old.spec);
  },
};

/** Limits need no name: without one they get a random one. */
export const limitRangeStrategy: Strategy<core.LimitRange> = {
  prepareForCreate({ metadata }) {
    if (!metadata.name && !metadata.generateName) metadata.name = randomUUID();
  },
};

/** Who asks for a certificate is written into the request; approval has a sub-resource of its own. */
export const certificateRequestStrategy: Strategy<certificates.CertificateSigningRequest> = {
  prepareForCreate(request, { user }) {
    const { uid: _u, extra: _e, ...spec } = request.spec;
    const extra = Object.fromEntries(Object.entries(user.extra ?? {}).map(([key, values]) => [key, [...values]]));
    request.spec = {
      ...spec,
      username: user.name,
      groups: [...user.groups],
      ...(user.uid && { uid: user.uid }),
      ...(Object.keys(extra).length > 0 && { extra }),
    };
    request.status = {};
  },
  prepareForUpdate(request, old) {
    request.spec = old.spec;
  },
  prepareForStatusUpdate(request, old, context) {
    request.spec = old.spec;
    const isVerdict = (type: string): boolean => type === 'Approved' || type === 'Denied';
    const verdicts = (old.status?.conditions ?? []).filter((condition) => isVerdict(condition.type));
    const others = (request.status?.conditions ?? []).filter((condition) => !isVerdict(condition.type));
    const conditions = stampedConditions([...verdicts, ...others], old.status?.conditions ?? [], context.nowMs);
    request.status = { ...request.status, ...(conditions.length > 0 && { conditions }) };
  },
};

/** A Job finds its pods by its own uid, unless its owner chose a selector. */
export const jobStrategy: Strategy<batch.Job> = {
  prepareForCreate(job) {
    delete job.status;
  },
  named(job) {
    if (job.spec.manualSelector === true) return;
    const { uid = '', name = '' } = job.metadata;
    const labels = {
      'controller-uid': uid,
      'batch.kubernetes.io/controller-uid': uid,
      'job-name': name,
      'batch.kubernetes.io/job-name': name,
    };
    const { template } = job.spec;
    template.metadata ??= {};
    template.metadata.labels ??= {};
    // Labels the user chose stay, for validation to refuse; those of a name that was tried before do not. In place: the Job may share them.
    const isOurs = template.metadata.labels['controller-uid'] === uid;
    const chosen = isOurs ? {} : { ...template.metadata.labels };
    Object.assign(template.metadata.labels, labels, chosen);
    if (Object.keys(job.metadata.labels ?? {}).length === 0) job.metadata.labels = template.metadata.labels;
    job.spec.selector = {
      ...job.spec.selector,
      matchLabels: { 'batch.kubernetes.io/controller-uid': uid, ...job.spec.selector?.matchLabels },
    };
  },
};

/** What this server serves itself is available from the start; of another server its controller finds out. */
export const apiServiceStrategy: Strategy<APIService & KubeObject> = {
  prepareForCreate(service, { nowMs }) {
    service.status = (service.spec.service ? undefined : withAvailability(undefined, LOCALLY_AVAILABLE, rfc3339(nowMs))) ?? {};
  },
};

/** Taints of devices are there from when they are written, where a driver does not say since when. */
export const resourceSliceStrategy: Strategy<ResourceSlice & KubeObject> = {
  prepareForCreate(slice, { nowMs }) {
    defaultResourceSlice(slice, nowMs);
  },
  prepareForUpdate(slice, _old, { nowMs }) {
    defaultResourceSlice(slice, nowMs);
  },
};

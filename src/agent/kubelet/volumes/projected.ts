// projected volumes: several sources in one directory. Service account tokens are the source that every pod has.

import type { Pod, VolumeProjection } from '../../../api/types/core-v1.gen.ts';
import { type ContentDeps, writeContent } from './content-volumes.ts';
import { downwardApiPayload } from './downward-api.ts';
import { VolumeError } from './errors.ts';
import { configMapData, DEFAULT_MODE, itemsPayload, type Payload, type PayloadFile, secretData } from './payload.ts';
import type { ServiceAccountTokens } from './service-account-tokens.ts';
import type { PreparedVolume, SourceObject, VolumePlugin, VolumeRequest } from './volume-plugin.ts';

/** What projected volumes need. */
export interface ProjectedDeps extends ContentDeps {
  readonly tokens: Pick<ServiceAccountTokens, 'get'>;
}

/** The files of one source and what it depends on. */
interface Projection {
  readonly payload: Payload;
  readonly source?: SourceObject;
  readonly refreshAtMs?: number;
  readonly followsPod?: boolean;
}

/** Tokens are only for the pod's users: with fsGroup the group may read too, without any user named everyone in the pod. */
const OWNED_TOKEN_MODE = 0o600;

/** The plugin. */
export function projectedPlugin(deps: ProjectedDeps): VolumePlugin {
  return {
    directory: 'kubernetes.io~projected',
    handles: (volume) => volume.projected !== undefined,
    async setUp(request) {
      const { sources = [], defaultMode = DEFAULT_MODE } = request.volume.projected ?? {};
      const parts: Projection[] = [];
      for (const source of sources) parts.push(await project(source, request, defaultMode, deps));
      await writeContent(request, new Map(parts.flatMap((part) => [...part.payload])), 'memory', deps);
      return summary(request.directory, parts);
    },
  };
}

function summary(directory: string, parts: readonly Projection[]): PreparedVolume {
  const due = parts.flatMap((part) => part.refreshAtMs ?? []);
  return {
    mounted: { hostPath: directory, readOnly: true },
    sources: parts.flatMap((part) => part.source ?? []),
    followsPod: parts.some((part) => part.followsPod),
    ...(due.length > 0 && { refreshAtMs: Math.min(...due) }),
  };
}

async function project(source: VolumeProjection, request: VolumeRequest, defaultMode: number, deps: ProjectedDeps): Promise<Projection> {
  const namespace = request.pod.metadata.namespace ?? '';
  const { configMap, secret, downwardAPI, serviceAccountToken } = source;
  if (configMap) {
    const { name = '', items, optional } = configMap;
    const object = await deps.objects.configMap(namespace, name, { optional, signal: request.signal });
    const version = object?.metadata.resourceVersion ?? '';
    const payload = itemsPayload(configMapData(object), 'ConfigMap', { items, optional, defaultMode });
    return { payload, source: { kind: 'ConfigMap', namespace, name, version } };
  }
  if (secret) {
    const { name = '', items, optional } = secret;
    const object = await deps.objects.secret(namespace, name, { optional, signal: request.signal });
    const version = object?.metadata.resourceVersion ?? '';
    const payload = itemsPayload(secretData(object), 'Secret', { items, optional, defaultMode });
    return { payload, source: { kind: 'Secret', namespace, name, version } };
  }
  if (downwardAPI) {
    const payload = downwardApiPayload(request.pod, downwardAPI.items ?? [], { allocatable: deps.allocatable(), defaultMode });
    return { payload, followsPod: true };
  }
  if (serviceAccountToken) {
    const { token, renewAtMs } = await deps.tokens.get(request.pod, serviceAccountToken, request.signal);
    const file = tokenFile(token, request.pod, defaultMode);
    return { payload: new Map([[serviceAccountToken.path, file]]), refreshAtMs: renewAtMs };
  }
  const kind = Object.keys(source)[0] ?? 'empty';
  throw new VolumeError('volume-unsupported', `projected volume source ${kind} is not supported`);
}

function tokenFile(token: string, pod: Pod, defaultMode: number): PayloadFile {
  const uid = commonUser(pod);
  const owned = uid !== undefined || pod.spec?.securityContext?.fsGroup !== undefined;
  return { bytes: Buffer.from(token, 'utf8'), mode: owned ? OWNED_TOKEN_MODE : defaultMode, ...(uid !== undefined && { uid }) };
}

/** The user that all containers run as, when all say so and agree. */
function commonUser(pod: Pod): number | undefined {
  const containers = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? []), ...(pod.spec?.ephemeralContainers ?? [])];
  const users = new Set(containers.map((c) => c.securityContext?.runAsUser ?? pod.spec?.securityContext?.runAsUser));
  return users.size === 1 ? [...users][0] : undefined;
}

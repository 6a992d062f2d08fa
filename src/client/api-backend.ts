// What an in-process client needs of the API server: the request pipeline below the HTTP codec. The server implements it
// (server/registry/pipeline.ts); client/local-client.ts adapts it to Client. Same admission, same validation, no serialization.

import type { KubeList, KubeObject } from '../api/object.ts';
import type { GroupVersionResource } from '../api/resources.ts';
import type { WatchEvent } from './client.ts';

/** Who asks. Groups include `system:authenticated` or `system:unauthenticated`. */
export interface UserInfo {
  readonly name: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** Verbs of resource requests, as authorization names them. */
export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';

/** The query of a request, decoded: the union of meta/v1 GetOptions, ListOptions, CreateOptions, UpdateOptions, PatchOptions. */
export interface RequestOptions {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly limit?: number;
  readonly continue?: string;
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: string;
  readonly sendInitialEvents?: boolean;
  readonly allowWatchBookmarks?: boolean;
  readonly timeoutSeconds?: number;
  readonly dryRun?: readonly string[];
  readonly fieldManager?: string;
  readonly fieldValidation?: string;
  readonly force?: boolean;
}

/** The media types of patches. */
export type PatchMediaType =
  | 'application/json-patch+json'
  | 'application/merge-patch+json'
  | 'application/strategic-merge-patch+json'
  | 'application/apply-patch+yaml';

/** One request to a resource. */
export interface ApiCall {
  readonly verb: Verb;
  readonly resource: GroupVersionResource;
  /** `''` for the resource itself. */
  readonly subresource: string;
  /** `''` for cluster-scoped resources and for all namespaces. */
  readonly namespace: string;
  /** `''` for collections. */
  readonly name: string;
  readonly user: UserInfo;
  readonly options: RequestOptions;
  /** create, update: the object. delete, deletecollection: DeleteOptions. patch: the patch as a value. */
  readonly body?: unknown;
  /** patch only. */
  readonly patchType?: PatchMediaType;
  /**
   * What a strict reading of a patch's text has found, which its value does not show: told with the answer, or refused, as `fieldValidation`
   * says, once the patch is right otherwise.
   */
  readonly findings?: readonly string[];
  readonly userAgent?: string;
  /** Receives warnings for the client (RFC 7234 Warning texts); optional. */
  readonly warn?: (text: string) => void;
  /** Receives what admission wants the audit log to say (`annotations` of an audit.k8s.io Event); the first value of a key stays. Optional. */
  readonly annotate?: (key: string, value: string) => void;
  readonly signal?: AbortSignal;
  /** Called before an update or apply creates what does not exist: who may do the one need not be allowed the other. @throws StatusError Forbidden */
  readonly demandCreate?: () => void;
}

/** The pipeline: authorization is not done here, admission, validation and storage are. */
export interface ApiBackend {
  /** All verbs but watch. What is returned is frozen. @throws StatusError */
  call(call: ApiCall): Promise<KubeObject | KubeList>;
  /** @throws StatusError on the first step when the watch cannot begin. */
  watch(call: ApiCall & { readonly signal: AbortSignal }): AsyncIterable<WatchEvent<KubeObject>>;
}

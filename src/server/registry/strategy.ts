// What is special about a resource when it is written. The generic path (resource-writer.ts) does everything that is the same for all;
// a strategy says the rest. One small file per resource in strategies/, listed in strategies/strategy-table.ts.

import type { KubeObject } from '../../api/object.ts';
import type { FieldError } from '../../api/status-error.ts';
import type { UserInfo } from '../../client/api-backend.ts';
import type { Store } from '../store/store.ts';
import type { Dependents } from './deletion-plan.ts';

/** What a strategy may use of a request and of the server. */
export interface WriteContext {
  readonly user: UserInfo;
  /** `''` for cluster-scoped resources. */
  readonly namespace: string;
  /** Now, in milliseconds since 1970. */
  readonly nowMs: number;
  readonly dryRun: boolean;
  /** Tells the client something in a Warning header. */
  readonly warn: (text: string) => void;
}

/** What the server gives strategies that look beyond the object. */
export interface StrategyDeps {
  readonly store: Pick<Store, 'get' | 'head' | 'list'>;
  /** The range of service addresses, e.g. `10.43.0.0/16`; a second one of the other family makes the cluster dual-stack. */
  readonly serviceCidrs: readonly string[];
  /** First and last node port. */
  readonly nodePortRange: readonly [number, number];
}

/** Releases what a write reserved; called once, after the write is stored or has failed. */
export type Release = () => void;

/**
 * Rules of one resource. Objects named `object` are drafts to change in place; those named `old` are frozen. Every member is optional.
 */
export interface Strategy<T extends KubeObject = KubeObject> {
  /** Resets what a client may not set on create, and fills what the server decides. @throws StatusError */
  prepareForCreate?(object: T, context: WriteContext): void;
  /** Fills what depends on the name of a new object; called again with each name that is tried for generateName. */
  named?(object: T): void;
  /** The same for an update of the main resource. @throws StatusError */
  prepareForUpdate?(object: T, old: T, context: WriteContext): void;
  /** Replaces the generic rule of /status (everything but status stays as it is). @throws StatusError */
  prepareForStatusUpdate?(object: T, old: T, context: WriteContext): void;
  /** Takes what the object needs from a shared range; `old` is absent on create. Returns how to give back a reservation. @throws StatusError */
  reserve?(object: T, old: T | undefined, context: WriteContext): Release;
  /** Checks beyond those of the validation tables: what only the server can check, or what has to load something for it. */
  validate?(object: T, old: T | undefined, context: WriteContext): FieldError[] | Promise<FieldError[]>;
  /** Grace period of a deletion in seconds: given what the client asked for. Resources without this are deleted at once. */
  gracePeriod?(object: T, requested: number | undefined): number;
  /** Changes a draft that a deletion marks; true when it may not be removed even without metadata.finalizers. */
  holdOnDelete?(object: T): boolean;
  /** Changes a draft that a deletion has marked for the first time. */
  markDeleted?(object: T, nowMs: number): void;
  /** A client's delete is refused. @throws StatusError */
  checkDelete?(object: T, context: WriteContext): void;
}

/** Facts of a resource that need no code. */
export interface StrategyFlags {
  /** PUT of a name that does not exist creates it. */
  readonly createOnUpdate?: boolean;
  /** An update must name the resource version. */
  readonly conditionalUpdate?: boolean;
  /** A write of /status changes nothing of the metadata. */
  readonly statusKeepsMetadata?: boolean;
  /** What becomes of dependents when a deletion does not say; absent = they go too. */
  readonly dependents?: Dependents;
  /** What is told to who deletes it without a word on its dependents. */
  readonly orphanWarning?: string;
  /** DELETE answers with the object and not with a Status. */
  readonly returnsDeleted?: boolean;
}

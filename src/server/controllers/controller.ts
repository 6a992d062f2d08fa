// What every controller is given. A controller is one file `<name>.ts` exporting `<name>Controller(deps): Component`
// (usually a ControllerLoop) and one line in list.ts; its decisions are pure functions in `<name>-plan.ts`.

import type { ExtensionResources } from '../../api/api-services.ts';
import type { ResourceInfo } from '../../api/resources.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import type { Client } from '../../client/client.ts';
import type { InformerFactory } from '../../client/informer.ts';
import type { EventRecorder } from '../../client/recorder.ts';

/** The world of a controller: it reaches the cluster through `client` and `informers` only. */
export interface ControllerDeps {
  readonly client: Client;
  readonly informers: InformerFactory;
  /** The recorder whose events name `component` as their source, e.g. `replicaset-controller`. */
  readonly recorder: (component: string) => EventRecorder;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What some controllers need beside: given to all of list.ts by the wiring. */
export interface ControllerManagerDeps extends ControllerDeps {
  /** Every resource that is served now, built-in and custom. */
  readonly resources: () => readonly ResourceInfo[];
  /** Calls `listener` whenever `resources` or `extensions` has changed: custom resources and other servers come and go. */
  readonly onResourcesChange: (listener: () => void) => { close(): void };
  /** What extension API servers serve, as far as their servers answer. `client` and `informers` reach it where the wiring says so (ADR 8). */
  readonly extensions: () => ExtensionResources;
  /** PEM of the authority that signed the API server's certificate, as pods get it in the ConfigMap kube-root-ca.crt. */
  readonly rootCa: string;
  /** The pod networks of the cluster, one per address family, e.g. `['10.42.0.0/16']`. */
  readonly clusterCidrs: readonly string[];
  /** Issues a token that does not expire, to be kept in a Secret of that name. */
  readonly issueSecretToken: (subject: SecretTokenSubject) => string;
}

/** Whom the token of a Secret is for. */
export interface SecretTokenSubject {
  readonly namespace: string;
  readonly serviceAccount: { readonly name: string; readonly uid: string };
  readonly secret: string;
}

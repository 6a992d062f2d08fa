// The parts of a control plane that reach the cluster through clients: controllers, scheduler, certificate approval, APIServices of what is served.

import type { Clock } from '../base/clock.ts';
import type { Component } from '../base/component.ts';
import type { Logger } from '../base/log.ts';
import { ApiEventRecorder } from '../client/event-recorder.ts';
import { LocalClient } from '../client/local-client.ts';
import type { SharedInformerFactory } from '../client/shared-informer.ts';
import { LOOPBACK_USER } from '../server/auth/auth.ts';
import type { ClusterAuth } from '../server/auth/cluster-auth.ts';
import { CONTROLLERS } from '../server/controllers/list.ts';
import { nodeRoleController } from '../server/controllers/node-role.ts';
import type { Aggregator } from '../server/extensions/aggregation/aggregator.ts';
import { apiServiceRegistration } from '../server/extensions/aggregation/registration.ts';
import type { ApiServer } from '../server/http/api-server.ts';
import { certificateController } from '../server/join/certificate-controller.ts';
import type { ClusterPki } from '../server/pki/cluster-pki.ts';
import { Scheduler } from '../server/scheduler/scheduler.ts';
import type { ServerOptions } from './options.ts';

/** A namespace is empty when extension API servers keep nothing of it either, and their objects have owners and dependents, too. */
const REACHES_EXTENSIONS: ReadonlySet<string> = new Set(['namespace-controller', 'garbage-collector-controller']);

/** What of the server the controllers are made with. */
export interface ControllerWorld {
  readonly options: ServerOptions;
  readonly place: { readonly nodeName: string };
  readonly pki: ClusterPki;
  readonly clock: Clock;
  readonly log: Logger;
  /** Names and addresses of the API server's certificate. */
  readonly serverNames: readonly string[];
}

/** The controllers in the order they start. They stop before the API server does. */
export function wireControllers(
  world: ControllerWorld,
  auth: ClusterAuth,
  deps: { server: ApiServer; client: LocalClient; informers: SharedInformerFactory; aggregator: Aggregator },
): Component[] {
  const { options, place, pki, clock, log } = world;
  const { client, informers, server, aggregator } = deps;
  const recorder = new ApiEventRecorder({}, { client, clock, log: log.child('events') });
  const shared = { client, informers, clock, recorder: (component: string) => recorder.recorder(component) };
  const certificates = certificateController({
    ...shared,
    log: log.child('certificates'),
    authorizer: auth.authorizer,
    clientAuthority: pki.authorities['client-ca'],
    serverAuthority: pki.authorities['server-ca'],
    serverNames: [...world.serverNames],
    localNode: place.nodeName,
  });
  const everything = aggregator.client(client, LOOPBACK_USER);
  const controllers = Object.entries(CONTROLLERS).map(([name, make]) =>
    make({
      ...shared,
      log: log.child(name),
      resources: () => server.catalog.infos(),
      extensions: () => aggregator.extensions(),
      onResourcesChange: (listener) => both(server.catalog.onChange(listener), aggregator.onChange(listener)),
      rootCa: pki.authorities['server-ca'].certificate,
      clusterCidrs: [options.clusterCidr],
      issueSecretToken: (subject) => auth.tokens.issueForSecret(subject),
      ...(REACHES_EXTENSIONS.has(name) && { client: everything }),
    }),
  );
  // Parts own fields under the names that upstream's have.
  const schedulerClient = new LocalClient(server.backend, LOOPBACK_USER, { userAgent: 'kube-scheduler' });
  const scheduler = options.runScheduler ? [new Scheduler({}, { ...shared, client: schedulerClient, log })] : [];
  const role = nodeRoleController({ ...shared, log: log.child('node-role'), nodeName: place.nodeName });
  const registration = apiServiceRegistration(server.catalog, { ...shared, log });
  return [recorder, registration, certificates, role, ...controllers, ...scheduler];
}

function both(one: { close(): void }, other: { close(): void }): { close(): void } {
  return {
    close() {
      one.close();
      other.close();
    },
  };
}

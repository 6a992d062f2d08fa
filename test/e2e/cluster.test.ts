// One cluster, used the way a person uses it from the first command to the last. The suites run in order and share it.

import { api } from './suites/api.ts';
import { badInput } from './suites/bad-input.ts';
import { containers } from './suites/containers.ts';
import { course } from './suites/course.ts';
import { firstSteps } from './suites/first-steps.ts';
import { healing } from './suites/healing.ts';
import { images } from './suites/images.ts';
import { network } from './suites/network.ts';
import { nodeFaults } from './suites/node-faults.ts';
import { otherClients } from './suites/other-clients.ts';
import { pods } from './suites/pods.ts';
import { restart } from './suites/restart.ts';
import { secondNode } from './suites/second-node.ts';
import { serverSideApply } from './suites/server-side-apply.ts';
import { streaming } from './suites/streaming.ts';
import { workloadKinds } from './suites/workload-kinds.ts';
import { onSharedCluster } from './support/shared-cluster.ts';

onSharedCluster('kts-e2e', (of) => {
  firstSteps(of);
  course(of);
  pods(of);
  containers(of);
  images(of);
  streaming(of);
  healing(of);
  api(of);
  serverSideApply(of);
  otherClients(of);
  badInput(of);
  network(of);
  workloadKinds(of);
  nodeFaults(of);
  restart(of);
  secondNode(of); // Last: it leaves a second node behind.
});

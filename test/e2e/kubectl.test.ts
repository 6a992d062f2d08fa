// Every kubectl of the machine against one cluster.

import { kubectlTour } from './suites/kubectl-tour.ts';
import { kubectlPrograms } from './support/kubectls.ts';
import { onSharedCluster } from './support/shared-cluster.ts';

const programs = await kubectlPrograms();

onSharedCluster('kts-kubectl', (cluster) => kubectlTour(cluster, programs));

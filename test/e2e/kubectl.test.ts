// Every kubectl of the machine against one cluster.

import { after, before, describe } from 'node:test';
import { kubectlTour } from './suites/kubectl-tour.ts';
import { TestCluster } from './support/cluster.ts';
import { kubectlPrograms } from './support/kubectls.ts';

const programs = await kubectlPrograms();

describe('a cluster', () => {
  let cluster: TestCluster | undefined;
  const of = (): TestCluster => {
    if (!cluster) throw new RangeError('the cluster did not start');
    return cluster;
  };

  before(async () => {
    cluster = await TestCluster.create('kts-kubectl');
    await cluster.server.startServer();
  });
  after(() => cluster?.remove());

  kubectlTour(of, programs);
});

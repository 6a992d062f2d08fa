// The frame of a test file: one cluster that its suites share, started before the first and removed after the last.

import { after, before, describe } from 'node:test';
import { TestCluster } from './cluster.ts';

/** Declares tests of one cluster with a running server. `name` is that of its network and directories; the suites ask for the cluster when they run. */
export function onSharedCluster(name: string, declareSuites: (cluster: () => TestCluster) => void): void {
  describe('a cluster', () => {
    let cluster: TestCluster | undefined;

    before(async () => {
      cluster = await TestCluster.create(name);
      await cluster.server.startServer();
    });
    after(() => cluster?.remove());

    declareSuites(() => {
      if (!cluster) throw new RangeError('the cluster did not start');
      return cluster;
    });
  });
}

// Times of creating ConfigMaps one after the other, each followed by an fsync of our own on the disk of the store: the second says
// what part of the first nobody can avoid.

import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { CONFIG_MAPS } from '../../../src/client/resources.ts';
import { type Summary, summary } from '../statistics.ts';
import { openClient } from './access.ts';

/** What is measured with. */
export interface WriteTimesInput {
  readonly kubeconfig: string;
  /** A directory on the file system of the store. */
  readonly directory: string;
  readonly count: number;
}

/** Milliseconds. */
export interface WriteTimes {
  readonly create: Summary;
  readonly fsync: Summary;
}

/** What SQLite appends to its journal for a small object. */
const BLOCK = Buffer.alloc(4096, 1);
const WARM_UP = 20;
const NAMESPACE = 'default';
const DATA = { 'settings.yaml': 'level: info\n'.repeat(20) };

/** Creates `count` ConfigMaps and removes them. */
export async function writeTimes({ kubeconfig, directory, count }: WriteTimesInput): Promise<WriteTimes> {
  const client = await openClient(kubeconfig);
  const path = join(directory, 'fsync.bench');
  const file = openSync(path, 'w');
  const create: number[] = [];
  const fsync: number[] = [];
  try {
    for (let i = -WARM_UP; i < count; i++) {
      const metadata = { name: `bench-write-${i + WARM_UP}`, namespace: NAMESPACE, labels: { bench: 'write' } };
      const start = performance.now();
      await client.create(CONFIG_MAPS, { metadata, data: DATA });
      const created = performance.now();
      writeSync(file, BLOCK);
      fdatasyncSync(file);
      if (i < 0) continue;
      create.push(created - start);
      fsync.push(performance.now() - created);
    }
    await client.deleteCollection(CONFIG_MAPS, { namespace: NAMESPACE, labelSelector: 'bench=write' });
    return { create: summary(create), fsync: summary(fsync) };
  } finally {
    closeSync(file);
    rmSync(path);
    await client.close();
  }
}

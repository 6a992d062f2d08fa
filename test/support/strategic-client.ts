// The client of a controller world that can also do strategic patches of status: conditions are merged by type.

import type { KubeObject } from '../../src/api/object.ts';
import type { Client, Patch, TypedResource, WriteOptions } from '../../src/client/client.ts';

interface Condition {
  readonly type: string;
}

/** `client`, with strategic patches of status turned into merge patches. */
export function strategicClient(client: Client): Client {
  return {
    get: (...args) => client.get(...args),
    list: (...args) => client.list(...args),
    watch: (...args) => client.watch(...args),
    create: (...args) => client.create(...args),
    update: (...args) => client.update(...args),
    delete: (...args) => client.delete(...args),
    deleteCollection: (...args) => client.deleteCollection(...args),
    async patch<T extends KubeObject>(
      resource: TypedResource<T>,
      name: { namespace: string; name: string },
      patch: Patch,
      options?: WriteOptions,
    ) {
      if (patch.type !== 'strategic') return await client.patch(resource, name, patch, options);
      const body = structuredClone(patch.body) as { status?: { conditions?: Condition[] } };
      const old = (await client.get(resource, name)) as { status?: { conditions?: Condition[] } };
      const added = body.status?.conditions;
      const kept = (old.status?.conditions ?? []).filter((c) => !added?.some((a) => a.type === c.type));
      if (body.status && added) body.status.conditions = [...kept, ...added];
      return await client.patch(resource, name, { type: 'merge', body }, options);
    },
  };
}

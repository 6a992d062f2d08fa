// Get and list: pages of entries by the rules of list-rules.ts. Entries are handed on as they are stored, bytes included.

import type { KubeObject } from '../../api/object.ts';
import { expired, notFound } from '../../api/status-error.ts';
import type { ApiCall } from '../../client/api-backend.ts';
import { StoreError } from '../store/errors.ts';
import type { Entry, StorePage, StoreReader } from '../store/store.ts';
import { encodeContinue } from './continue-token.ts';
import { continueExpired, type ListPlan, parseResourceVersion, planList, tooLargeResourceVersion } from './list-rules.ts';
import { type ObjectSelection, parseSelection } from './selection.ts';
import { keyFor, type ServedResource } from './served-resource.ts';
import { loadStored } from './stored-form.ts';

/** A page of a list in stored form. */
export interface ListPage {
  readonly revision: number;
  readonly entries: readonly Entry<KubeObject>[];
  readonly continue: string | undefined;
  /** Set when more follow and nothing was selected away. */
  readonly remaining: number | undefined;
}

/** Reads one object. @throws StatusError NotFound */
export function readObject(store: StoreReader, served: ServedResource, call: ApiCall): Entry<KubeObject> {
  const asked = parseResourceVersion(call.options.resourceVersion);
  if (asked > store.revision) throw tooLargeResourceVersion(asked, store.revision);
  const entry = store.get<KubeObject>(keyFor(served, call.namespace, call.name));
  if (!entry) throw notFound(served.info, call.name);
  return entry;
}

/** Makes all objects ready that a list or watch selects from by their fields; without such a selector there are none. @throws StatusError */
export async function loadScope(store: StoreReader, served: ServedResource, call: ApiCall): Promise<void> {
  if (!call.options.fieldSelector) return;
  const prefix = call.namespace === '' ? served.prefix : `${served.prefix}${call.namespace}/`;
  await loadStored(
    served,
    store.list<KubeObject>(prefix).entries.map((entry) => entry.object),
  );
}

/** Reads a page. @throws StatusError */
export function readPage(store: StoreReader, served: ServedResource, call: ApiCall): ListPage {
  const plan = planList(call.options, store.revision);
  const selection = parseSelection(served, call.options, call.name);
  const prefix = call.namespace === '' ? served.prefix : `${served.prefix}${call.namespace}/`;
  const direct = directEntry(store, served, { call, plan, selection });
  if (direct) return direct;
  const page = listStore(store, { prefix: served.prefix, scope: prefix, plan, selection });
  const next = page.continueKey;
  return {
    revision: page.revision,
    entries: page.entries,
    continue: next === undefined ? undefined : encodeContinue(page.revision, next.slice(served.prefix.length)),
    remaining: next !== undefined && selection.all ? page.remaining : undefined,
  };
}

/** A list that a field selector narrows to one known name needs no scan. */
function directEntry(
  store: StoreReader,
  served: ServedResource,
  list: { call: ApiCall; plan: ListPlan; selection: ObjectSelection },
): ListPage | undefined {
  const { call, plan, selection } = list;
  if (selection.name === undefined || plan.revision !== undefined || plan.after !== undefined) return undefined;
  if (served.info.namespaced && call.namespace === '') return undefined;
  const entry = store.get<KubeObject>(keyFor(served, call.namespace, selection.name));
  const entries = entry && selection.matches(entry.object) ? [entry] : [];
  return { revision: store.revision, entries, continue: undefined, remaining: undefined };
}

function listStore(
  store: StoreReader,
  list: { prefix: string; scope: string; plan: ListPlan; selection: ObjectSelection },
): StorePage<KubeObject> {
  const { plan, selection } = list;
  try {
    return store.list<KubeObject>(list.scope, {
      ...(plan.limit !== undefined && { limit: plan.limit }),
      ...(plan.after !== undefined && { after: list.prefix + plan.after }),
      ...(plan.revision !== undefined && { revision: plan.revision }),
      ...(!selection.all && { match: (entry: Entry<KubeObject>) => selection.matches(entry.object) }),
    });
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    if (error.code === 'future') throw tooLargeResourceVersion(plan.revision ?? 0, store.revision);
    if (error.code !== 'compacted') throw error;
    if (plan.after !== undefined) throw continueExpired(encodeContinue(-1, plan.after));
    throw expired(`The resourceVersion for the provided list is too old.`);
  }
}

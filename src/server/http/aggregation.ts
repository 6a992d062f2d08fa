// What the HTTP server asks of the aggregation layer: who serves a path, and what other servers add to its documents.

import type { ResourceInfo } from '../../api/resources.ts';
import type { DiscoverySource, RemoteDocuments } from './document-cache.ts';
import type { Exchange } from './exchange.ts';

/** The aggregation layer. Implemented by extensions/aggregation. */
export interface Aggregation {
  /** Grows when what `documents` tells may have changed. */
  readonly generation: number;
  readonly documents: RemoteDocuments;
  /** Serves requests that are authorized, when another server serves the group version of their path; undefined = this one does. */
  handlerOf(path: string): ((exchange: Exchange) => Promise<void>) | undefined;
}

/** This server's resources and what others add, as one source of discovery documents. */
export function aggregatedSource(
  own: Pick<DiscoverySource, 'generation' | 'infos'>,
  aggregation: Aggregation | undefined,
): DiscoverySource {
  if (!aggregation) return own;
  return {
    // Both only grow: their sum changes when either does.
    get generation(): number {
      return own.generation + aggregation.generation;
    },
    infos: (): ResourceInfo[] => own.infos(),
    remote: aggregation.documents,
  };
}

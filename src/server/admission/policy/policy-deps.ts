// What admission policies need of the server.

import type { Authorizer } from '../../auth/auth.ts';
import type { AdmissionMetrics } from '../admission-metrics.ts';
import type { AdmissionReader } from '../admission-reader.ts';
import type { KindReader } from './policy-params.ts';

/** What policies need of the server. */
export interface PolicyDeps {
  readonly reader: AdmissionReader;
  /** Answers what expressions ask the authorizer. */
  readonly authorizer: Authorizer;
  /** Reads parameters. */
  readonly kinds: KindReader;
  readonly metrics: AdmissionMetrics;
}

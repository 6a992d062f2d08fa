// What the pipeline is made of beside the store: the tables of what is special, by resource.

import type { PipelineDeps } from './pipeline.ts';
import { subresourceTable } from './subresources/subresource-table.ts';
import type { TokenDeps } from './subresources/token.ts';
import { BUILTIN_VALIDATOR } from './validation.ts';
import { type ReviewDeps, virtualResources } from './virtual-resources.ts';

/** What the tables need of the server. */
export type PipelinePartsDeps = ReviewDeps & TokenDeps;

/** Validation, sub-resources, and resources that are not stored. */
export function pipelineParts(deps: PipelinePartsDeps): Pick<PipelineDeps, 'validator' | 'subresources' | 'virtual'> {
  return { validator: BUILTIN_VALIDATOR, subresources: subresourceTable(deps), virtual: virtualResources(deps) };
}

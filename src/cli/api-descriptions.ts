// The descriptions of the API for its OpenAPI documents, from the file the build made of packages that carry them.

import { gunzipSync } from 'node:zlib';
import type { Descriptions } from '../api/openapi/definitions.ts';
import { assetBytes } from '../base/assets.ts';

/** By full name of a message: what it is, and what its fields are by JSON name (scripts/generate-descriptions.ts). */
type DescriptionFile = Readonly<Record<string, readonly [message: string, fields: Readonly<Record<string, string>>]>>;

/**
 * Unpacks the descriptions (about 1 MB: let go of them once the documents are made).
 * @throws KtsError `asset-missing` from a source tree that was not built
 */
export function readDescriptions(): Descriptions {
  const file = JSON.parse(gunzipSync(assetBytes('descriptions.json.gz')).toString('utf8')) as DescriptionFile; // written by our build
  return (message, field) => {
    const entry = file[message];
    return (field === undefined ? entry?.[0] : entry?.[1][field]) || undefined;
  };
}

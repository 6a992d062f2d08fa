// What this build is. The commit is put in by the build; from source it is empty.

declare const KTS_GIT_COMMIT: string | undefined;
declare const KTS_BUILD_DATE: string | undefined;

/** The Kubernetes version whose API is served. */
export const KUBERNETES_VERSION = 'v1.36.3';

/** The version of kts, as nodes and /version report it. */
export const VERSION = `${KUBERNETES_VERSION}+kts1`;

/** Commit the executable was built from; `''` when run from source. */
export const GIT_COMMIT: string = typeof KTS_GIT_COMMIT === 'string' ? KTS_GIT_COMMIT : '';

/** When the executable was built, RFC 3339; the epoch when run from source. */
export const BUILD_DATE: string = typeof KTS_BUILD_DATE === 'string' ? KTS_BUILD_DATE : '1970-01-01T00:00:00Z';

/** Names this build; files unpacked or compiled by one build are kept apart from another's by it. */
export const BUILD_ID = `${VERSION}-${GIT_COMMIT || 'source'}-${Date.parse(BUILD_DATE) / 1000}`;

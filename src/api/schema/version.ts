// core messages (package io.k8s.apimachinery.pkg.version). The notation is explained in base/message-table.ts.

/** Message table of io.k8s.apimachinery.pkg.version. */
export const VERSION = `
Info json-only
   - major                 string emit req
   - minor                 string emit req
   - emulationMajor        string
   - emulationMinor        string
   - minCompatibilityMajor string
   - minCompatibilityMinor string
   - gitVersion            string emit req
   - gitCommit             string emit req
   - gitTreeState          string emit req
   - buildDate             string emit req
   - goVersion             string emit req
   - compiler              string emit req
   - platform              string emit req
`;

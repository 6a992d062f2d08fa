// What nodes cost that are no calls: counted when they are evaluated, and by the estimate.
// Rules: "Resource use by CEL functions" of the Kubernetes documentation; the numbers are cel-go's.

/** Units of a name, or of a part of one. */
export const COST_OF_ACCESS = 1;
/** Units of a list that is written out; its elements come on top. */
export const COST_OF_LIST = 10;
/** Units of a map that is written out; its entries come on top. */
export const COST_OF_MAP = 30;
/** Units of an object that is constructed; its fields come on top. */
export const COST_OF_OBJECT = 40;

/** A past event of a request, or a state that lasts until a time. The ledger stores no time for some of them. */
export interface Step {
  atMs?: number;
  text: string;
}

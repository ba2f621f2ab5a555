/** A bulk job's id is a hash, so its beginning identifies it. Rosters of live events have other ids. */
const JOB_ID = /^[0-9a-f]{64}$/;
const SHORT_CHARACTERS = 12;

/** The short id under which a stopped job is stored; undefined if a roster is not a bulk job. */
export function shortJobId(rosterId: string | undefined): string | undefined {
  return rosterId !== undefined && JOB_ID.test(rosterId) ? rosterId.slice(0, SHORT_CHARACTERS) : undefined;
}

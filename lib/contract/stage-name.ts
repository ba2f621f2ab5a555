/** The name of the bucket contains the stage, the id of the account and the region, and can have at most 63 characters. */
export const MAX_STAGE_CHARACTERS = 25;

/** The names of a stage's resources contain the name of the stage. The rule for names of buckets is the strictest. */
export const STAGE_NAME = /^[a-z0-9-]{1,25}$/;

/** Why no stage can have this name, with the remedy. Undefined if one can. */
export function problemOfStageName(stage: string): string | undefined {
  if (STAGE_NAME.test(stage)) return undefined;
  if (stage.length > MAX_STAGE_CHARACTERS)
    return `a stage has at most ${MAX_STAGE_CHARACTERS} characters, and this name has ${stage.length}`;
  const usable = usableStageName(stage);
  const meant = usable === '' ? '' : `: did you mean ${usable}?`;
  return `only a-z, 0-9 and - are allowed in the name of a stage${meant}`;
}

/** A similar name that a stage can have. Empty if there is none. */
export function usableStageName(stage: string): string {
  return stage
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
}

import { copyOfPackage } from './paths/world.ts';
import { STAGE } from './policy-files.ts';

/** The package as the stage of the policies, because the stage `local` has credentials of its own. */
export function copyAsStage(): ReturnType<typeof copyOfPackage> {
  return copyOfPackage((_id, resource) =>
    JSON.parse(
      JSON.stringify(resource)
        .replaceAll('greenroom-local', `greenroom-${STAGE}`)
        .replaceAll('"local"', `"${STAGE}"`)
        .replaceAll('"local.', `"${STAGE}.`),
    ),
  );
}

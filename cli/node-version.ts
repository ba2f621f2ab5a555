/** The first version of Node that the command line supports, as `engines` in package.json. */
export const FIRST_NODE = '22.18';

/**
 * One line for the user if this version of Node is too old. Otherwise, the first function that it lacks would end the command, with a stack
 * trace and a line of the bundle.
 * @param version such as `22.18.0`
 */
export function unsupportedNode(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [firstMajor = 0, firstMinor = 0] = FIRST_NODE.split('.').map(Number);
  if (major > firstMajor || (major === firstMajor && minor >= firstMinor)) return undefined;
  return `greenroom needs Node ${FIRST_NODE} or later, and this is Node ${version} (${process.execPath})`;
}

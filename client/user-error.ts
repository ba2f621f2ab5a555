/** Something that the user can put right: its message, one line, names the problem and the remedy. */
export class UserError extends Error {
  override readonly name = 'UserError';
}

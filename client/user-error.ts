/** An error that the user can correct. Its message, one line, names the problem and the remedy. */
export class UserError extends Error {
  override readonly name = 'UserError';
}

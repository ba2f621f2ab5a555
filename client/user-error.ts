/** An error that the user can correct. Its message is one line that names the problem and the remedy. */
export class UserError extends Error {
  override readonly name = 'UserError';
}

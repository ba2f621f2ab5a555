import { InvalidArgumentError } from 'commander';
import { typed } from '../client/typed-command.ts';
import { UserError } from '../client/user-error.ts';

/** Parses the id of a message, or the beginning of one. @throws InvalidArgumentError, which commander explains */
export function messageId(text: string): string {
  if (!/^[0-9a-f-]{4,36}$/i.test(text))
    throw new InvalidArgumentError('It must be the id of a message, or at least the first 4 characters of one.');
  return text.toLowerCase();
}

/** Finds the message whose id begins with `idStart`. @throws UserError if no message has such an id, or several have */
export function findByIdStart<T extends { id: string }>(messages: readonly T[], idStart: string): T {
  const [found, ...others] = messages.filter(({ id }) => id.startsWith(idStart));
  if (found === undefined)
    throw new UserError(`No visible parked message has an id that begins with ${idStart}: see ${typed('parked')}`);
  if (others.length > 0) {
    const ids = [found, ...others].map(({ id }) => id);
    throw new UserError(`${ids.length} ids begin with ${idStart}: ${ids.join(', ')}`);
  }
  return found;
}

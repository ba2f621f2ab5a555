import { InvalidArgumentError, Option } from 'commander';
import { LOCAL_STAGE } from '../client/deployment.ts';

export function stageOption(): Option {
  return new Option('--stage <stage>', 'the deployment to talk to').default(LOCAL_STAGE);
}

export function regionOption(): Option {
  return new Option('--region <region>', 'where that stage is deployed (default: as the AWS environment says)');
}

/** Parses the argument of an option. @throws InvalidArgumentError, which commander explains */
export function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('It must be a whole number from 1.');
  return value;
}

/** As `positiveInteger`, but not only whole ones. */
export function positiveNumber(text: string): number {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) throw new InvalidArgumentError('It must be a number above zero.');
  return value;
}

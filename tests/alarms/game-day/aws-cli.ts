import { CreateScheduleGroupCommand, type SchedulerServiceException } from '@aws-sdk/client-scheduler';
import { GetQueueUrlCommand } from '@aws-sdk/client-sqs';
import { must } from '../../support/must.ts';
import type { Deployment } from '../deployment.ts';
import { matchesFilter } from '../logs.ts';
import { CommandError, type RunCommand } from './shell.ts';

type Options = ReadonlyMap<string, string>;
type Subcommand = (options: Options, world: Deployment, argument: string | undefined) => Promise<string> | string;

const UNITS_MS = { m: 60_000, h: 3_600_000 };
/** Service Quotas documents no code for this quota. */
const ROOMS_QUOTA_CODE = 'L-R00M5';

/** The subcommands of the AWS CLI that the runbook needs for the faults of the game day. */
const subcommands = new Map(
  Object.entries<Subcommand>({
    'logs tail': (options, { logs, time }, group = '') => {
      const [, count, unit] = /^(\d+)([mh])$/.exec(take(options, '--since')) ?? [];
      const sinceMs = time.nowMs() - Number(count) * (unit === 'm' ? UNITS_MS.m : UNITS_MS.h);
      const pattern = options.get('--filter-pattern') ?? '';
      const lines = logs.since(group.replace('/aws/lambda/', ''), sinceMs);
      return lines.filter((line) => matchesFilter(line, pattern)).join('\n');
    },

    'cloudwatch describe-alarms': (options, { alarms }) => {
      const state = take(options, '--state-value');
      if (take(options, '--alarm-name-prefix') !== 'greenroom-prod') return '';
      return [...alarms.states].flatMap(([name, each]) => (each === state ? [name] : [])).join('\n');
    },

    'sqs get-queue-url': async (options, { services }) => {
      const command = new GetQueueUrlCommand({ QueueName: take(options, '--queue-name') });
      return must((await services.clients.sqs.send(command)).QueueUrl);
    },

    'scheduler create-schedule-group': async (options, { services }) => {
      const command = new CreateScheduleGroupCommand({ Name: take(options, '--name') });
      return must((await services.clients.scheduler.send(command)).ScheduleGroupArn);
    },

    'service-quotas list-service-quotas': (options, { services }) => {
      const region = take(options, '--region');
      if (take(options, '--query') !== "Quotas[?QuotaName=='Rooms'].[QuotaCode,Value]")
        throw new Error('This query is not simulated');
      return `${ROOMS_QUOTA_CODE}\t${services.roomQuota(region)}`;
    },

    /** In the simulation, AWS grants each increase immediately. */
    'service-quotas request-service-quota-increase': (options, { services }) => {
      if (take(options, '--quota-code') !== ROOMS_QUOTA_CODE) throw new CommandError('aws', 'NoSuchResourceException');
      const rooms = Number(take(options, '--desired-value'));
      services.setRoomQuota(take(options, '--region'), rooms);
      return 'PENDING';
    },
  }),
);

function take(options: Options, name: string): string {
  const value = options.get(name);
  if (value === undefined) throw new CommandError('aws', `the following arguments are required: ${name}`);
  return value;
}

/** Runs `aws …` on the simulated services. @throws Error if it is a subcommand that is not simulated; CommandError */
export function createAwsCli(world: Deployment): RunCommand {
  return async ([service = '', name = '', ...rest]) => {
    const subcommand = subcommands.get(`${service} ${name}`);
    if (!subcommand) throw new Error(`aws ${service} ${name} is not simulated`);
    const argument = rest[0]?.startsWith('--') ? undefined : rest.shift();
    const options = new Map<string, string>();
    while (rest.length > 0) options.set(must(rest.shift()), must(rest.shift()));
    try {
      return await subcommand(options, world, argument);
    } catch (error) {
      if (isServiceError(error)) throw new CommandError(`aws ${service} ${name}`, error.message);
      throw error;
    }
  };
}

function isServiceError(error: unknown): error is SchedulerServiceException {
  return error instanceof Error && '$fault' in error;
}

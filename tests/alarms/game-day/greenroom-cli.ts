import { COMMANDS } from '../../../cli/commands.ts';
import { runCli } from '../../../cli/run-cli.ts';
import type { Deployment as Stage } from '../../../client/deployment.ts';
import { UserError } from '../../../client/user-error.ts';
import { filledPolicy } from '../../policies/policy-files.ts';
import { capturePrinted } from '../../support/printed.ts';
import { REGION } from '../compiled-template.ts';
import type { Deployment } from '../deployment.ts';
import { CommandError, type RunCommand } from './shell.ts';

const OPERATOR = 'operator';
const QUEUES = `https://sqs.${REGION}.amazonaws.com/000000000000/greenroom-prod-`;

/** The simulated stage `prod`, as the operator of infrastructure/policies sees it. */
function stageOf({ services }: Deployment): Stage {
  services.permissions.iam.putUser(OPERATOR, filledPolicy(OPERATOR));
  const { dynamodb, sns, sqs, s3, ivsChat } = services.clientsOf(OPERATOR);
  return {
    stage: 'prod',
    region: REGION,
    defaultRegion: () => REGION,
    dynamodb,
    sns,
    sqs,
    s3,
    ivsChat,
    ledgerTable: 'greenroom-prod-ledger',
    paceTable: 'greenroom-prod-pace',
    rosterTable: 'greenroom-prod-rosters',
    queueUrl: async (queue) => `${QUEUES}${queue}`,
    completionTopicArn: async () => `arn:aws:sns:${REGION}:000000000000:greenroom-prod-completions`,
    manifestBucket: async () => `greenroom-prod-000000000000-${REGION}`,
    releaseGraceMs: async () => undefined,
    clientSettings: {},
    guard: (client) => client,
    close: () => undefined,
  };
}

/** Runs `greenroom …` in this process, on the simulated services and their clock. @throws CommandError if its exit code is not 0 */
export function createGreenroomCli(world: Deployment): RunCommand {
  const stage = stageOf(world);
  return async (words) => {
    // No virtual time may pass while the command is loaded.
    await COMMANDS.find(({ name }) => name === words[0])?.load();
    const printed = capturePrinted();
    let isOver = false;
    const running = runCli(words, {
      signal: new AbortController().signal,
      clock: world.time,
      findDeployment: async (wanted) => {
        if (wanted.stage !== 'prod') throw new UserError(`There is no stage ${wanted.stage}`);
        return stage;
      },
    }).finally(() => {
      isOver = true;
    });
    try {
      // The command continues when its calls are answered. Time passes only if it waits.
      for (let turn = 1; !isOver; turn++) await world.run(turn % 20 === 0 ? 100 : 0);
      await running;
    } finally {
      printed.restore();
    }
    const failed = process.exitCode !== undefined && process.exitCode !== 0;
    process.exitCode = undefined;
    if (failed) throw new CommandError(`greenroom ${words.join(' ')}`, printed.lines.join('\n'));
    return printed.lines.join('\n');
  };
}

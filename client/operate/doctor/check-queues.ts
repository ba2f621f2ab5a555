import { typed } from '../../typed-command.ts';
import { attempt, attemptEach } from './call-aws.ts';
import type { ExaminedStage } from './examined-stage.ts';
import { counted, type Finding, finding, type Observation } from './finding.ts';
import { judged, judgePolicy } from './policy.ts';
import { DEAD_LETTER_QUEUES, type QueueFacts, queueName, type StageQueue, WORK_QUEUES } from './queue-facts.ts';

/** "there can be a maximum of approximately 120,000 inflight messages":
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html */
const MAX_IN_FLIGHT = 120_000;
/** The threshold of the alarms on messages in flight. */
const NEARLY_FULL = 100_000;
/** How many requests can be handled in one region before the alarm on old requests: at five calls a second, in 15 minutes and in 4 hours. */
const BACKLOG_LIMITS = new Map<StageQueue, number>([
  ['interactive', 5 * 15 * 60],
  ['bulk', 5 * 4 * 3600],
]);

const MOVE_BACK =
  'Read in docs/operations.md, Alarms, what to look for in this queue. Then send the messages back with aws sqs start-message-move-task';
const WAIT_FOR_PARKING = `A function announces these messages and parks them within minutes. If they stay, read its log. Remove the cause, then use ${typed('redrive --reason dead-lettered')}`;
/**
 * Some of these queues have a function that handles their messages. StartMessageMoveTask "is currently limited to supporting message
 * redrive from queues that are configured as dead-letter queues (DLQs) of other Amazon SQS queues only", and the queue of EventBridge
 * Scheduler is not:
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html
 */
const DEAD_LETTER_REMEDIES = new Map<StageQueue, string>([
  ['interactive-dead-letters', WAIT_FOR_PARKING],
  ['bulk-dead-letters', WAIT_FOR_PARKING],
  ['live-events-dead-letters', WAIT_FOR_PARKING],
  [
    'scheduler-dead-letters',
    'Check the role SchedulerRole, then send the body of each message to the live-event queue (docs/operations.md, Live events)',
  ],
  ['manifests-dead-letters', MOVE_BACK],
  ['rosters-dead-letters', MOVE_BACK],
] satisfies [(typeof DEAD_LETTER_QUEUES)[number], string][]);

/** Whether the queues exist, have dead-letter queues, and do not contain too many messages. */
export function checkQueues(stage: ExaminedStage): Promise<Observation[]> {
  const queues: StageQueue[] = [...WORK_QUEUES, ...DEAD_LETTER_QUEUES, 'parked'];
  return attemptEach(
    queues,
    (queue) => `the queue ${queueName(stage.deployment.stage, queue)}`,
    async (queue) => {
      const name = queueName(stage.deployment.stage, queue);
      const facts = await stage.queue(name);
      if (facts === undefined)
        return [
          finding(
            'queue-missing',
            `There is no queue ${name}`,
            'Deploy the stage again, or restore the queue with its attributes',
          ),
        ];
      return [
        ...checkDeadLetters(queue, name, facts),
        ...checkDepth(queue, name, facts),
        ...checkDeadLetterQueue(queue, name, facts),
      ];
    },
  );
}

function checkDeadLetters(queue: StageQueue, name: string, facts: QueueFacts): Observation[] {
  const count = facts.visible + facts.inFlight + facts.delayed;
  if (count === 0) return [];
  if (queue === 'parked')
    return [
      finding(
        'messages-parked',
        `${counted(count, 'message')} in ${name} for a person to examine`,
        `List the messages with ${typed('parked')}, and remove the cause. Then use ${typed('redrive')}, or ${typed('parked remove')} for messages that are no longer needed. SQS deletes the messages after 14 days`,
      ),
    ];
  const remedy = DEAD_LETTER_REMEDIES.get(queue);
  if (remedy === undefined) return [];
  return [
    finding(
      'dead-letters-present',
      `${counted(count, 'dead letter')} in ${name}: the function or the delivery failed every time for a day`,
      remedy,
    ),
  ];
}

function checkDepth(queue: StageQueue, name: string, { visible, inFlight, delayed }: QueueFacts): Observation[] {
  if (inFlight > NEARLY_FULL)
    return [
      finding(
        'queue-nearly-full',
        `${inFlight} messages of ${name} are in flight; at about ${MAX_IN_FLIGHT}, SQS stops delivering messages`,
        `Stop sending to this queue, and find out why its messages wait: ${typed('pace')}, and docs/operations.md`,
      ),
    ];
  const count = visible + inFlight + delayed;
  if (count <= (BACKLOG_LIMITS.get(queue) ?? Number.POSITIVE_INFINITY)) return [];
  return [
    finding(
      'queue-backlog',
      `${count} requests wait in ${name}: more than can be handled in one region before the alarm on old requests`,
      `${typed('pace')} shows whether a region is paused or closed. Send imports to the bulk lane`,
    ),
  ];
}

function checkDeadLetterQueue(queue: StageQueue, name: string, { redrivePolicy }: QueueFacts): Observation[] {
  if (redrivePolicy !== undefined || !WORK_QUEUES.some((each) => each === queue)) return [];
  return [
    finding(
      'queue-without-dead-letter-queue',
      `${name} has no redrive policy: a message that crashes its function is received again and again until SQS deletes it`,
      'Deploy the stage again, or restore the redrive policy of the template',
    ),
  ];
}

/** Whether the services that send to a queue may do so. */
export async function checkQueuePolicies(stage: ExaminedStage): Promise<Observation[]> {
  const { deployment, partition } = stage;
  const topicArn = await deployment.completionTopicArn();
  const bucketArn = `arn:${partition}:s3:::${await deployment.manifestBucket()}`;
  const manifests = { queue: 'manifests', service: 's3.amazonaws.com', sourceArn: bucketArn } as const;
  const rosters = { queue: 'rosters', service: 'sns.amazonaws.com', sourceArn: topicArn } as const;
  return [
    ...(await checkPolicy(stage, manifests, (name) =>
      finding(
        'manifest-queue-closed-to-bucket',
        `The policy of ${name} does not allow ${bucketArn} to send: uploaded manifests have no effect`,
        'Deploy the stage again, or restore the statement for s3.amazonaws.com in the policy of the queue',
      ),
    )),
    ...(await checkPolicy(stage, rosters, (name) =>
      finding(
        'roster-queue-closed-to-topic',
        `The policy of ${name} does not allow ${topicArn} to send: bulk jobs and live events never complete`,
        'Deploy the stage again, or restore the statement for sns.amazonaws.com in the policy of the queue',
      ),
    )),
  ];
}

function checkPolicy(
  { deployment, account, queue: read }: ExaminedStage,
  { queue, service, sourceArn }: { queue: StageQueue; service: string; sourceArn: string },
  closed: (name: string) => Finding,
): Promise<Observation[]> {
  const name = queueName(deployment.stage, queue);
  return attempt(`the policy of ${name}`, async () => {
    const facts = await read(name);
    if (facts === undefined) return [];
    const call = { service, action: 'sqs:SendMessage', sourceAccount: account, sourceArn };
    return judged(`the policy of ${name}`, judgePolicy(facts.policy, call), () => closed(name));
  });
}

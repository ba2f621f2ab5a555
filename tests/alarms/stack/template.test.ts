import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { type AlarmRecipients, withAlarmActions } from '../../../scripts/deployment/alarm-actions.ts';
import { createAlarm, metricsOf } from '../../../simulation/cloudwatch/alarm.ts';
import {
  asDeployed,
  compileTemplate,
  type Deployed,
  type Resources,
  resourcesSchema,
  TOPIC_ARN,
} from '../compiled-template.ts';
import { readRunbook } from '../runbook.ts';

const EMAIL = 'operators@example.com';
let withEmail: Deployed;
let withNone: Deployed;
let withTopic: Deployed;
let printed: string;

beforeAll(async () => {
  const email = compileTemplate({ alarmEmail: EMAIL, eventBusName: 'default' });
  const none = compileTemplate({});
  printed = none.printed;
  withEmail = await asDeployed(email.resources);
  withNone = await asDeployed(none.resources);
  withTopic = await asDeployed(notifying({ topicArn: TOPIC_ARN, email: '' }));
}, 120_000);

/** The template with other parameters, without packaging it again. */
const notifying = (recipients: AlarmRecipients) =>
  resourcesSchema.parse(withAlarmActions({ Resources: withEmail.resources }, recipients));

const OWN_TOPIC = 'arn:aws:sns:eu-west-1:000000000000:greenroom-prod-alarms';

/** The alarms that do not notify exactly these topics of their beginning and end. */
function notNotifying({ alarms }: Pick<Deployed, 'alarms'>, topics: string[]): string[] {
  const isSame = (actions: unknown[]) => JSON.stringify(actions) === JSON.stringify(topics);
  return Object.entries(alarms).flatMap(([id, { AlarmActions, OKActions }]) =>
    isSame(AlarmActions) && isSame(OKActions) ? [] : [id],
  );
}

describe('the recipient of an alarm and of its end', () => {
  test('is the given topic', () => {
    expect(Object.keys(withTopic.alarms).length).toBeGreaterThan(40);
    expect(notNotifying(withTopic, [TOPIC_ARN])).toEqual([]);
  });

  test('is the given address, by a topic of the stack', () => {
    expect(notNotifying(withEmail, [OWN_TOPIC])).toEqual([]);
    expect(withEmail.resources.AlarmEmail?.Properties).toEqual({
      TopicArn: { Ref: 'AlarmTopic' },
      Protocol: 'email',
      Endpoint: EMAIL,
    });
  });

  test('is each of the two if both are given', async () => {
    const withBoth = await asDeployed(notifying({ topicArn: TOPIC_ARN, email: EMAIL }));
    expect(notNotifying(withBoth, [TOPIC_ARN, OWN_TOPIC])).toEqual([]);
  });

  test('is missing if neither is given, and packaging reports that in one line', () => {
    expect(notNotifying(withNone, [])).toEqual([]);
    const lines = printed.split('\n').filter((line) => line.includes('Alarms notify no one'));
    expect(lines).toEqual([expect.stringContaining('alarmTopicArn=… or alarmEmail=…')]);
  });

  test('control: an alarm without a notification is found', () => {
    const [[id = '', alarm] = []] = Object.entries(withTopic.alarms);
    const alarms = { ...withTopic.alarms, [id]: { ...alarm, OKActions: [] } } as Deployed['alarms'];
    expect(notNotifying({ alarms }, [TOPIC_ARN])).toEqual([id]);
  });

  test('an alarm that depends on data also notifies when its data stops', () => {
    const depends = Object.entries(withTopic.alarms).filter(([, alarm]) => alarm.TreatMissingData === 'missing');
    expect(depends.map(([id, { InsufficientDataActions }]) => [id, InsufficientDataActions])).toEqual([
      ['SweepAlarm', [TOPIC_ARN]],
      ['OverdueRemindersAlarm', [TOPIC_ARN]],
      ['ReleaseOverdueAlarm', [TOPIC_ARN]],
    ]);
  });
});

/**
 * "To allow the AWS service feature to have the kms:GenerateDataKey* and kms:Decrypt permissions, add the following statement to the policy of
 * the CMK": https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services. The policy of `alias/aws/sns`
 * cannot be changed.
 */
describe('the topic for an address', () => {
  test('is not encrypted, so that CloudWatch can publish to it, and only alarms of the account may', () => {
    const { AlarmTopic, AlarmTopicPolicy } = withEmail.resources;
    expect(AlarmTopic?.Properties).toEqual({ TopicName: 'greenroom-prod-alarms' });
    expect(AlarmTopicPolicy?.Properties).toMatchObject({
      Topics: [{ Ref: 'AlarmTopic' }],
      PolicyDocument: {
        Statement: [
          {
            Effect: 'Allow',
            Principal: { Service: 'cloudwatch.amazonaws.com' },
            Action: 'sns:Publish',
            Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
          },
          { Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
        ],
      },
    });
  });

  test('does not exist without an address', () => {
    const found = [withTopic, withNone].flatMap(({ resources }) =>
      Object.keys(resources).filter((id) => /^Alarm/.test(id)),
    );
    expect(found).toEqual([]);
  });
});

describe('every queue and every function has its alarms', () => {
  const read = (resources: Resources, type: string) =>
    Object.entries(resources).filter(([, { Type }]) => Type === `AWS::${type}`);

  /** The kinds of alarms on metrics with these dimensions: their names without the name of the resource. */
  function alarmsOn(dimension: string, value: unknown): string[] {
    return Object.entries(withTopic.alarms).flatMap(([id, properties]) =>
      metricsOf(createAlarm(properties)).every(({ dimensions }) => dimensions[dimension] === value) ? [id] : [],
    );
  }

  test('a queue of a function has alarms on messages that are not received or in flight, and a dead-letter queue has one alarm', async () => {
    const mappings = await Promise.all(
      withTopic.idsOf('AWS::Lambda::EventSourceMapping').map((id) => withTopic.propertiesOf(id)),
    );
    const polled = mappings.map(({ EventSourceArn }) => String(EventSourceArn).split(':').at(-1));
    expect(polled).toContain('greenroom-prod-redrive');
    const kinds = read(withTopic.resources, 'SQS::Queue').map(([id, { Properties }]) => {
      const name = Properties.QueueName ?? id;
      const isInput = polled.includes(String(name)) && !/dead-letters$/.test(String(name));
      const found = alarmsOn('QueueName', name).map((id) =>
        id.replace(/^.*(NotTaken|InFlight|DeadLetters|Parked)/, '$1'),
      );
      return [name, isInput, found.map((id) => id.replace(/(Requests)?Alarm$/, ''))];
    });
    const wrong = kinds.filter(([, isInput, found]) =>
      isInput
        ? JSON.stringify(found) !== '["NotTaken","InFlight"]'
        : !['["DeadLetters"]', '["Parked"]'].includes(JSON.stringify(found)),
    );
    expect(kinds.length).toBeGreaterThanOrEqual(13);
    expect(wrong).toEqual([]);
  });

  test('a function has alarms on errors, throttles, and its duration compared with its timeout', () => {
    for (const [, { Properties }] of read(withTopic.resources, 'Lambda::Function')) {
      const found = alarmsOn('FunctionName', Properties.FunctionName);
      expect(found.map((id) => id.replace(/^.*(Errors|Throttles|Duration)Alarm$/, '$1'))).toEqual([
        'Errors',
        'Throttles',
        'Duration',
      ]);
      const expressions = found.map((id) => JSON.stringify(withTopic.alarms[id]));
      expect(expressions[2]).toContain(`"${Number(Properties.Timeout)} - duration / 1000"`);
    }
  });
});

/**
 * "After a message is received three times (or more) and not processed, the message is moved to the back of the queue and the
 * ApproximateAgeOfOldestMessage metric points to the second-oldest message that hasn't been received more than three times. This
 * action occurs even if the queue has a redrive policy."
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
 */
test('no alarm uses the age metric of SQS, because it ignores messages that are postponed several times', () => {
  expect(JSON.stringify(withTopic.alarms)).not.toContain('ApproximateAgeOfOldestMessage');
});

describe('the sections of the operations guide about alarms', () => {
  test('every alarm has a section, and every section is about alarms that exist', () => {
    const described = readRunbook().flatMap(({ alarms }) => alarms);
    expect(described.toSorted()).toEqual(Object.keys(withTopic.alarms).toSorted());
  });

  test('a section describes the meaning of the alarm, how to see it, what to do, when it ends, and how soon it notifies', () => {
    for (const { alarms, text, withinMinutes } of readRunbook()) {
      const labels = [...text.matchAll(/^\* \*\*(\w+):\*\*/gm)].map(([, label]) => label);
      expect([alarms[0], ...labels]).toEqual([alarms[0], 'Means', 'See', 'Do', 'Over']);
      expect(/\*\*See:\*\*.*?`/s.test(text.split('* **Do:**')[0] ?? '')).toBe(true);
      expect(withinMinutes).toBeGreaterThan(0);
    }
  });

  test('the shell can parse the commands of a section', () => {
    const commands = readRunbook().flatMap(({ text }) => text.match(/(?<=`)(aws|npx) [^`]+(?=`)/g) ?? []);
    const complaints = commands.map((input) => spawnSync('bash', ['-n'], { input, encoding: 'utf8' }).stderr);
    expect(commands.length).toBeGreaterThan(20);
    expect(complaints.filter(Boolean)).toEqual([]);
  });

  test('an alarm refers to its section by its name', () => {
    const wrong = Object.entries(withTopic.alarms).filter(
      ([id, { AlarmDescription }]) => !AlarmDescription.endsWith(` (docs/operations.md, ${id})`),
    );
    expect(wrong.map(([id]) => id)).toEqual([]);
  });

  test('the guide has the numbers of the alarms and metrics that CloudWatch charges for', () => {
    const [, alarms, metrics] =
      /There are (\d+) alarms on (\d+) metrics/.exec(readFileSync('docs/operations.md', 'utf8')) ?? [];
    const all = Object.values(withTopic.alarms);
    const counted = all.flatMap((properties) => metricsOf(createAlarm(properties))).length;
    expect([Number(alarms), Number(metrics)]).toEqual([all.length, counted]);
  });
});

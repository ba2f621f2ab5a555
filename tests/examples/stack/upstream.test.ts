import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ListSubscriptionsByTopicCommand } from '@aws-sdk/client-sns';
import { ListQueuesCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { isInstalled, openRecipeStack, type RecipeStack } from '../../docs/stack/recipe-stack.ts';
import { busEvent } from '../../fixtures/documented-events.ts';
import { applyTemplate, readYaml, selects } from '../../support/markdown-recipes.ts';
import { must } from '../../support/must.ts';

const hasPython = isInstalled('the Python samples', 'python3', ['-c', 'import boto3']);
const hasAwsCli = isInstalled('the sample for the AWS CLI', 'bash', ['-c', 'aws --version && jq --version']);

let upstream: RecipeStack;
beforeAll(async () => {
  upstream = await openRecipeStack();
}, 60_000);
afterAll(() => upstream.close());

describe('the TypeScript upstream', () => {
  const request = (...args: string[]) =>
    upstream.runProgram(process.execPath, [resolve('examples/typescript-upstream/request-room.ts'), ...args]);

  test('prints the ARN of its room, and the same ARN when it runs again', async () => {
    const first = await request('sample/typescript', 'hall');
    const completion = await upstream.completion('sample/typescript', 'provisioned');
    expect(completion).toMatchObject({ data: { tenant: 'sports', room: { name: 'hall', arn: first.output.trim() } } });
    expect(first).toEqual({ exitCode: 0, output: expect.stringMatching(/^arn:aws:ivschat:.*\n$/) });
    expect(await request('sample/typescript', 'hall')).toEqual(first);
    // Control: another key gets another room.
    const other = await request('sample/typescript-2', 'hall');
    expect([other.exitCode, other.output === first.output]).toEqual([0, false]);
  }, 60_000);

  test('prints every problem of an invalid request', async () => {
    expect(await request(' ', 'no spaces')).toEqual({
      exitCode: 1,
      output: expect.stringMatching(/^idempotencyKey: must not be blank\nroom\.name: may contain only .*\n$/),
    });
  }, 60_000);
});

(hasPython ? describe : describe.skip)('the Python programs', () => {
  const python = (program: string, args: string[], variables?: Record<string, string>) =>
    upstream.runProgram('python3', [resolve('examples/python', program), ...args], variables);
  const isSent = { exitCode: 0, output: expect.stringMatching(/^Sent as [0-9a-f-]+\n$/) };

  test('request a room, and use its completion once although it is published twice', async () => {
    const COMPLETION_TOPIC = must(upstream.outputs.CompletionTopic);
    const subscribed = await python('subscribe.py', ['python-completions'], { COMPLETION_TOPIC });
    expect(subscribed).toEqual({ exitCode: 0, output: expect.stringMatching(/^http:.*python-completions\n$/) });
    expect(await python('subscribe.py', ['python-completions'], { COMPLETION_TOPIC })).toEqual(subscribed);

    /** Requests the room again, and receives its completion. */
    const requestAndReceive = async (database: string) => {
      expect(await python('request_room.py', ['sample/python', 'hall'])).toEqual(isSent);
      const { data } = await upstream.completion('sample/python', 'provisioned');
      const used = 'room' in data ? `sample/python  ${data.room.arn}\n` : '';
      return { used, ...(await python('receive_rooms.py', [database], { COMPLETIONS_URL: subscribed.output.trim() })) };
    };
    const first = await requestAndReceive('one.db');
    expect(first).toEqual({ exitCode: 0, used: first.used, output: `${first.used}Repeats dropped: 0\n` });
    expect(await requestAndReceive('one.db')).toMatchObject({ exitCode: 0, output: 'Repeats dropped: 1\n' });
    // Control: a database that has not stored the id does not drop the repeat.
    expect(await requestAndReceive('other.db')).toEqual(first);
  }, 60_000);
});

(hasAwsCli ? describe : describe.skip)('the script for the AWS CLI', () => {
  const request = (...args: string[]) =>
    upstream.runProgram('bash', [resolve('examples/aws-cli/request-room.sh'), ...args], {
      COMPLETION_TOPIC: must(upstream.outputs.CompletionTopic),
    });

  test('prints the ARN of its room, and the same ARN when it runs again, and removes its queue', async () => {
    const { sqs, sns } = upstream.deployment;
    const first = await request('sample/cli "quoted"', 'hall');
    const completion = await upstream.completion('sample/cli "quoted"', 'provisioned');
    expect(completion).toMatchObject({ data: { room: { name: 'hall', arn: first.output.trim() } } });
    expect(first).toEqual({ exitCode: 0, output: expect.stringMatching(/^arn:aws:ivschat:.*\n$/) });
    expect(await request('sample/cli "quoted"', 'hall')).toEqual(first);
    const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand({ QueueNamePrefix: 'room-request-' }));
    const TopicArn = must(upstream.outputs.CompletionTopic);
    const { Subscriptions = [] } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
    expect([QueueUrls, Subscriptions.filter(({ Endpoint }) => Endpoint?.includes('room-request-'))]).toEqual([[], []]);
  }, 60_000);

  test('prints the problems of an invalid request', async () => {
    expect(await request('sample/cli-invalid', 'no spaces')).toEqual({
      exitCode: 1,
      output: expect.stringMatching(
        /^sample\/cli-invalid has no room: invalid-request\nroom\.name may contain only .*\n$/,
      ),
    });
  }, 60_000);
});

describe('the rule of EventBridge', () => {
  const { MatchScheduled } = readYaml(readFileSync('examples/eventbridge/template.yml', 'utf8')).Resources;
  const { EventPattern, Targets } = must(MatchScheduled).Properties;
  const [entry] = JSON.parse(readFileSync('examples/eventbridge/match-scheduled.json', 'utf8'));
  const match = JSON.parse(entry.Detail);

  /** Delivers what the rule's target gets for an event with this detail. */
  async function publish(detail: object): Promise<void> {
    const event = busEvent(entry.DetailType, entry.Source, detail);
    expect(selects(EventPattern, event)).toBe(true);
    const [{ Arn, InputTransformer }] = Targets;
    expect(Arn).toEqual({ Ref: 'InteractiveQueueArn' });
    // The placeholders of a rule are names of paths; those of a pipe, which `applyTemplate` replaces, are paths.
    const template = InputTransformer.InputTemplate.replace(
      /<(\w+)>/g,
      (_placeholder: string, name: string) => `<${InputTransformer.InputPathsMap[name]}>`,
    );
    await upstream.deliver(must(upstream.outputs.InteractiveQueueArn), applyTemplate(template, event));
  }

  test('requests a room for the event of the sample, and one room if it is published twice', async () => {
    await publish(match);
    const completion = await upstream.completion(match.chatKey, 'provisioned');
    expect(completion).toMatchObject({ data: { tenant: 'sports', region: 'eu-west-1', room: { name: 'final-2026' } } });
    await publish(match);
    expect(await upstream.completion(match.chatKey, 'provisioned')).toEqual(completion);
  }, 60_000);

  test('selects no other events', () => {
    expect(selects(EventPattern, busEvent('Match Cancelled', entry.Source, match))).toBe(false);
    expect(selects(EventPattern, busEvent(entry.DetailType, 'org.other', match))).toBe(false);
  });

  test('gets problems for an event with an invalid field, and for one without a key', async () => {
    await publish({ ...match, chatRegion: 'mars-1' });
    const invalid = await upstream.completion(match.chatKey, 'failed');
    expect(invalid).toMatchObject({ data: { reason: 'invalid-request', problems: [{ path: 'region' }] } });
    await publish({ ...match, chatKey: undefined });
    expect(await upstream.completion(undefined, 'failed')).toMatchObject({ data: { reason: 'unparseable' } });
  }, 60_000);
});

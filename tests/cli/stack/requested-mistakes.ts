import type { FindingName } from '../../../client/operate/doctor/finding.ts';
import { type FakeAccount, type FakeFunction, functionKey } from '../../support/fake-aws/account.ts';
import { must } from '../../support/must.ts';

const ACCOUNT = '000000000000';
const lambdaArn = (name: string, region = 'eu-west-1', account = ACCOUNT) =>
  `arn:aws:lambda:${region}:${account}:function:${name}`;
const loggingArn = (id: string, region = 'eu-west-1', account = ACCOUNT) =>
  `arn:aws:ivschat:${region}:${account}:logging-configuration/${id}`;

export const LOGGING_ARN = loggingArn('logging');

/** A room whose handler and logging configuration exist, and may be used. */
export const REVIEWED_ROOM = {
  name: 'hall',
  messageReviewHandler: { uri: lambdaArn('review'), fallbackResult: 'DENY' },
  loggingConfigurationIdentifiers: [LOGGING_ARN],
};

export function requestOf(room: object): object {
  return { idempotencyKey: 'key', room };
}

/** The policy that `aws lambda add-permission` creates for IVS Chat:
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-ivschat-room-messagereviewhandler.html */
export function permission(
  changes: { service?: string; account?: string; rooms?: string; action?: string } = {},
): string {
  const { service = 'ivschat.amazonaws.com', account = ACCOUNT, action = 'lambda:InvokeFunction' } = changes;
  const { rooms = `arn:aws:ivschat:eu-west-1:${ACCOUNT}:room/*` } = changes;
  return JSON.stringify({
    Version: '2012-10-17',
    Id: 'default',
    Statement: [
      {
        Sid: 'ivs-chat',
        Effect: 'Allow',
        Principal: { Service: service },
        Action: action,
        Resource: lambdaArn('review'),
        Condition: { StringEquals: { 'AWS:SourceAccount': account }, ArnLike: { 'AWS:SourceArn': rooms } },
      },
    ],
  });
}

interface RequestedMistake {
  what: string;
  finding: FindingName;
  names: string;
  request: object;
  make?(account: FakeAccount): void;
}

const review = (account: FakeAccount): FakeFunction => must(account.functions.get(functionKey('eu-west-1', 'review')));

const notPermitted = (what: string, policies: Record<string, string>): RequestedMistake => ({
  what,
  finding: 'review-handler-not-permitted',
  names: lambdaArn('review'),
  request: requestOf(REVIEWED_ROOM),
  make: (account) => {
    review(account).policies = policies;
  },
});

const handledBy = (uri: string, more: object = {}) => ({ ...requestOf({ messageReviewHandler: { uri } }), ...more });

export const REQUESTED_MISTAKES: RequestedMistake[] = [
  {
    what: 'the review handler does not exist',
    finding: 'review-handler-missing',
    names: 'entry 1',
    request: handledBy(lambdaArn('absent')),
  },
  {
    what: 'the review handler is in another region than the room',
    finding: 'review-handler-elsewhere',
    names: 'its room: eu-west-1',
    request: handledBy(lambdaArn('review', 'us-east-1')),
  },
  {
    what: 'the room is in another region than its review handler',
    finding: 'review-handler-elsewhere',
    names: 'its room: us-east-1',
    request: handledBy(lambdaArn('review'), { region: 'us-east-1' }),
  },
  {
    what: 'the review handler is in another account',
    finding: 'review-handler-elsewhere',
    names: '111122223333',
    request: handledBy(lambdaArn('review', 'eu-west-1', '111122223333')),
  },
  {
    what: 'the review handler is not active',
    finding: 'review-handler-not-active',
    names: 'Failed',
    request: requestOf(REVIEWED_ROOM),
    make: (account) => {
      review(account).State = 'Failed';
    },
  },
  notPermitted('the review handler has no resource policy', {}),
  notPermitted('the policy permits another service', { '': permission({ service: 'sns.amazonaws.com' }) }),
  notPermitted('the policy permits another action', { '': permission({ action: 'lambda:GetFunction' }) }),
  notPermitted('the policy permits another account', { '': permission({ account: '111122223333' }) }),
  notPermitted('the policy permits a single existing room', {
    '': permission({ rooms: `arn:aws:ivschat:eu-west-1:${ACCOUNT}:room/AbCdEf123456` }),
  }),
  {
    ...notPermitted('the policy is that of the function, and the room names an alias', { '': permission() }),
    names: `${lambdaArn('review')}:live`,
    request: handledBy(`${lambdaArn('review')}:live`),
  },
  {
    what: 'the logging configuration does not exist',
    finding: 'logging-configuration-missing',
    names: 'absent',
    request: requestOf({ loggingConfigurationIdentifiers: [loggingArn('absent')] }),
  },
  {
    what: 'the logging configuration is not ACTIVE',
    finding: 'logging-configuration-not-active',
    names: 'CREATE_FAILED',
    request: requestOf(REVIEWED_ROOM),
    make: ({ loggingStates }) => loggingStates.set(LOGGING_ARN, 'CREATE_FAILED'),
  },
  {
    what: 'the logging configuration is in another region than the room',
    finding: 'logging-configuration-elsewhere',
    names: 'us-west-2',
    request: requestOf({ loggingConfigurationIdentifiers: [loggingArn('logging', 'us-west-2')] }),
  },
  {
    what: 'the request is invalid',
    finding: 'request-invalid',
    names: 'room.name',
    request: requestOf({ name: 'two words' }),
  },
];

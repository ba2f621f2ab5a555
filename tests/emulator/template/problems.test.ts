import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readTemplate } from '../../../emulator/template/read-template.ts';
import type { Stack } from '../../support/gateway-clients.ts';
import {
  create,
  lambda,
  openStackGateway,
  openTemplates,
  queue,
  queuePolicy,
  type Resources,
  role,
  table,
} from './template-fixture.ts';

const templates = openTemplates();
let gateway: Stack;
beforeAll(async () => {
  gateway = await openStackGateway();
});
afterAll(async () => {
  await gateway.close();
  templates.remove();
});

const mapping = (rest: object) => ({
  Mapping: {
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: { EventSourceArn: 'arn:aws:sqs:r:0:q', FunctionName: 'f', ...rest },
  },
});
const bucket = (NotificationConfiguration: object) => ({
  Type: 'AWS::S3::Bucket',
  Properties: { NotificationConfiguration },
});
/** A topic whose name consists of these references. */
const sub = (...names: string[]) => ({
  Type: 'AWS::SNS::Topic',
  Properties: { TopicName: { 'Fn::Sub': names.map((name) => `\${${name}}`).join('') } },
});

test.each<[string, Resources, RegExp]>([
  ['an unknown type', { Stream: { Type: 'AWS::Kinesis::Stream' } }, /^Stream is of type AWS::Kinesis::Stream/],
  [
    'a rule whose expression is not a rate',
    { Rule: { Type: 'AWS::Events::Rule', Properties: { ScheduleExpression: 'cron(0 * * * ? *)', Targets: [] } } },
    /^Rule .*only rates are supported/s,
  ],
  [
    'a rate with a plural unit and the value 1',
    { Rule: { Type: 'AWS::Events::Rule', Properties: { ScheduleExpression: 'rate(1 minutes)', Targets: [] } } },
    /^Rule .*only rates are supported/s,
  ],
  [
    'a rule for events',
    { Rule: { Type: 'AWS::Events::Rule', Properties: { EventPattern: {}, Targets: [] } } },
    /^Rule .*"EventPattern"/s,
  ],
  [
    'an unknown property',
    { Inbox: queue('inbox', { FifoQueue: true }) },
    /^Inbox cannot be created here:.*"FifoQueue"/s,
  ],
  [
    'an unknown property within a property',
    { Inbox: queue('inbox', { RedrivePolicy: { deadLetterTargetArn: 'a', maxReceiveCount: 1, more: 1 } }) },
    /^Inbox .*"more".*RedrivePolicy/s,
  ],
  [
    'a property of the wrong type',
    { Inbox: queue('inbox', { VisibilityTimeout: 'soon' }) },
    /^Inbox .*VisibilityTimeout/s,
  ],
  ['a missing property', { Topic: { Type: 'AWS::SNS::Topic' } }, /^Topic .*TopicName/s],
  [
    'provisioned throughput',
    { Table: { ...table('t'), Properties: { ...table('t').Properties, BillingMode: 'PROVISIONED' } } },
    /^Table .*BillingMode/s,
  ],
  [
    'a bucket notification to a topic',
    { Bucket: bucket({ TopicConfigurations: [] }) },
    /^Bucket .*"TopicConfigurations".*NotificationConfiguration/s,
  ],
  [
    'a notification about deleted objects',
    { Bucket: bucket({ QueueConfigurations: [{ Event: 's3:ObjectRemoved:*', Queue: 'arn:aws:sqs:r:0:q' }] }) },
    /^Bucket .*Event/s,
  ],
  ['another runtime', { Worker: lambda({ Runtime: 'python3.13' }) }, /^Worker .*only Node\.js.*Runtime/s],
  [
    'a package that does not exist',
    { Worker: lambda({ Code: { S3Key: 'some/missing.zip' } }) },
    /worker does not exist: .*missing\.zip/,
  ],
  [
    'a policy condition that cannot be evaluated',
    {
      Inbox: queue('inbox'),
      Policy: queuePolicy('Inbox', 'sns.amazonaws.com', { Condition: { DateLessThan: { 'aws:CurrentTime': '2027' } } }),
    },
    /^The policy of the queues of Policy cannot be evaluated:.*DateLessThan is not supported/s,
  ],
  [
    'a policy with NotPrincipal',
    { Inbox: queue('inbox'), Policy: queuePolicy('Inbox', 'sns.amazonaws.com', { NotPrincipal: '*' }) },
    /^The policy of the queues of Policy cannot be evaluated:.*"NotPrincipal"/s,
  ],
  [
    'a condition in a role policy that is not evaluated',
    { Role: role('lambda.amazonaws.com', { Condition: { StringEquals: { 'aws:PrincipalTag/team': 'a' } } }) },
    /^The policy of Role, all cannot be evaluated:.*aws:PrincipalTag\/team is not supported/s,
  ],
  [
    'a role whose permissions AWS manages',
    { Role: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: {}, ManagedPolicyArns: ['a'] } } },
    /^Role cannot be created here:.*"ManagedPolicyArns"/s,
  ],
  [
    'an action that a topic policy cannot name',
    {
      Policy: {
        Type: 'AWS::SNS::TopicPolicy',
        Properties: {
          Topics: ['arn:aws:sns:eu-west-1:000000000000:news'],
          PolicyDocument: { Statement: [{ Effect: 'Deny', Principal: '*', Action: 'sns:*', Resource: '*' }] },
        },
      },
    },
    /^Policy cannot be created here: Policy statement action out of service scope: sns:\*/,
  ],
  ['another event source', mapping({ EventSourceArn: 'arn:aws:kinesis:r:0:stream/s' }), /^Mapping .*only queues/s],
  ['an event source with a filter', mapping({ FilterCriteria: {} }), /^Mapping .*"FilterCriteria"/s],
  ['a reference to a resource that does not exist', { Topic: sub('Nowhere') }, /refers to Nowhere, which/],
  [
    'a dependency that does not exist',
    { Alarm: { Type: 'AWS::CloudWatch::Alarm', DependsOn: 'Nowhere' } },
    /refers to Nowhere, which/,
  ],
  ['itself', { Topic: sub('Topic.TopicName') }, /^Topic → Topic refer to each other/],
  ['a cycle of references', { A: sub('B'), B: sub('C'), C: sub('A') }, /^A → B → C → A refer to each other/],
  [
    'a cycle of references after a fork',
    { A: sub('B', 'C'), B: sub('C'), C: sub('B') },
    /^A → B → C → B refer to each other/,
  ],
  [
    'a cycle of dependencies',
    { A: { ...sub('AWS::Region'), DependsOn: ['B'] }, B: { ...sub('AWS::Region'), DependsOn: ['A'] } },
    /^A → B → A refer to each other/,
  ],
])('%s is an error that names it', async (_title, resources, message) => {
  await expect(create(templates.write(resources), gateway)).rejects.toThrow(message);
});

test.each<[string, object, RegExp]>([
  [
    'a condition on a resource',
    { Resources: { A: { Type: 'AWS::SNS::Topic', Condition: 'IsProd' } } },
    /conditions are not evaluated.*Resources\.A\.Condition/s,
  ],
  [
    'a condition on an output',
    { Resources: {}, Outputs: { A: { Value: 'a', Condition: 'IsProd' } } },
    /conditions are not evaluated.*Outputs\.A\.Condition/s,
  ],
  [
    'a resource without a type',
    { Resources: { A: {} } },
    /template\.json is not a usable template.*Resources\.A\.Type/s,
  ],
])('%s is refused when the template is read', (_title, template, message) => {
  const file = join(templates.directory, 'template.json');
  writeFileSync(file, JSON.stringify(template));
  expect(() => readTemplate(file)).toThrow(message);
});

import { expect, test } from '@jest/globals';
import { type Created, resolve, type Scope } from '../../../emulator/template/resolve.ts';

const RESOURCES = new Map<string, Created>([
  ['Queue', { ref: 'http://queue', attributes: { Arn: 'arn:aws:sqs:eu-west-1:0:queue', 'Nested.Name': 'nested' } }],
  ['Topic', { ref: 'arn:topic', attributes: {} }],
]);

const scope: Scope = {
  pseudo: { 'AWS::Region': 'eu-west-1', 'AWS::AccountId': '000000000000' },
  async resource(logicalId) {
    const found = RESOURCES.get(logicalId);
    if (!found) throw new Error(`no ${logicalId}`);
    return found;
  },
};

test.each<[string, unknown, unknown]>([
  ['text, numbers, truth values and null stand for themselves', ['a', 1, true, null], ['a', 1, true, null]],
  ['what has no function in it stays as it is', { a: { b: ['c'] } }, { a: { b: ['c'] } }],
  ['a function is found however deep it lies', { a: [{ b: { Ref: 'Topic' } }] }, { a: [{ b: 'arn:topic' }] }],
  ['Ref beside another key is a property like any other', { Ref: 'a', Other: 'b' }, { Ref: 'a', Other: 'b' }],
  ['Ref of a resource', { Ref: 'Queue' }, 'http://queue'],
  ['Ref of a pseudo parameter', { Ref: 'AWS::Region' }, 'eu-west-1'],
  ['GetAtt as a list', { 'Fn::GetAtt': ['Queue', 'Arn'] }, 'arn:aws:sqs:eu-west-1:0:queue'],
  ['GetAtt as text', { 'Fn::GetAtt': 'Queue.Arn' }, 'arn:aws:sqs:eu-west-1:0:queue'],
  ['GetAtt of an attribute with a dot', { 'Fn::GetAtt': 'Queue.Nested.Name' }, 'nested'],
  ['Sub without a name', { 'Fn::Sub': 'plain $ { } text' }, 'plain $ { } text'],
  [
    'Sub of a resource, an attribute and a pseudo parameter',
    { 'Fn::Sub': `\${Topic}/\${Queue.Nested.Name}/\${AWS::Region}` },
    'arn:topic/nested/eu-west-1',
  ],
  [
    'Sub with a map, which goes first',
    { 'Fn::Sub': [`\${Topic} \${Other}`, { Topic: { Ref: 'Queue' }, Other: 7 }] },
    'http://queue 7',
  ],
  ['Sub leaves what is escaped', { 'Fn::Sub': `\${!Literal} \${Topic}` }, `\${Literal} arn:topic`],
  ['Join', { 'Fn::Join': [':', ['a', { Ref: 'Topic' }, 3]] }, 'a:arn:topic:3'],
  ['Join of a list that a function makes', { 'Fn::Join': ['-', { 'Fn::Split': [',', 'a,b'] }] }, 'a-b'],
  ['Split', { 'Fn::Split': [':', { Ref: 'Topic' }] }, ['arn', 'topic']],
  ['Select', { 'Fn::Select': [1, ['a', 'b']] }, 'b'],
  [
    'Select by text out of what is split',
    { 'Fn::Select': ['2', { 'Fn::Split': [':', { 'Fn::GetAtt': 'Queue.Arn' }] }] },
    'sqs',
  ],
])('%s', async (_title, value, expected) => {
  expect(await resolve(value, scope)).toEqual(expected);
});

test.each<[string, unknown, string]>([
  ['a function that is not known', { 'Fn::If': ['IsProd', 'a', 'b'] }, 'Fn::If is not supported'],
  ['a resource that is not there', { Ref: 'Missing' }, 'no Missing'],
  ['a pseudo parameter that is not known', { 'Fn::Sub': `\${AWS::StackId}` }, 'no AWS::StackId'],
  ['an attribute that is not there', { 'Fn::GetAtt': ['Topic', 'Arn'] }, 'Topic has no attribute "Arn" here'],
  ['GetAtt without an attribute', { 'Fn::GetAtt': 'Queue' }, 'Queue has no attribute "" here'],
  [
    'Sub of an attribute that is not there',
    { 'Fn::Sub': `\${Queue.Missing}` },
    'Queue has no attribute "Missing" here',
  ],
  ['Ref of something else than a name', { Ref: ['Queue'] }, 'Ref needs a string, but has ["Queue"]'],
  ['Join of something else than a list', { 'Fn::Join': ['-', 'ab'] }, 'Fn::Join needs a list, but has "ab"'],
  ['Select of what is not there', { 'Fn::Select': [2, ['a', 'b']] }, 'Fn::Select finds nothing at 2 of ["a","b"]'],
])('%s is an error that says so', async (_title, value, message) => {
  await expect(resolve(value, scope)).rejects.toThrow(message);
});

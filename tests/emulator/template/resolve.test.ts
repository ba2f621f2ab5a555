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
  ['strings, numbers, booleans and null stay unchanged', ['a', 1, true, null], ['a', 1, true, null]],
  ['a value without functions stays unchanged', { a: { b: ['c'] } }, { a: { b: ['c'] } }],
  ['a function is found at any depth', { a: [{ b: { Ref: 'Topic' } }] }, { a: [{ b: 'arn:topic' }] }],
  ['Ref together with another key is an ordinary property', { Ref: 'a', Other: 'b' }, { Ref: 'a', Other: 'b' }],
  ['Ref resolves a resource', { Ref: 'Queue' }, 'http://queue'],
  ['Ref resolves a pseudo parameter', { Ref: 'AWS::Region' }, 'eu-west-1'],
  ['GetAtt accepts a list', { 'Fn::GetAtt': ['Queue', 'Arn'] }, 'arn:aws:sqs:eu-west-1:0:queue'],
  ['GetAtt accepts a string', { 'Fn::GetAtt': 'Queue.Arn' }, 'arn:aws:sqs:eu-west-1:0:queue'],
  ['GetAtt resolves an attribute with a dot', { 'Fn::GetAtt': 'Queue.Nested.Name' }, 'nested'],
  ['Sub leaves a string without names unchanged', { 'Fn::Sub': 'plain $ { } text' }, 'plain $ { } text'],
  [
    'Sub resolves a resource, an attribute and a pseudo parameter',
    { 'Fn::Sub': `\${Topic}/\${Queue.Nested.Name}/\${AWS::Region}` },
    'arn:topic/nested/eu-west-1',
  ],
  [
    'Sub prefers the names of its map',
    { 'Fn::Sub': [`\${Topic} \${Other}`, { Topic: { Ref: 'Queue' }, Other: 7 }] },
    'http://queue 7',
  ],
  ['Sub leaves escaped names unresolved', { 'Fn::Sub': `\${!Literal} \${Topic}` }, `\${Literal} arn:topic`],
  ['Join', { 'Fn::Join': [':', ['a', { Ref: 'Topic' }, 3]] }, 'a:arn:topic:3'],
  ['Join accepts a list that a function returns', { 'Fn::Join': ['-', { 'Fn::Split': [',', 'a,b'] }] }, 'a-b'],
  ['Split', { 'Fn::Split': [':', { Ref: 'Topic' }] }, ['arn', 'topic']],
  ['Select', { 'Fn::Select': [1, ['a', 'b']] }, 'b'],
  [
    'Select accepts an index as a string and a list that Split returns',
    { 'Fn::Select': ['2', { 'Fn::Split': [':', { 'Fn::GetAtt': 'Queue.Arn' }] }] },
    'sqs',
  ],
])('%s', async (_title, value, expected) => {
  expect(await resolve(value, scope)).toEqual(expected);
});

test.each<[string, unknown, string]>([
  ['an unknown function', { 'Fn::If': ['IsProd', 'a', 'b'] }, 'Fn::If is not supported'],
  ['an unknown resource', { Ref: 'Missing' }, 'no Missing'],
  ['an unknown pseudo parameter', { 'Fn::Sub': `\${AWS::StackId}` }, 'no AWS::StackId'],
  ['an unknown attribute', { 'Fn::GetAtt': ['Topic', 'Arn'] }, 'Topic has no attribute "Arn" here'],
  ['GetAtt without an attribute', { 'Fn::GetAtt': 'Queue' }, 'Queue has no attribute "" here'],
  ['Sub with an unknown attribute', { 'Fn::Sub': `\${Queue.Missing}` }, 'Queue has no attribute "Missing" here'],
  ['Ref to something other than a name', { Ref: ['Queue'] }, 'Ref needs a string, but has ["Queue"]'],
  ['Join with something other than a list', { 'Fn::Join': ['-', 'ab'] }, 'Fn::Join needs a list, but has "ab"'],
  [
    'Select with the index of a missing element',
    { 'Fn::Select': [2, ['a', 'b']] },
    'Fn::Select finds nothing at 2 of ["a","b"]',
  ],
])('%s is an error that names the reason', async (_title, value, message) => {
  await expect(resolve(value, scope)).rejects.toThrow(message);
});

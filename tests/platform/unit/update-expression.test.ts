import { describe, expect, test } from '@jest/globals';
import { setAttributes, transactionUpdate, updateItemInput } from '../../../lib/platform/update-expression.ts';

const TARGET = { tableName: 'table', key: { id: { S: 'one' } } };

describe('an update', () => {
  test('sets the attributes that have values, under their own names', () => {
    const { update, values } = setAttributes({ state: 'open', rows: undefined, revision: 0 });
    expect(transactionUpdate({ ...TARGET, update, values })).toEqual({
      TableName: 'table',
      Key: { id: { S: 'one' } },
      UpdateExpression: 'SET #state = :state, #revision = :revision',
      ExpressionAttributeNames: { '#state': 'state', '#revision': 'revision' },
      ExpressionAttributeValues: { ':state': { S: 'open' }, ':revision': { N: '0' } },
    });
  });

  test('with a condition requests the item that the condition saw, and includes the names of the condition', () => {
    const condition = '#state = :from';
    expect(transactionUpdate({ ...TARGET, update: 'REMOVE #rows', condition, values: { from: 'open' } })).toEqual({
      TableName: 'table',
      Key: { id: { S: 'one' } },
      UpdateExpression: 'REMOVE #rows',
      ConditionExpression: condition,
      ExpressionAttributeNames: { '#rows': 'rows', '#state': 'state' },
      ExpressionAttributeValues: { ':from': { S: 'open' } },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
  });

  test('leaves out empty names and values, because DynamoDB refuses them', () => {
    expect(transactionUpdate({ ...TARGET, update: 'REMOVE probed_at', values: {} })).toEqual({
      TableName: 'table',
      Key: { id: { S: 'one' } },
      UpdateExpression: 'REMOVE probed_at',
    });
  });

  test('can write an attribute whose name no expression can contain', () => {
    const names = { '#answered0': 'answered_eu-west-1' };
    const { ExpressionAttributeNames } = transactionUpdate({ ...TARGET, update: 'ADD #answered0 :count', names });
    expect(ExpressionAttributeNames).toEqual(names);
  });

  test('without a condition requests the item after the write', () => {
    expect(updateItemInput({ ...TARGET, update: 'REMOVE #rows' })).toMatchObject({ ReturnValues: 'ALL_NEW' });
  });
});

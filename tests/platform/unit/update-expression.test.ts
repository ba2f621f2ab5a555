import { describe, expect, test } from '@jest/globals';
import { setAttributes, transactionUpdate, updateItemInput } from '../../../lib/platform/update-expression.ts';

const TARGET = { tableName: 'table', key: { id: { S: 'one' } } };

describe('an update', () => {
  test('sets the attributes that have a value, under their own names', () => {
    const { update, values } = setAttributes({ state: 'open', rows: undefined, revision: 0 });
    expect(transactionUpdate({ ...TARGET, update, values })).toEqual({
      TableName: 'table',
      Key: { id: { S: 'one' } },
      UpdateExpression: 'SET #state = :state, #revision = :revision',
      ExpressionAttributeNames: { '#state': 'state', '#revision': 'revision' },
      ExpressionAttributeValues: { ':state': { S: 'open' }, ':revision': { N: '0' } },
    });
  });

  test('with a condition asks for the item that the condition saw, and finds its names there too', () => {
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

  test('names and values that there are none of are absent: DynamoDB refuses empty ones', () => {
    expect(transactionUpdate({ ...TARGET, update: 'REMOVE probed_at', values: {} })).toEqual({
      TableName: 'table',
      Key: { id: { S: 'one' } },
      UpdateExpression: 'REMOVE probed_at',
    });
  });

  test('may write a name that no expression can hold', () => {
    const names = { '#answered0': 'answered_eu-west-1' };
    const { ExpressionAttributeNames } = transactionUpdate({ ...TARGET, update: 'ADD #answered0 :count', names });
    expect(ExpressionAttributeNames).toEqual(names);
  });

  test('by itself asks for the item after the write', () => {
    expect(updateItemInput({ ...TARGET, update: 'REMOVE #rows' })).toMatchObject({ ReturnValues: 'ALL_NEW' });
  });
});

import { callName, type SdkRequest, type ServiceName } from '../simulation/network.ts';

/** The steps of the protocol that are writes of the ledger, with a pattern of their update expressions. */
const LEDGER_STEPS: [step: string, expression: RegExp][] = [
  ['acquire', /#claim_id = if_not_exists/],
  ['retake', /#generation = #generation \+ /],
  ['intent', /#create_started_at = :now/],
  ['rebuild', /#rebuilt_from = /],
  ['checkpoint', /#room_arn = /],
  ['decide failed', /#decision = /],
  ['complete', /#status = :completed/],
  ['mark', /#release_marked_at = /],
  ['finish', /#released_at = /],
  ['wish', /#release_wished_at = |#begun_after = /],
  ['push back', /^SET #release_look_at = \S+(, #release_denied_since = \S+| REMOVE #release_denied_since)$/],
  ['leave index', /REMOVE #release_shard/],
  ['release', /#lease_end = :over/],
  ['clear', /#create_started_at/],
];

/** The name of a call in the protocol: a step for a write of the ledger, `pace`, or the name of the API action. */
export function stepOf(service: ServiceName, request: SdkRequest): string {
  const call = callName(service, request);
  if (call !== 'UpdateItem') return call;
  const { TableName, UpdateExpression } = JSON.parse(String(request.body));
  if (TableName === 'pace') return 'pace';
  const step = LEDGER_STEPS.find(([, expression]) => expression.test(UpdateExpression));
  if (!step) throw new Error(`No step of the protocol writes ${UpdateExpression}`);
  return step[0];
}

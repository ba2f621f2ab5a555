import { dollars, PRICES } from '../prices.ts';
import type { Counts } from './counts.ts';

export interface Costs {
  lambda: number;
  dynamodb: number;
  sqs: number;
  sns: number;
  total: number;
}

/** The cost of a run at list prices, in dollars per 1,000 rooms. */
export function costsPerThousand(counts: Counts, memoryMb: number): Costs {
  const gbSeconds = (counts.billedMs / 1000) * (memoryMb / 1024);
  const per = 1000 / counts.rooms;
  const lambda = per * (dollars(PRICES.lambdaGbSecond, gbSeconds) + dollars(PRICES.lambdaRequest, counts.invocations));
  const dynamodb = per * dollars(PRICES.dynamodbWriteUnit, counts.writeUnits);
  const sqs = per * (dollars(PRICES.sqsRequest, counts.sqsRequests) + dollars(PRICES.sqsFairness, counts.sqsRequests));
  const sns = per * dollars(PRICES.snsPublish, counts.snsPublishes);
  return { lambda, dynamodb, sqs, sns, total: lambda + dynamodb + sqs + sns };
}

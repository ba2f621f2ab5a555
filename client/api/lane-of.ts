import { LANES, type Lane } from '../../lib/contract/lanes.ts';
import type { RequestOptions } from './request-result.ts';

/**
 * The lane of an operation.
 * @throws RangeError if `options.lane` is not a lane. Without this check, a JavaScript program could pass the name of another queue of the
 *   stage, and the message would be lost there
 */
export function laneOf(options: RequestOptions): Lane {
  const lane = options.lane ?? 'interactive';
  if (LANES.includes(lane)) return lane;
  throw new RangeError(`lane must be "${LANES.join('" or "')}": ${lane}`);
}

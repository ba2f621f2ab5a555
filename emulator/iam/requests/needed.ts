import type { ServiceRequest } from '../../service.ts';
import type { NeededPermission } from '../evaluate.ts';

/** Facts about resources that determine which permissions a call needs. */
export interface ResourceFacts {
  /** The tags of a room; undefined if there is no such room. */
  tagsOf(roomArn: string): Record<string, string> | undefined;
  /** The ARNs of the queues that have this dead-letter queue. */
  sourcesOf(deadLetterQueueArn: string): string[];
}

/** The permissions that a request needs, without the context that all requests share. */
export type Needed = Pick<NeededPermission, 'action' | 'resource'> & Partial<Pick<NeededPermission, 'context'>>;

/**
 * Finds out which permissions a request needs, according to the service authorization reference
 * (https://docs.aws.amazon.com/service-authorization/latest/reference/).
 * @returns an empty list if the request cannot be read, because then the service itself refuses it; undefined if the emulator does not know
 *   the operation
 */
export type ReadNeeded = (request: ServiceRequest, facts: ResourceFacts) => Needed[] | undefined;

/** A JSON object; empty if the body is not one. */
export function jsonBody({ body }: ServiceRequest): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(body.toString('utf8'));
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
  } catch {
    return {};
  }
}

import * as z from 'zod';
import { ACCOUNT_ID } from '../../account.ts';
import { operations } from '../../ivschat/api.ts';
import { routeOf } from '../../ivschat/read-request.ts';
import { type RequestContext, tagContext } from '../conditions.ts';
import { jsonBody, type Needed, type ReadNeeded, type ResourceFacts } from './needed.ts';

const inputSchema = z.object({
  identifier: z.string().optional(),
  roomIdentifier: z.string().optional(),
  tags: z.record(z.string(), z.string()).optional(),
});

/**
 * Actions on rooms apply to the resource type `room`, and actions on logging configurations to `logging-configuration`. Creating a resource
 * with tags also needs the permission to tag: https://docs.aws.amazon.com/service-authorization/latest/reference/list_ivschat.html
 */
export const neededByIvsChat: ReadNeeded = (request, facts) => {
  const operation = routeOf(request);
  const input = inputSchema.safeParse(jsonBody(request)).data;
  if (operation === undefined || !input) return [];
  const kind = operation.includes('LoggingConfiguration') ? 'logging-configuration' : 'room';
  const named = input.identifier ?? input.roomIdentifier ?? taggedArn(request.path);
  const resource = named ?? `arn:aws:ivschat:${request.region}:${ACCOUNT_ID}:${kind}/*`;
  const context = { ...tagContext('requesttag', input.tags), ...tagsOf(named, facts) };
  const needed: Needed[] = [{ action: `ivschat:${operation}`, resource, context }];
  const creates = operation.startsWith('Create') && operations[operation].input.members?.tags !== undefined;
  if (creates && input.tags) needed.push({ action: 'ivschat:TagResource', resource, context });
  return needed;
};

function taggedArn(path: string): string | undefined {
  const [, encoded] = /^\/tags\/(.+)$/.exec(path) ?? [];
  return encoded === undefined ? undefined : decodeURIComponent(encoded);
}

/** A room that does not exist has no tags, so a condition on them does not hold. */
function tagsOf(arn: string | undefined, facts: ResourceFacts): RequestContext {
  return arn === undefined ? {} : tagContext('resourcetag', facts.tagsOf(arn));
}

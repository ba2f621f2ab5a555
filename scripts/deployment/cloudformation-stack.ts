import {
  type CloudFormationClient,
  DescribeStacksCommand,
  paginateDescribeStackEvents,
} from '@aws-sdk/client-cloudformation';
import type { Stack } from './wait-for-stack.ts';

/** A stack in CloudFormation. */
export function cloudFormationStack(client: CloudFormationClient, name: string): Stack {
  return {
    name,

    async status() {
      try {
        const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: name }));
        return Stacks[0]?.StackStatus;
      } catch (error) {
        // CloudFormation has no special error for a stack that does not exist.
        if (error instanceof Error && error.name === 'ValidationError' && /does not exist/.test(error.message))
          return undefined;
        throw error;
      }
    },

    async queueDeletedAtMs(sinceMs) {
      // The newest event is the first.
      for await (const { StackEvents = [] } of paginateDescribeStackEvents({ client }, { StackName: name })) {
        for (const { Timestamp, ResourceType, ResourceStatus } of StackEvents) {
          const atMs = Timestamp?.getTime() ?? 0;
          if (atMs < sinceMs) return undefined;
          if (ResourceType === 'AWS::SQS::Queue' && ResourceStatus === 'DELETE_COMPLETE') return atMs;
        }
      }
      return undefined;
    },
  };
}

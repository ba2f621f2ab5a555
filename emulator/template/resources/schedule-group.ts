import {
  CreateScheduleGroupCommand,
  GetScheduleGroupCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-scheduler';
import * as z from 'zod';
import { ignored, kind } from './kind.ts';

const properties = z.strictObject({
  Name: z.string(),
  // The emulator does not use tags.
  Tags: ignored,
});

export const makeScheduleGroup = kind(properties, async (_logicalId, { Name }, { clients, region, accountId }) => {
  try {
    await clients.scheduler.send(new GetScheduleGroupCommand({ Name }));
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error;
    await clients.scheduler.send(new CreateScheduleGroupCommand({ Name }));
  }
  return { ref: Name, attributes: { Arn: `arn:aws:scheduler:${region}:${accountId}:schedule-group/${Name}` } };
});

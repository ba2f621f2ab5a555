import { type RosterEvent, rosterEventAttributes } from '../contract/roster-event.ts';
import { publishEvent } from '../platform/publish-event.ts';
import type { RosterServices } from './roster-services.ts';

/** Publishes a roster's event. It can be repeated safely, because the id is the same. @throws the SDK's error if SNS does not accept it */
export async function publishRosterEvent(
  services: Pick<RosterServices, 'clients' | 'config' | 'meter'>,
  event: RosterEvent,
): Promise<void> {
  try {
    await publishEvent(services, event, rosterEventAttributes(event));
  } catch (error) {
    services.meter.countPublishFailure();
    throw error;
  }
}

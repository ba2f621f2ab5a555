import { DeleteRoomCommand } from '@aws-sdk/client-ivschat';
import { PublishCommand } from '@aws-sdk/client-sns';
import { releaseRooms } from '../../lib/releasing/release-rooms.ts';
import { createReleaseServices } from '../../lib/releasing/release-services.ts';
import type { ReleaseHandle } from './releaser.ts';

/** Wrong releasers. The simulation must find each of them. */

/** It marks a room whatever has become of the wish that it has read. */
export const releaseUnconditionally: ReleaseHandle = (context, platform) => {
  const services = createReleaseServices(platform);
  const write: typeof services.ledger.write = (id, change) => {
    const condition =
      'release_marked_at' in change.set ? `${change.condition} OR attribute_exists(#id)` : change.condition;
    return services.ledger.write(id, { ...change, condition });
  };
  return releaseRooms(context, { ...services, ledger: { ...services.ledger, write } });
};

const DELETED = { $metadata: { httpStatusCode: 204 } };

/** It treats every DeleteRoom without an answer as successful. */
export const releaseOptimistically: ReleaseHandle = (context, platform) => {
  const ivsChat = (region: string) => {
    const client = platform.clients.ivsChat(region);
    const send = (command: Parameters<typeof client.send>[0], options: object) =>
      command instanceof DeleteRoomCommand
        ? client.send(command, options).catch((error: Error) => (isUnanswered(error) ? DELETED : Promise.reject(error)))
        : client.send(command, options);
    return Object.create(client, { send: { value: send } });
  };
  return releaseRooms(context, createReleaseServices({ ...platform, clients: { ...platform.clients, ivsChat } }));
};

function isUnanswered({ name, message }: Error): boolean {
  return name === 'TimeoutError' || message === 'socket hang up';
}

/** It deletes rooms as fast as it can. */
export const releaseUnpaced: ReleaseHandle = (context, platform) => {
  const services = createReleaseServices(platform);
  const pacer: typeof services.pacer = {
    ...services.pacer,
    async reserve({ count }) {
      const nowMs = services.clock.nowMs();
      const item = { free_at: 0, open_step: 0 };
      const slot = { kind: 'slot', atMs: nowMs, reservedAtMs: nowMs, probe: false, item } as const;
      return { kind: 'slots', slots: Array.from({ length: count }, () => slot) };
    },
    isPunctual: () => true,
  };
  return releaseRooms(context, { ...services, pacer });
};

/** It does not announce what it has released. */
export const releaseSilently: ReleaseHandle = (context, platform) => {
  const { sns } = platform.clients;
  const send = (command: object) =>
    command instanceof PublishCommand ? Promise.resolve({}) : Promise.reject(new Error('This call is not expected'));
  const clients = { ...platform.clients, sns: Object.create(sns, { send: { value: send } }) };
  return releaseRooms(context, createReleaseServices({ ...platform, clients }));
};

import type { Action } from './action.ts';
import { createChatToken } from './actions/create-chat-token.ts';
import { createLoggingConfiguration } from './actions/create-logging-configuration.ts';
import { createRoom } from './actions/create-room.ts';
import { deleteLoggingConfiguration } from './actions/delete-logging-configuration.ts';
import { deleteRoom } from './actions/delete-room.ts';
import { getLoggingConfiguration } from './actions/get-logging-configuration.ts';
import { getRoom } from './actions/get-room.ts';
import { listLoggingConfigurations } from './actions/list-logging-configurations.ts';
import { listRooms } from './actions/list-rooms.ts';
import { listTagsForResource } from './actions/list-tags-for-resource.ts';
import { tagResource } from './actions/tag-resource.ts';
import { untagResource } from './actions/untag-resource.ts';
import { updateLoggingConfiguration } from './actions/update-logging-configuration.ts';
import { updateRoom } from './actions/update-room.ts';
import type { OperationName } from './api.ts';

export const actions: Record<OperationName, Action> = {
  CreateRoom: createRoom,
  GetRoom: getRoom,
  ListRooms: listRooms,
  UpdateRoom: updateRoom,
  DeleteRoom: deleteRoom,
  CreateLoggingConfiguration: createLoggingConfiguration,
  GetLoggingConfiguration: getLoggingConfiguration,
  ListLoggingConfigurations: listLoggingConfigurations,
  UpdateLoggingConfiguration: updateLoggingConfiguration,
  DeleteLoggingConfiguration: deleteLoggingConfiguration,
  TagResource: tagResource,
  UntagResource: untagResource,
  ListTagsForResource: listTagsForResource,
  CreateChatToken: createChatToken,
};

import type { Problem } from './problems.ts';
import { isRecord } from './record.ts';
import { REGIONS, type Region } from './regions.ts';
import { MAX_ENTRIES_CHECKED } from './tags.ts';

/**
 * A room uses only resources of its own region. "The lambda function must be in the same AWS account and AWS region as the room":
 * https://docs.aws.amazon.com/ivs/latest/ChatUserGuide/chat-message-review-handler.html. Logging configurations are resources of IVS
 * Chat, which is "an AWS regional service": https://docs.aws.amazon.com/ivs/latest/ChatAPIReference/Welcome.html.
 */
const FUNCTION = { what: 'a function', arn: /^arn:aws:lambda:([a-z0-9-]+):[0-9]{12}:function:/ };
const LOGGING_CONFIGURATION = {
  what: 'a logging configuration',
  arn: /^arn:aws:ivschat:([a-z0-9-]+):[0-9]+:logging-configuration\//,
};

/**
 * The problems of a request, a manifest row or a room of a live event that names resources of another region. Its fields need not be valid,
 * so that these problems are reported together with those of the schema.
 * @param defaultRegion the deployment's region, in which a room without a region is created
 */
export function otherRegionProblems(fields: Record<string, unknown>, defaultRegion: Region): Problem[] {
  const { room, region = defaultRegion } = fields;
  const roomRegion = REGIONS.find((each) => each === region);
  if (roomRegion === undefined || !isRecord(room)) return [];
  const { messageReviewHandler, loggingConfigurationIdentifiers: listed } = room;
  const uri = isRecord(messageReviewHandler) ? messageReviewHandler.uri : undefined;
  // For a longer list, only the length is reported.
  const configurations: unknown[] = Array.isArray(listed) && listed.length <= MAX_ENTRIES_CHECKED ? listed : [];
  return [
    { path: 'room.messageReviewHandler.uri', arn: uri, kind: FUNCTION },
    ...configurations.map((arn, index) => ({
      path: `room.loggingConfigurationIdentifiers[${index}]`,
      arn,
      kind: LOGGING_CONFIGURATION,
    })),
  ].flatMap(({ path, arn, kind }) => {
    const other = typeof arn === 'string' ? kind.arn.exec(arn)?.[1] : undefined;
    return other === undefined || other === roomRegion
      ? []
      : [{ path, message: problem(kind.what, other, roomRegion) }];
  });
}

function problem(what: string, other: string, roomRegion: Region): string {
  const move = REGIONS.some((each) => each === other) ? `, or set region to ${other}` : '';
  return `is ${what} in ${other}, but the room is created in ${roomRegion}: name ${what} in ${roomRegion}${move}`;
}

const objectOf = (properties: object) => ({ type: 'object', properties });

/** The same rule in JSON Schema. It covers only rooms that name a region, because each deployment has its own default. */
export const ownRegionOnly = () => ({
  allOf: REGIONS.map((region) => ({
    anyOf: [objectOf({ region: { not: { const: region } } }), objectOf({ room: roomWithin(region) })],
  })),
});

function roomWithin(region: Region) {
  return objectOf({
    messageReviewHandler: objectOf({ uri: { type: 'string', pattern: `^(arn:aws:lambda:${region}:.*)?$` } }),
    loggingConfigurationIdentifiers: {
      type: 'array',
      items: { type: 'string', pattern: `^arn:aws:ivschat:${region}:` },
    },
  });
}

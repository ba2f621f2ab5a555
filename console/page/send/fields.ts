import { REGIONS } from '../../../lib/contract/regions.ts';

/** A field of the form. It fills one member of the request. */
export interface Field {
  /** The path of the member in the problems of the service. */
  path: string;
  label: string;
  hint?: string;
  kind: 'text' | 'number' | 'time' | 'lines' | 'pairs' | 'json' | 'choice';
  choices?: readonly string[];
  /** The meaning of an empty choice. */
  otherwise?: string;
}

export interface FieldGroup {
  title: string;
  fields: readonly Field[];
}

export const GROUPS: readonly FieldGroup[] = [
  {
    title: 'Request',
    fields: [
      {
        path: 'idempotencyKey',
        label: 'Key',
        hint: 'Your own name for this request. Each key has at most one room.',
        kind: 'text',
      },
      { path: 'region', label: 'Region', kind: 'choice', choices: REGIONS, otherwise: "the stage's own region" },
      { path: 'tenant', label: 'Tenant', hint: 'For fairness, filters and metrics. Empty: default.', kind: 'text' },
      {
        path: 'correlationId',
        label: 'Correlation id',
        hint: 'Copied to the logs and to the message attributes of the completion.',
        kind: 'text',
      },
      {
        path: 'neededBy',
        label: 'Needed by',
        hint: 'When greenroom gives up, in your time zone. Empty: after 24 hours.',
        kind: 'time',
      },
      {
        path: 'releaseAt',
        label: 'Release at',
        hint: 'When greenroom deletes the room, in your time zone. Empty: never.',
        kind: 'time',
      },
    ],
  },
  {
    title: 'Room',
    fields: [
      { path: 'room.name', label: 'Name', hint: 'Empty: a name that is derived from the key.', kind: 'text' },
      { path: 'room.maximumMessageRatePerSecond', label: 'Messages per second', hint: '1 to 100.', kind: 'number' },
      { path: 'room.maximumMessageLength', label: 'Message length', hint: '1 to 500 characters.', kind: 'number' },
      {
        path: 'room.messageReviewHandler.uri',
        label: 'Review function',
        hint: 'The ARN of a Lambda function.',
        kind: 'text',
      },
      {
        ...{ path: 'room.messageReviewHandler.fallbackResult', label: 'If the review fails', kind: 'choice' },
        ...{ choices: ['ALLOW', 'DENY'], otherwise: 'not specified' },
      },
      {
        ...{ path: 'room.loggingConfigurationIdentifiers', label: 'Logging configurations', kind: 'lines' },
        hint: 'One ARN per line, at most 3.',
      },
      { path: 'room.tags', label: 'Tags', hint: 'One per line: key=value.', kind: 'pairs' },
    ],
  },
  {
    title: 'Your own data',
    fields: [
      {
        path: 'metadata',
        label: 'Metadata',
        hint: 'A JSON object, copied to the message attributes of the completion.',
        kind: 'json',
      },
    ],
  },
];

export const FIELDS: readonly Field[] = GROUPS.flatMap(({ fields }) => fields);

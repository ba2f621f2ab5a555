/**
 * Replaces `@smithy/core/event-streams`. No call that greenroom makes has an event stream as its input or output. Among the calls that the
 * bundled clients support, only S3's SelectObjectContent has one.
 */
const refuse = (): never => {
  throw new Error('The bundles contain no code for streams of events (scripts/bundling/lean-sdk.ts).');
};

/** @throws Error when a call has a stream of events */
export class EventStreamSerde {
  constructor() {
    refuse();
  }
}

/** @throws Error when a call has a stream of events */
export class EventStreamMarshaller {
  constructor() {
    refuse();
  }
}

export const eventStreamSerdeProvider = refuse;

/** @returns the configuration of the client, unchanged */
export function resolveEventStreamSerdeConfig<Config>(config: Config): Config {
  return config;
}

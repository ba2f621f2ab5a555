import type { BuildAppOptions } from 'fauxqs';

/** The types of fauxqs's stores, from its server's options. */
export type Stores = NonNullable<BuildAppOptions['stores']>;
export type SqsStore = Stores['sqsStore'];
export type SqsQueue = NonNullable<ReturnType<SqsStore['getQueue']>>;
export type SqsMessage = SqsQueue['messages'][number];
export type InFlightMessage = SqsQueue['inflightMessages'] extends Map<string, infer Entry> ? Entry : never;
export type MessageAttributes = SqsMessage['messageAttributes'];
export type S3Store = Stores['s3Store'];
export type S3Object = ReturnType<S3Store['putObject']>;
export type Persistence = NonNullable<SqsStore['persistence']>;

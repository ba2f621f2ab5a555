/** A function as the template declares it. */
export interface LambdaDefinition {
  logicalId: string;
  name: string;
  arn: string;
  /** `path/file.export`, the file without its extension. */
  handler: string;
  environment: Record<string, string>;
  timeoutSeconds: number;
  memoryMb: number;
  /** The zip file of the package. */
  artifact: string;
  /** The function's role. */
  roleArn?: string;
  /** How Lambda repeats asynchronous invocations. Default: two retries within six hours */
  asynchronous?: AsynchronousInvocation;
}

export interface AsynchronousInvocation {
  /** How many times an invocation that failed is repeated. */
  retries: number;
  /** The age at which an event is discarded. */
  maxAgeMs: number;
}

/** An EventBridge rule that invokes a function at a rate. */
export interface ScheduledRule {
  name: string;
  everyMs: number;
  functionArn: string;
  enabled: boolean;
}

/** An SQS event-source mapping as the template declares it. */
export interface EventSourceMapping {
  logicalId: string;
  queueArn: string;
  functionArn: string;
  batchSize: number;
  batchingWindowSeconds: number;
  maximumConcurrency: number;
  reportBatchItemFailures: boolean;
  enabled: boolean;
}

import * as z from 'zod';

const roleSchema = z.looseObject({
  Properties: z.looseObject({ AssumeRolePolicyDocument: z.unknown(), Policies: z.array(z.unknown()).default([]) }),
});
const functionSchema = z.looseObject({ Properties: z.looseObject({}) });
const templateSchema = z.looseObject({
  Resources: z.record(z.string(), z.looseObject({ Type: z.string() })),
});

/**
 * The two actions of `AWSXRayDaemonWriteAccess` that send data: "Your function needs permission to upload trace data to X-Ray. [...] add the
 * AWSXRayDaemonWriteAccess policy to the execution role": https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html Neither action
 * supports resource-level permissions, so the statement cannot name a resource.
 */
const SEND_TRACES = {
  PolicyName: 'send-traces',
  PolicyDocument: {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'SendTraces',
        Effect: 'Allow',
        Action: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
        Resource: '*',
      },
    ],
  },
};

/**
 * The resources of a compiled template, in which X-Ray traces all functions or none, so that no function can lack the permission. Lambda's
 * default is `PassThrough`. The property is always set, so that switching tracing off does not depend on what an absent property means.
 */
export function withTracing(template: unknown, isOn: boolean): Record<string, unknown> {
  const { Resources } = templateSchema.parse(template);
  return Object.fromEntries(
    Object.entries(Resources).map(([id, resource]) => {
      if (resource.Type === 'AWS::Lambda::Function') return [id, traced(resource, isOn ? 'Active' : 'PassThrough')];
      if (resource.Type === 'AWS::IAM::Role' && isOn) return [id, allowed(resource)];
      return [id, resource];
    }),
  );
}

function traced(resource: unknown, Mode: 'Active' | 'PassThrough') {
  const { Properties, ...rest } = functionSchema.parse(resource);
  return { ...rest, Properties: { ...Properties, TracingConfig: { Mode } } };
}

/** The roles of functions only: EventBridge Scheduler has a role too. */
function allowed(resource: unknown) {
  const { Properties, ...rest } = roleSchema.parse(resource);
  if (!JSON.stringify(Properties.AssumeRolePolicyDocument).includes('"lambda.amazonaws.com"')) return resource;
  return { ...rest, Properties: { ...Properties, Policies: [...Properties.Policies, SEND_TRACES] } };
}

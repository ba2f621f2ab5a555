import * as z from 'zod';

/** The recipients of alarms. An empty string means that there is none. */
export interface AlarmRecipients {
  topicArn: string;
  email: string;
}

/** The resources that are needed only for an email address. */
const FOR_EMAIL = ['AlarmTopic', 'AlarmTopicPolicy', 'AlarmEmail'];

const templateSchema = z.looseObject({
  Resources: z.record(
    z.string(),
    z.looseObject({ Type: z.string(), Properties: z.record(z.string(), z.unknown()).optional() }),
  ),
});

/**
 * The resources of a compiled template, with the notifications added to every alarm, so that no alarm can lack them. If there is no email
 * address, the topic for this address is left out.
 */
export function withAlarmActions(template: unknown, { topicArn, email }: AlarmRecipients): Record<string, unknown> {
  const actions = [...(topicArn === '' ? [] : [topicArn]), ...(email === '' ? [] : [{ Ref: 'AlarmTopic' }])];
  const { Resources } = templateSchema.parse(template);
  const kept = Object.entries(Resources).filter(([id]) => email !== '' || !FOR_EMAIL.includes(id));
  return Object.fromEntries(
    kept.map(([id, { Properties = {}, ...resource }]) => [
      id,
      resource.Type === 'AWS::CloudWatch::Alarm'
        ? { ...resource, Properties: { ...Properties, ...actionsOf(Properties, actions) } }
        : { ...resource, Properties },
    ]),
  );
}

/** An alarm that treats missing data as a separate state also notifies when its data stops. */
function actionsOf({ TreatMissingData }: Record<string, unknown>, actions: unknown[]): Record<string, unknown[]> {
  if (actions.length === 0) return {};
  const notified = { AlarmActions: actions, OKActions: actions };
  return TreatMissingData === 'missing' ? { ...notified, InsufficientDataActions: actions } : notified;
}

import type { CloudFormation } from '@aws-sdk/client-cloudformation';
import type { CloudWatch } from '@aws-sdk/client-cloudwatch';
import type { EventBridge } from '@aws-sdk/client-eventbridge';
import type { Lambda } from '@aws-sdk/client-lambda';
import type { ServiceQuotas } from '@aws-sdk/client-service-quotas';
import type { SNS } from '@aws-sdk/client-sns';
import type { STS } from '@aws-sdk/client-sts';
import type { CallGuard, Guarded } from '../../calls/call-guard.ts';
import type { Deployment } from '../../deployment.ts';

/** The clients that only the doctor uses. Lambda, Service Quotas and SNS have one client per region. */
export interface DoctorClients {
  cloudFormation: CloudFormation;
  cloudWatch: CloudWatch;
  eventBridge: EventBridge;
  sts: STS;
  lambda(region: string): Lambda;
  serviceQuotas(region: string): ServiceQuotas;
  sns(region: string): SNS;
  close(): void;
}

/** Loads the packages of the clients only when they are needed, so that all other commands start faster. */
export async function openDoctorClients({
  clientSettings: settings,
  guard,
}: Pick<Deployment, 'clientSettings' | 'guard'>): Promise<DoctorClients> {
  const [cloudFormation, cloudWatch, eventBridge, lambda, serviceQuotas, sns, sts] = await Promise.all([
    import('@aws-sdk/client-cloudformation'),
    import('@aws-sdk/client-cloudwatch'),
    import('@aws-sdk/client-eventbridge'),
    import('@aws-sdk/client-lambda'),
    import('@aws-sdk/client-service-quotas'),
    import('@aws-sdk/client-sns'),
    import('@aws-sdk/client-sts'),
  ]);
  const opened: { destroy(): void }[] = [];
  const open: CallGuard['guard'] = (client) => {
    opened.push(client);
    return guard(client);
  };
  const inRegions = <Input extends object, Output extends object, Client>(
    create: (region: string) => Client & Guarded<Input, Output>,
  ) => {
    const clients = new Map<string, Client>();
    return (region: string) => {
      const client = clients.get(region) ?? open(create(region));
      clients.set(region, client);
      return client;
    };
  };
  return {
    cloudFormation: open(new cloudFormation.CloudFormation(settings)),
    cloudWatch: open(new cloudWatch.CloudWatch(settings)),
    eventBridge: open(new eventBridge.EventBridge(settings)),
    sts: open(new sts.STS(settings)),
    lambda: inRegions((region) => new lambda.Lambda({ ...settings, region })),
    serviceQuotas: inRegions((region) => new serviceQuotas.ServiceQuotas({ ...settings, region })),
    sns: inRegions((region) => new sns.SNS({ ...settings, region })),
    close() {
      for (const client of opened) client.destroy();
    },
  };
}

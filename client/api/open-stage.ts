import { type Region, regionNamed } from '../../lib/contract/regions.ts';
import type { ClientSettings } from '../../lib/platform/base-clients.ts';
import { type Clock, systemClock } from '../../lib/platform/clock.ts';
import { learnTimeFrom } from '../../lib/platform/learn-time.ts';
import { createSharedTime } from '../../lib/platform/shared-time.ts';
import { type Calls, connectDeployed, connectLocally, type Deployment, LOCAL_CREDENTIALS } from '../deployment.ts';
import { LOCAL_REGION, LOCAL_STAGE } from '../local-stage.ts';
import { findNearestStack } from '../stack-file.ts';
import type { ProgramStage } from './stage.ts';
import type { GreenroomSettings } from './stage-settings.ts';

/** Without these limits, the SDK would wait forever on a lost connection. They apply unless the program passes its own request handler. */
const TIME_LIMITS = { connectionTimeout: 10_000, socketTimeout: 30_000 };

/** Finds the stage at the first operation. If this fails, the next operation tries again. */
export function openOnce(settings: GreenroomSettings) {
  let opening: Promise<ProgramStage> | undefined;
  let isClosed = false;
  return {
    async open(): Promise<ProgramStage> {
      if (isClosed) throw new Error('This client of greenroom is closed');
      opening ??= openStage(settings);
      try {
        return await opening;
      } catch (error) {
        opening = undefined;
        throw error;
      }
    },
    async close(): Promise<void> {
      isClosed = true;
      const stage = await opening?.catch(() => undefined);
      stage?.deployment.close();
    },
  };
}

/**
 * Finds a stage by the names of its resources, without a call to AWS.
 * @throws Error if the stage is `local` and no embedded stack is found; the SDK's error if no region is set
 */
async function openStage(settings: GreenroomSettings, clock: Clock = systemClock): Promise<ProgramStage> {
  const deployment = withKnownAddresses(await connect(settings));
  const time = createSharedTime(clock);
  // Two decisions need AWS's time: whether a release is due, and which of two release commands was decided later.
  learnTimeFrom(deployment.sqs, time, clock);
  learnTimeFrom(deployment.dynamodb, time, clock);
  const region = () => defaultRegionOf(deployment, settings);
  return { deployment, region, tenant: settings.tenant, clock, time };
}

function defaultRegionOf({ region }: Deployment, { defaultRegion }: GreenroomSettings): Region {
  const place = defaultRegion ?? regionNamed(region);
  if (place !== undefined) return place;
  throw new Error(
    `IVS Chat is not available in ${region}: set defaultRegion to the value of the stage's parameter defaultRegion`,
  );
}

async function connect({ stage, region, defaultRegion, sdk = {} }: GreenroomSettings): Promise<Deployment> {
  const calls: Calls = { requestHandler: sdk.requestHandler ?? TIME_LIMITS, guard: (client) => client };
  if (stage !== LOCAL_STAGE) return connectDeployed({ stage, region, defaultRegion }, calls, sdk);
  if (sdk.endpoint !== undefined || hasEndpoint(process.env)) {
    return connectDeployed({ stage, region, defaultRegion }, calls, { ...localEnvironment(process.env), ...sdk });
  }
  const found = await findNearestStack(process.cwd());
  if (found === undefined)
    throw new Error(
      'No local stack is running in this directory or a parent directory. Start one with npx greenroom dev, or with npm start in a checkout of greenroom. To use the stack of another directory, set AWS_ENDPOINT_URL to the address that these commands print',
    );
  return connectLocally(found.stack, calls);
}

/**
 * The region and the credentials for a local stack whose endpoint is known. The stack accepts any credentials, so a program outside the
 * checkout needs only the endpoint. The variables of `greenroom env` take precedence over these defaults. A profile does not, because its
 * credentials are for AWS.
 */
function localEnvironment({
  AWS_REGION,
  AWS_DEFAULT_REGION,
  AWS_ACCESS_KEY_ID,
}: Readonly<Record<string, string | undefined>>): ClientSettings {
  return {
    region: AWS_REGION ?? AWS_DEFAULT_REGION ?? LOCAL_REGION,
    ...(AWS_ACCESS_KEY_ID === undefined && { credentials: LOCAL_CREDENTIALS }),
  };
}

/** Whether the environment sets an endpoint, as `greenroom env` and other emulators do. */
function hasEndpoint({
  AWS_ENDPOINT_URL,
  AWS_ENDPOINT_URL_SQS,
}: Readonly<Record<string, string | undefined>>): boolean {
  return Boolean(AWS_ENDPOINT_URL ?? AWS_ENDPOINT_URL_SQS);
}

/** Remembers the addresses of queues, because a program sends many messages to each. A lookup that failed is repeated. */
function withKnownAddresses(deployment: Deployment): Deployment {
  const bucket = remember(() => deployment.manifestBucket());
  return { ...deployment, queueUrl: remember(deployment.queueUrl), manifestBucket: () => bucket('manifests') };
}

function remember<Name extends string>(find: (name: Name) => Promise<string>): (name: Name) => Promise<string> {
  const found = new Map<Name, Promise<string>>();
  return (name) => {
    const known = found.get(name);
    if (known !== undefined) return known;
    const finding = find(name);
    found.set(name, finding);
    finding.catch(() => found.delete(name));
    return finding;
  };
}

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { GetQueueUrlCommand, PurgeQueueCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { marshall } from '@aws-sdk/util-dynamodb';
import { findDeployment } from '../../../client/deployment.ts';
import { openDoctorClients } from '../../../client/operate/doctor/clients.ts';
import { examine } from '../../../client/operate/doctor/examined-stage.ts';
import type { Finding, NotChecked } from '../../../client/operate/doctor/finding.ts';
import { type RequestedRooms, requestedByMessages } from '../../../client/operate/doctor/requested-rooms.ts';
import { type DoctorReport, requestChecks, runDoctor } from '../../../client/operate/doctor/run-doctor.ts';
import { readRequestLines } from '../../../client/request-lines.ts';
import { ACCOUNT_ID } from '../../../emulator/account.ts';
import { startGateway } from '../../../emulator/gateway/gateway.ts';
import { createIvsChat } from '../../../emulator/ivschat/ivs-chat.ts';
import { createScheduler } from '../../../emulator/scheduler/scheduler.ts';
import { createResources } from '../../../emulator/template/create-resources.ts';
import { readTemplate, type Template } from '../../../emulator/template/read-template.ts';
import { REGIONS } from '../../../lib/contract/regions.ts';
import { createClients } from '../../../local/stack-clients.ts';
import { templateFile } from '../../../local/start/make-package.ts';
import { createCommandRunner } from '../../support/command-runner.ts';
import { type FakeAccount, functionKey, healthyAccount } from '../../support/fake-aws/account.ts';
import { startFakeAws } from '../../support/fake-aws/fake-aws.ts';
import { REGION } from '../../support/gateway-clients.ts';
import { LOGGING_ARN, permission } from './requested-mistakes.ts';

export const STAGE = 'prod';
const STACK_NAME = `greenroom-${STAGE}`;
const PROGRAM = resolve('dist/cli/greenroom.js');

export type DoctorStage = Awaited<ReturnType<typeof openDoctorStage>>;

/**
 * A stage that looks deployed: the resources of the packaged template on the embedded services. A fake AWS endpoint answers for the
 * services that the embedded stack lacks. No function runs, so only the test changes the stage.
 */
export async function openDoctorStage() {
  const ivsChat = createIvsChat({
    now: Date.now,
    random: Math.random,
    sleep: async () => undefined,
    signatureLifetimeMs: 900_000,
    listingLagMs: 0,
  });
  const scheduler = createScheduler({
    now: Date.now,
    random: Math.random,
    accountId: ACCOUNT_ID,
    send: async () => undefined,
  });
  const gateway = await startGateway({ seed: 1, services: { ivschat: ivsChat, scheduler } });
  const clients = createClients(REGION, gateway, {});
  const { template, artifactsDir } = deployedTemplate();
  const setting = {
    clients,
    iam: gateway.iam,
    region: REGION,
    accountId: ACCOUNT_ID,
    stackName: STACK_NAME,
    artifactsDir,
  };
  const { outputs } = await createResources(template, setting);
  const healthy = () =>
    healthyAccount({ template, outputs, accountId: ACCOUNT_ID, region: REGION, stackName: STACK_NAME });
  let account = healthy();
  const fake = await startFakeAws(gateway.endpoint, () => account);
  const environment = {
    AWS_ENDPOINT_URL: fake.endpoint,
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
  };
  Object.assign(process.env, environment);
  const directory = mkdtempSync(join(tmpdir(), 'greenroom-doctor-'));
  const runner = createCommandRunner(PROGRAM);
  const deployment = await findDeployment({ stage: STAGE });
  const doctorClients = await openDoctorClients(deployment);

  async function putPace(id: string, item: Record<string, unknown>, stage = STAGE): Promise<void> {
    const Item = marshall({ id, ...item });
    await clients.dynamodb.send(new PutItemCommand({ TableName: `greenroom-${stage}-pace`, Item }));
  }

  async function queueUrl(queue: string): Promise<string> {
    const { QueueUrl = '' } = await clients.sqs.send(new GetQueueUrlCommand({ QueueName: `${STACK_NAME}-${queue}` }));
    return QueueUrl;
  }

  return {
    clients,
    ivsChat: ivsChat.admin,
    deployment,
    template,
    putPace,
    queueUrl,
    get account(): FakeAccount {
      return account;
    },

    /** A stage in regular use: the sweep ran, and every region has its rate. */
    async heal(): Promise<void> {
      account = healthy();
      const at = Date.now() - 60_000;
      const counts = REGIONS.map((region) => [`rooms_${region.replaceAll('-', '_')}`, { rooms: 100, at }]);
      await putPace('sweep', { started_at: at, ...Object.fromEntries(counts) });
      for (const region of REGIONS) await putPace(`${region}#CreateRoom`, { free_at: at, deployed_ceiling: 5 });
    },

    async send(queue: string, MessageBody = 'message'): Promise<void> {
      await clients.sqs.send(new SendMessageCommand({ QueueUrl: await queueUrl(queue), MessageBody }));
    },

    async purge(queue: string): Promise<void> {
      await clients.sqs.send(new PurgeQueueCommand({ QueueUrl: await queueUrl(queue) }));
    },

    examine: (requested?: RequestedRooms): Promise<DoctorReport> =>
      runDoctor(deployment, { nowMs: Date.now(), ...(requested && { requested }) }),

    /** The function and the logging configuration of REVIEWED_ROOM. */
    healRequested(): void {
      const review = { FunctionName: 'review', State: 'Active', policies: { '': permission() } } as const;
      account.functions.set(functionKey(REGION, 'review'), { ...review });
      ivsChat.admin.seedLoggingConfiguration(LOGGING_ARN);
    },

    async examineRequests(requests: object[]): Promise<Finding[]> {
      const requested = await requestedByMessages(
        readRequestLines(Readable.from([JSON.stringify(requests)]), () => new Date()),
        { region: REGION, nowMs: Date.now() },
      );
      const arn = `arn:aws:sqs:${REGION}:${ACCOUNT_ID}:any`;
      const examined = examine(deployment, doctorClients, { arn, nowMs: Date.now() });
      const results = requestChecks(requested).map(async ([check, run]) => ({
        check,
        observations: await run(examined),
      }));
      return findingsOf({ results: await Promise.all(results) });
    },

    /** Runs the command line as it is shipped, against the fake endpoint. */
    greenroom: (args: string[], env: Record<string, string> = {}) =>
      runner.start(args, { cwd: directory, env: { ...environment, ...env } }),

    file(name: string, text: string): string {
      writeFileSync(join(directory, name), text);
      return join(directory, name);
    },

    async close(): Promise<void> {
      await runner.close();
      deployment.close();
      doctorClients.close();
      await fake.close();
      clients.destroy();
      await gateway.close();
      rmSync(directory, { recursive: true });
      for (const name of Object.keys(environment)) delete process.env[name];
    },
  };
}

export function findingsOf({ results }: Pick<DoctorReport, 'results'>): Finding[] {
  return results.flatMap(({ observations }) => observations).flatMap((each) => (each.kind === 'finding' ? [each] : []));
}

export function notCheckedOf({ results }: DoctorReport): NotChecked[] {
  return results
    .flatMap(({ observations }) => observations)
    .flatMap((each) => (each.kind === 'not-checked' ? [each] : []));
}

/** The package of the stage `local`, with the names of a deployed stage. */
function deployedTemplate(): { template: Template; artifactsDir: string } {
  const file = templateFile(resolve());
  const directory = mkdtempSync(join(tmpdir(), 'greenroom-doctor-template-'));
  try {
    const deployed = join(directory, 'template.json');
    writeFileSync(deployed, readFileSync(file, 'utf8').replaceAll('greenroom-local', STACK_NAME));
    return { template: readTemplate(deployed), artifactsDir: dirname(file) };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { CloudFormationClient, type CloudFormationClientConfig } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { systemClock } from '../../lib/platform/clock.ts';
import { withAlarmActions } from './alarm-actions.ts';
import { type Configuration, problemsOf } from './check-configuration.ts';
import { cloudFormationStack } from './cloudformation-stack.ts';
import { protectTables } from './protect-tables.ts';
import { readConfiguration } from './read-configuration.ts';
import { packagedStages, tableNames } from './template.ts';
import { withTracing } from './tracing.ts';
import { accountsIn, withUpstreamSenders } from './upstream-senders.ts';
import { StackNotReadyError, waitForStack } from './wait-for-stack.ts';

const ROOT = resolve(import.meta.dirname, '..', '..');

/** The part of the framework's object that the plugin uses. */
export interface Serverless {
  serviceDir?: string;
  /** serverless.yml with its variables resolved. */
  configurationInput: unknown;
  processedInput: { commands: string[]; isHelpRequest: boolean };
  service: { provider: { compiledCloudFormationTemplate?: { Resources: unknown }; deletionProtection?: unknown } };
  /** The framework prints an error of its own class without a stack trace. */
  classes: { Error: new (message: string, code: string) => Error };
  getProvider(name: 'aws'): {
    getStage(): string;
    getRegion(): string;
    getAwsSdkV3Config(): Promise<CloudFormationClientConfig & DynamoDBClientConfig>;
    naming: { getStackName(): string };
  };
}

/** Options of the command line, which the plugins of the framework read too. */
export interface Options {
  param?: string[];
  force?: boolean;
}

interface Writers {
  log: { notice(text: string): void; warning(text: string): void };
}

const PACKAGING = ['package', 'deploy', 'deploy function'];

/**
 * Extends `serverless package` and `serverless deploy`: they first refuse an invalid configuration,
 * then build the functions, wait until a failed deployment is rolled back, and protect the tables after they are deployed.
 */
export default class GreenroomDeployment {
  readonly hooks: Record<string, () => Promise<void> | void>;
  readonly #serverless: Serverless;
  readonly #options: Options;
  readonly #log: Writers['log'];

  constructor(serverless: Serverless, options: Options, { log }: Writers) {
    this.#serverless = serverless;
    this.#options = options;
    this.#log = log;
    this.hooks = {
      'before:package:initialize': () => this.#build(),
      'before:deploy:function:initialize': () => this.#build(),
      'after:aws:package:finalize:mergeCustomProviderResources': () => this.#completeTemplate(),
      'before:aws:deploy:deploy:createStack': () => this.#prepareStack(),
      'after:deploy:deploy': () => this.#protectTables(),
    };
  }

  /** Runs before the framework's own checks, whose messages do not name the parameters. */
  async asyncInit(): Promise<void> {
    const { processedInput } = this.#serverless;
    const command = processedInput.commands.join(' ');
    if (processedInput.isHelpRequest || !PACKAGING.includes(command)) return;
    const problems = problemsOf(this.#configuration());
    if (problems.length > 0)
      this.#refuse(`The configuration cannot be ${command === 'package' ? 'packaged' : 'deployed'}:`, problems);
  }

  #configuration(): Configuration {
    const { configurationInput, processedInput } = this.#serverless;
    const provider = this.#serverless.getProvider('aws');
    return readConfiguration(configurationInput, {
      stage: provider.getStage(),
      region: provider.getRegion(),
      deploys: processedInput.commands.join(' ') !== 'package',
      params: this.#options.param ?? [],
    });
  }

  /** A copy of the service (`npm start`, tests) already contains bundles. */
  #build(): void {
    if (this.#serverless.serviceDir === undefined || resolve(this.#serverless.serviceDir) !== ROOT) return;
    const { status } = spawnSync(process.execPath, [join('scripts', 'build.ts')], { cwd: ROOT, stdio: 'inherit' });
    if (status !== 0) this.#refuse('The functions could not be built: the output of scripts/build.ts is above', []);
  }

  /** Adds the parts of the template that YAML cannot express: who may send, who is notified of alarms, and whether functions are traced. */
  #completeTemplate(): void {
    const {
      upstreamAccounts = '',
      eventBusName = '',
      alarmTopicArn = '',
      alarmEmail = '',
      tracing = false,
    } = this.#configuration().parameters;
    const stage = this.#serverless.getProvider('aws').getStage();
    const senders = { accounts: accountsIn(upstreamAccounts), eventBus: String(eventBusName), stage };
    const recipients = { topicArn: String(alarmTopicArn), email: String(alarmEmail) };
    const template = this.#serverless.service.provider.compiledCloudFormationTemplate;
    if (template) {
      Object.assign(template, withUpstreamSenders(template, senders));
      template.Resources = withAlarmActions(template, recipients);
      template.Resources = withTracing(template, String(tracing) === 'true');
    }
    if (alarmTopicArn === '' && alarmEmail === '')
      this.#log.warning(
        'Alarms notify no one: use --param alarmTopicArn=… or alarmEmail=… (docs/operations.md#alarms)',
      );
  }

  async #prepareStack(): Promise<void> {
    const { service } = this.#serverless;
    const provider = this.#serverless.getProvider('aws');
    const other = packagedStages(service.provider.compiledCloudFormationTemplate).find(
      (each) => each !== provider.getStage(),
    );
    if (other !== undefined)
      this.#refuse(
        `The package is for stage ${other}: use --stage ${other}, or package again for ${provider.getStage()}`,
        [],
      );
    const client = new CloudFormationClient(await provider.getAwsSdkV3Config());
    const waiting = {
      clock: systemClock,
      signal: new AbortController().signal,
      report: (text: string) => this.#log.notice(text),
    };
    try {
      const { rolledBack } = await waitForStack(cloudFormationStack(client, provider.naming.getStackName()), waiting);
      // The bucket contains the files of the deployment that was rolled back. Otherwise, the framework would treat these files as deployed,
      // and skip the deployment.
      if (rolledBack) this.#options.force = true;
    } catch (error) {
      if (error instanceof StackNotReadyError) this.#refuse(error.message, []);
      throw error;
    } finally {
      client.destroy();
    }
  }

  async #protectTables(): Promise<void> {
    const { deletionProtection, compiledCloudFormationTemplate } = this.#serverless.service.provider;
    const client = new DynamoDBClient(await this.#serverless.getProvider('aws').getAwsSdkV3Config());
    const isProtected = deletionProtection === true;
    try {
      const changed = await protectTables(client, tableNames(compiledCloudFormationTemplate), isProtected);
      for (const name of changed) this.#log.notice(`Deletion protection of ${name}: ${isProtected ? 'on' : 'off'}`);
    } catch (error) {
      this.#refuse(error instanceof Error ? error.message : String(error), []);
    } finally {
      client.destroy();
    }
  }

  #refuse(message: string, problems: readonly string[]): never {
    throw new this.#serverless.classes.Error([message, ...problems.map((each) => `  ${each}`)].join('\n'), 'GREENROOM');
  }
}

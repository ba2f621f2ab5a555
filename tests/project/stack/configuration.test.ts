import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openServiceFolder } from '../../support/service-folder.ts';

const LIMIT_MS = 60_000;
const service = openServiceFolder();
afterAll(service.remove);

const params = (values: Record<string, string | number>) =>
  Object.entries(values).flatMap(([name, value]) => ['--param', `${name}=${value}`]);

/** An invalid value of each parameter, and the remedy that packaging names. */
const WRONG: [string, string | number, string][] = [
  ['accountSize', 'tiny', 'use ordinary, or small'],
  ['interactiveConcurrency', 1, 'use a whole number in this range'],
  ['bulkConcurrency', 'many', 'use a whole number in this range'],
  ['manifestConcurrency', 8, 'use 2 to 5'],
  ['createRoomTps', 9, 'use this stage’s share, above 0 and at most 5'],
  ['sweepCallsPerSecond', 0, 'use a number of calls a second above 0'],
  ['signatureLifetimeSeconds', 5, 'use 300 or more'],
  ['functionTimeoutSeconds', 1_000, 'a function may run for 1 to 900 seconds'],
  ['rosterVisibilityTimeoutSeconds', 300, 'use at least six times rosterTimeoutSeconds'],
  ['sweepSafeAgeSeconds', 60, 'use at least the settle time'],
  ['releaseTimeoutSeconds', 60, 'use at least 63 more than callTimeoutSeconds'],
  ['postponeScheduleSeconds', '60,x', 'use whole seconds from 1 to 43200, separated by commas'],
  ['requestMaxAgeSeconds', 900_000, 'use a number of seconds up to 604800'],
  ['keyRetentionDays', 7, 'use 30 days or more'],
  ['rosterRetentionDays', 7, 'use 30 days or more'],
  ['outstandingRowsPerRegion', 100, 'use 1500 or more'],
  ['laneStopMessages', 200_000, 'use 1000 to 110000'],
  ['atRiskSeconds', 2_000, 'use fewer seconds than leadTimeSeconds'],
  [
    'upstreamAccounts',
    '11122223333,444455556666',
    'use up to 40 account ids of 12 digits, in quotes and separated by commas',
  ],
  ['eventBusName', 'arn:aws:events:eu-west-1:123456789012:event-bus/fixtures', 'use the name, and not the ARN'],
  ['logRetentionDays', 31, 'use one of 1, 3, 5, 7, 14, 30'],
  ['releases', 'on', 'use true or false'],
  ['releaseGraceSeconds', -1, 'use a number of seconds, or 0'],
  ['sweepDelete', 'yes', 'use true or false'],
  ['deletionProtection', 'off', 'use true or false'],
  ['tracing', 'active', 'use true or false'],
  ['alarmTopicArn', 'operators', 'use the ARN of an SNS topic'],
  ['alarmEmail', 'operators', 'use an address'],
];

/** The lines of the output that name problems. */
const problemsIn = (output: string) => output.match(/^ {2}(?:\S+ is .*)$/gm) ?? [];

describe('packaging reports all invalid parameters together, each with its name and a remedy:', () => {
  let problems: string[];
  let status: number | null;

  beforeAll(() => {
    const values = Object.fromEntries(WRONG.map(([name, value]) => [name, value]));
    const all = params({ ...values, sweepdelete: 'true' });
    const packaged = service.serverless('package', '--stage', 'prod', '--region', 'eu-west-2', ...all);
    status = packaged.status;
    problems = problemsIn(packaged.output);
  }, LIMIT_MS);

  test.each(WRONG)('%s=%s', (name, value, remedy) => {
    const [problem] = problems.filter((each) => each.startsWith(`  ${name} is `));
    expect(problem).toMatch(new RegExp(`^ {2}${name} is ${value}: .`));
    expect(problem).toContain(remedy);
  });

  test('a region without IVS Chat needs a default region for rooms', () => {
    expect(problems).toContainEqual(
      expect.stringMatching(/^ {2}defaultRegion is eu-west-2: .*--param defaultRegion=eu-west-1/),
    );
  });

  test('a misspelt parameter is reported with the similar one', () => {
    expect(problems).toContainEqual('  sweepdelete is not a parameter: use sweepDelete, or remove it');
  });

  test('there are no other problems, and nothing is packaged', () => {
    expect(problems).toHaveLength(WRONG.length + 2);
    expect(status).not.toBe(0);
    expect(service.resources).toThrow('ENOENT');
  });
});

test(
  'packaging refuses an alarm topic of another region, which CloudWatch would refuse',
  () => {
    const alarmTopicArn = 'arn:aws:sns:us-east-1:123456789012:operators';
    const { status, output } = service.serverless('package', '--stage', 'prod', ...params({ alarmTopicArn }));
    expect(status).not.toBe(0);
    expect(problemsIn(output)).toEqual([
      expect.stringMatching(
        /^ {2}alarmTopicArn is arn:aws:sns:us-east-1:\d{12}:operators: .* use a topic in eu-west-1$/,
      ),
    ]);
  },
  LIMIT_MS,
);

describe('packaging refuses an invalid stage or region:', () => {
  test.each([
    [['--stage', 'Prod'], /^ {2}stage is Prod: .* use --stage prod$/],
    [
      ['--stage', 'a-stage-with-a-name-that-is-too-long'],
      /^ {2}stage is \S+: it has 36 characters, but .*bucket.*|: use at most 25$/,
    ],
    [['--stage', 'prod', '--region', 'cn-north-1'], /^ {2}region is cn-north-1: .*--region eu-west-1$/],
    [['--stage', 'prod', '--region', 'us-gov-west-1'], /^ {2}region is us-gov-west-1: .*--region eu-west-1$/],
    [['--stage', 'prod', '--region', 'ap-southeast-2'], /^ {2}defaultRegion is ap-southeast-2: /],
  ])(
    '%j',
    (args, problem) => {
      const { status, output } = service.serverless('package', ...args);
      expect(status).not.toBe(0);
      expect(problemsIn(output)).toContainEqual(expect.stringMatching(problem));
    },
    LIMIT_MS,
  );

  test(
    'a stage that the framework itself would refuse is refused in one line',
    () => {
      const { status, output } = service.serverless('package', '--stage', 'pr od!');
      expect(status).toBe(1);
      expect(output).toBe('stage is pr od!: only a-z, 0-9 and - are allowed: use --stage pr-od\n');
    },
    LIMIT_MS,
  );

  test(
    'the stage of the emulators can be packaged, but not deployed',
    () => {
      const { status, output } = service.serverless('deploy', '--stage', 'local');
      expect(status).not.toBe(0);
      expect(problemsIn(output)).toEqual([expect.stringMatching(/^ {2}stage is local: .* use another stage/)]);
      expect(service.serverless('package', '--stage', 'local').status).toBe(0);
    },
    LIMIT_MS,
  );
});

describe('a valid configuration is packaged', () => {
  const mappings = () =>
    Object.values(service.resources()).flatMap(({ Type, Properties }) =>
      Type === 'AWS::Lambda::EventSourceMapping'
        ? [[Properties.EventSourceArn['Fn::GetAtt'][0], Properties.ScalingConfig.MaximumConcurrency]]
        : [],
    );
  const variables = (name: string) =>
    Object.values(service.resources()).flatMap(({ Type, Properties }) =>
      Type === 'AWS::Lambda::Function' ? [Properties.Environment.Variables[name]] : [],
    );

  test(
    'with the defaults, in a region that has IVS Chat',
    () => {
      expect(service.serverless('package', '--stage', 'prod')).toMatchObject({ status: 0 });
      expect(new Set(variables('GREENROOM_DEFAULT_REGION'))).toEqual(new Set(['eu-west-1']));
      expect(Object.fromEntries(mappings())).toEqual({
        InteractiveQueue: 10,
        BulkQueue: 5,
        RedriveQueue: 2,
        InteractiveDeadLetterQueue: 2,
        BulkDeadLetterQueue: 2,
        ManifestQueue: 5,
        RosterQueue: 2,
        LiveEventsQueue: 5,
        LiveEventsDeadLetterQueue: 2,
      });
    },
    LIMIT_MS,
  );

  test(
    'in a region without IVS Chat for rooms in another region, with a stage of the maximum length',
    () => {
      const place = ['--stage', 'a-stage-of-25-characters-', '--region', 'eu-west-2'];
      expect(service.serverless('package', ...place, ...params({ defaultRegion: 'eu-central-1' })).status).toBe(0);
      expect(new Set(variables('GREENROOM_DEFAULT_REGION'))).toEqual(new Set(['eu-central-1']));
    },
    LIMIT_MS,
  );

  test(
    'for a small account with the lowest concurrency that Lambda accepts, unless a parameter is set, and without reservations',
    () => {
      const small = params({ accountSize: 'small', interactiveConcurrency: 3 });
      expect(service.serverless('package', '--stage', 'prod', ...small).status).toBe(0);
      const { InteractiveQueue, ...others } = Object.fromEntries(mappings());
      expect(InteractiveQueue).toBe(3);
      expect(Object.values(others)).toEqual(Array.from({ length: 8 }, () => 2));
      expect(JSON.stringify(service.resources())).not.toMatch(/Reserved|ProvisionedConcurrency/);
    },
    LIMIT_MS,
  );

  test(
    'with a share of the quota for each of two stages',
    () => {
      for (const [stage, share] of [
        ['prod', 3.5],
        ['test', 1.5],
      ] as const) {
        expect(service.serverless('package', '--stage', stage, ...params({ createRoomTps: share })).status).toBe(0);
        expect(new Set(variables('GREENROOM_CREATE_ROOM_TPS').flatMap((value) => value ?? []))).toEqual(
          new Set([String(share)]),
        );
      }
    },
    LIMIT_MS,
  );
});

import type { ProxiedAnswer } from '../loopback-proxy.ts';
import { type FakeAccount, type FakeFunction, functionKey } from './account.ts';
import { AwsError, jsonAnswer } from './answers.ts';

interface Call {
  account: FakeAccount;
  region: string;
  name: string;
  qualifier: string;
}

/** Paths as https://docs.aws.amazon.com/lambda/latest/api/API_Operations.html documents them. */
const ROUTES: { action: string; path: RegExp; qualified: boolean; perform(call: Call): object }[] = [
  {
    action: 'GetFunctionConfiguration',
    path: /^\/2015-03-31\/functions\/([^/]+)\/configuration$/,
    qualified: true,
    perform: (call) => {
      const { policies, reserved, ...configuration } = functionOf(call);
      return configuration;
    },
  },
  {
    action: 'GetPolicy',
    path: /^\/2015-03-31\/functions\/([^/]+)\/policy$/,
    qualified: true,
    // A policy belongs to the function, or to one of its versions or aliases.
    perform: (call) => {
      const policy = functionOf(call).policies?.[call.qualifier];
      if (policy === undefined) throw notFound('The resource you requested does not exist.');
      return { Policy: policy, RevisionId: '1' };
    },
  },
  {
    action: 'GetFunctionConcurrency',
    path: /^\/2019-09-30\/functions\/([^/]+)\/concurrency$/,
    qualified: false,
    perform: (call) => {
      const { reserved } = functionOf(call);
      return reserved === undefined ? {} : { ReservedConcurrentExecutions: reserved };
    },
  },
  {
    action: 'GetAccountSettings',
    path: /^\/2016-08-19\/account-settings$/,
    qualified: false,
    perform: ({ account }) => ({
      AccountLimit: { ConcurrentExecutions: 1_000, UnreservedConcurrentExecutions: account.unreservedConcurrency },
    }),
  },
  {
    action: 'GetEventSourceMapping',
    path: /^\/2015-03-31\/event-source-mappings\/([^/]+)$/,
    qualified: false,
    perform: ({ account, name }) => {
      const mapping = account.mappings.get(name);
      if (mapping === undefined) throw notFound('The resource you requested does not exist.');
      return mapping;
    },
  },
];

export function lambdaAction({ method, url }: { method: string; url: string }): string {
  const [path = ''] = url.split('?');
  const found = method === 'GET' ? ROUTES.find((route) => route.path.test(path)) : undefined;
  if (found === undefined) throw new Error(`The fake has no action of Lambda at ${method} ${url}`);
  return found.action;
}

export function answerLambda(account: FakeAccount, region: string, { url }: { url: string }): ProxiedAnswer {
  const [path = '', query] = url.split('?');
  const route = ROUTES.find((each) => each.path.test(path));
  if (route === undefined) throw new Error(`The fake has no action of Lambda at ${url}`);
  const parameters = new URLSearchParams(query);
  for (const name of parameters.keys())
    if (!(name === 'Qualifier' && route.qualified)) throw new Error(`${route.action} has no parameter ${name}`);
  const name = decodeURIComponent(route.path.exec(path)?.[1] ?? '');
  return jsonAnswer(route.perform({ account, region, name, qualifier: parameters.get('Qualifier') ?? '' }));
}

function functionOf({ account, region, name }: Call): FakeFunction {
  const found = account.functions.get(functionKey(region, name));
  if (found === undefined)
    throw notFound(`Function not found: arn:aws:lambda:${region}:${account.accountId}:function:${name}`);
  return found;
}

function notFound(message: string): AwsError {
  return new AwsError('ResourceNotFoundException', message, 404);
}

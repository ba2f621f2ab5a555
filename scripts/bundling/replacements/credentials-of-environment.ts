import { type FromEnvInit, fromEnv } from '@aws-sdk/credential-provider-env';
import { CredentialsProviderError } from '@smithy/property-provider';

const REQUIRED = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'];

/**
 * Replaces `@aws-sdk/credential-provider-node`, which also looks for credentials in files, in other processes, and at SSO, STS, ECS and EC2.
 * Lambda sets the variables for every function: "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN – The access keys obtained from
 * the function's execution role", https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
 *
 * @returns a provider of credentials. It throws CredentialsProviderError naming each variable that is missing
 */
export function defaultProvider(init?: FromEnvInit): ReturnType<typeof fromEnv> {
  const provide = fromEnv(init);
  return async () => {
    const missing = REQUIRED.filter((name) => !process.env[name]);
    if (missing.length === 0) return provide();
    const names = missing.join(' and ');
    throw new CredentialsProviderError(
      `The environment has no ${names}. Lambda sets ${missing.length > 1 ? 'these variables' : 'this variable'} for every function, and a function reads its credentials from nowhere else.`,
      { tryNextLink: false },
    );
  };
}

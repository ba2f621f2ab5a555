import { expect, test } from '@jest/globals';
import { requireSdkVariables } from '../../client/calls/sdk-environment.ts';

test.each([
  [{ AWS_MAX_ATTEMPTS: 'many' }, 'AWS_MAX_ATTEMPTS must be a whole number of at least 1, such as 3'],
  [{ AWS_MAX_ATTEMPTS: '0' }, 'AWS_MAX_ATTEMPTS must be a whole number of at least 1, such as 3'],
  [{ AWS_RETRY_MODE: 'stubborn' }, 'AWS_RETRY_MODE must be standard or adaptive'],
  [{ AWS_USE_FIPS_ENDPOINT: 'yes' }, 'AWS_USE_FIPS_ENDPOINT must be true or false'],
  [{ AWS_ENDPOINT_URL: 'localhost:4566' }, 'AWS_ENDPOINT_URL must be a URL such as http://localhost:4566'],
  [
    { AWS_ENDPOINT_URL_SQS: 'ftp://host', AWS_RETRY_MODE: 'x' },
    'AWS_RETRY_MODE must be standard or adaptive; AWS_ENDPOINT_URL_SQS must be a URL such as http://localhost:4566',
  ],
])('%j is refused, and the problem names each variable', (environment, problem) => {
  expect(() => requireSdkVariables(environment)).toThrow(`${problem}. Correct it, or unset it`);
});

test.each([
  [{}],
  [{ AWS_MAX_ATTEMPTS: '', AWS_RETRY_MODE: '' }],
  [{ AWS_MAX_ATTEMPTS: '5', AWS_RETRY_MODE: 'adaptive', AWS_USE_DUALSTACK_ENDPOINT: 'false' }],
  [{ AWS_ENDPOINT_URL: 'http://localhost:4566', AWS_ENDPOINT_URL_S3: 'https://s3.eu-west-1.amazonaws.com' }],
])('%j is accepted', (environment) => {
  expect(() => requireSdkVariables(environment)).not.toThrow();
});

/**
 * The settings of clients of the embedded stack. If they were absent, the SDK would use those in the user's environment and AWS
 * configuration file, which are meant for AWS: FIPS endpoints, for example, do not exist at a custom endpoint.
 */
export const LOCAL_SETTINGS = {
  useFipsEndpoint: false,
  useDualstackEndpoint: false,
  maxAttempts: 3,
  retryMode: 'standard',
  defaultsMode: 'standard',
  userAgentAppId: 'greenroom',
} as const;

/**
 * Replaces `@aws-sdk/middleware-endpoint-discovery`, which prepares a cache and the command DescribeEndpoints. No command of DynamoDB's
 * client discovers endpoints. A client whose commands do so imports a function that is missing here, so the build would fail.
 */
export const NODE_ENDPOINT_DISCOVERY_CONFIG_OPTIONS = {
  environmentVariableSelector: (): undefined => undefined,
  configFileSelector: (): undefined => undefined,
  default: undefined,
};

/** @returns the configuration of the client, unchanged */
export function resolveEndpointDiscoveryConfig<Config>(config: Config): Config {
  return config;
}

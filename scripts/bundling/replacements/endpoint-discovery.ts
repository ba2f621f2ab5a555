/**
 * Replaces `@aws-sdk/middleware-endpoint-discovery`, which prepares a cache and the command DescribeEndpoints. No command in DynamoDB's client
 * discovers endpoints. If a client's commands did so, the client would import a function that is missing here, and the build would fail.
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

import { CredentialsProviderError } from '@smithy/property-provider';

/**
 * Replaces the part of the SDK that reads settings from `~/.aws/config` and `~/.aws/credentials`. A function has no such files: its package
 * contains only its bundle. Settings still come from the environment, and then from the SDK's defaults.
 *
 * @returns a provider that finds nothing, so that the SDK asks the next one
 */
export const fromSharedConfigFiles = () => async (): Promise<never> => {
  throw new CredentialsProviderError('A function has no shared configuration files.', { tryNextLink: true });
};

/**
 * Replaces the part of the SDK that asks EC2's metadata service for the region, which the defaults mode "auto" needs outside Lambda. In
 * Lambda, the SDK takes the region from the environment and does not ask.
 */
export const getInstanceMetadataRegion = async (): Promise<undefined> => undefined;

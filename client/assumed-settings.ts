/**
 * The command line cannot find out whether releases are switched on in a deployment. It therefore accepts release times, and the service
 * refuses them if releases are switched off. If the command line refused them, no stage could use them, and rows would differ from those
 * that the service reads.
 */
export const RELEASES = { releases: true } as const;

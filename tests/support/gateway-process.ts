import { startGateway } from '../../emulator/gateway/gateway.ts';

/**
 * A gateway in its own process, with the data directory that its argument names. It prints its endpoint when it is ready, and runs until it is
 * killed.
 */
const gateway = await startGateway({ dataDir: process.argv[2] ?? '', seed: 1, services: {} });
console.log(gateway.endpoint);

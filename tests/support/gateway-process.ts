import { startGateway } from '../../emulator/gateway/gateway.ts';

/** A gateway of its own on the directory that is its argument. It prints its endpoint when it is ready, and lives until it is killed. */
const gateway = await startGateway({ dataDir: process.argv[2] ?? '', seed: 1, services: {} });
console.log(gateway.endpoint);

const REQUEST_ID = '6f747a41-39f4-4b2f-a2f4-1f7c9a5d1d2e';

/**
 * The lines that Lambda writes for an invocation: https://docs.aws.amazon.com/lambda/latest/dg/nodejs-logging.html. The emulator
 * does not write them, so their length is computed.
 */
export function platformLines({ durationMs, memoryMb }: { durationMs: number; memoryMb: number }): string {
  const report = [
    `REPORT RequestId: ${REQUEST_ID}`,
    `Duration: ${durationMs.toFixed(2)} ms`,
    `Billed Duration: ${Math.ceil(durationMs)} ms`,
    `Memory Size: ${memoryMb} MB`,
    'Max Memory Used: 100 MB',
  ].join('\t');
  return `START RequestId: ${REQUEST_ID} Version: $LATEST\nEND RequestId: ${REQUEST_ID}\n${report}\t\n`;
}

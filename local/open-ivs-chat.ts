import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { FaultRates } from '../emulator/ivschat/faults.ts';
import { createIvsChat, type IvsChat } from '../emulator/ivschat/ivs-chat.ts';
import { createRandom } from '../emulator/random.ts';
import type { Template } from '../emulator/template/read-template.ts';

export interface IvsChatSetting {
  /** The seed for delays and faults. */
  seed: number;
  /** Switches off lost responses, errors, and the delay before calls find a new room. */
  calm: boolean;
  /** The directory for rooms that outlive the process. */
  dataDir?: string;
}

/** The default faults, as shares of the calls. */
const FAULT_RATES: FaultRates = {
  CreateRoom: { lostResponse: 0.03, internalError: 0.01 },
  DeleteRoom: { lostResponse: 0.03, internalError: 0.01, lateEffect: 0.02, lateEffectMs: 5_000 },
};

/**
 * Opens the emulator of IVS Chat for a template. Its signature lifetime and its longest lag are exactly the values with which the template's
 * functions are configured, so that code that does not wait long enough fails here.
 * @throws Error if no function of the template has the variables for these values
 */
export function openIvsChat(template: Template, { calm, seed, dataDir }: IvsChatSetting): IvsChat {
  const secondsOf = (name: string) => {
    const seconds = Number(functionVariable(template, name));
    if (!(seconds > 0))
      throw new Error(`No function of the template has ${name}, which the emulator of IVS Chat needs`);
    return seconds;
  };
  const listingLagMs = secondsOf('GREENROOM_LISTING_LAG_SECONDS') * 1000;
  return createIvsChat({
    now: Date.now,
    random: createRandom(seed),
    sleep: (ms) => pause(ms),
    signatureLifetimeMs: secondsOf('GREENROOM_SIGNATURE_LIFETIME_SECONDS') * 1000,
    listingLagMs,
    ...(dataDir !== undefined && { dataFile: join(dataDir, 'ivschat.ndjson') }),
    ...(!calm && { faultRates: FAULT_RATES, newRoomLagMs: listingLagMs }),
  });
}

function functionVariable(template: Template, name: string): unknown {
  const functions = Object.values(template.Resources).filter(({ Type }) => Type === 'AWS::Lambda::Function');
  const variables = functions.map(({ Properties }) => Object(Object(Properties.Environment).Variables)[name]);
  return variables.find((value) => value !== undefined);
}

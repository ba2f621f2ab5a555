import * as z from 'zod';
import type { CallReport } from '../../emulator/ivschat/calls.ts';
import type { FaultPlan } from '../../emulator/ivschat/faults.ts';
import type { QuotaChange } from '../../emulator/ivschat/quotas.ts';
import type { Room } from '../../emulator/ivschat/rooms.ts';
import type { IvsChatSetting } from '../../local/open-ivs-chat.ts';
import { startProgram } from './child-programs.ts';

/** The emulator of IVS Chat in a separate process. */
export interface IvsChatProcess {
  /** For `AWS_ENDPOINT_URL_IVSCHAT`. */
  endpoint: string;
  /** Makes future calls fail. */
  inject(plan: FaultPlan): Promise<void>;
  setQuotas(change: QuotaChange): Promise<void>;
  /** Every room of all regions. */
  rooms(): Promise<Room[]>;
  calls(): Promise<CallReport>;
  /** Removes all rooms, calls and faults, and restores AWS's quotas. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

const listeningSchema = z.object({ kind: z.literal('listening'), endpoint: z.string() });

/** Starts the emulator for a template. */
export async function startIvsChat(templateFile: string, { seed, calm }: IvsChatSetting): Promise<IvsChatProcess> {
  const program = await startProgram('ivs-chat');
  try {
    program.start({ templateFile, seed, calm });
    const { endpoint } = await program.report(listeningSchema);
    const post = async (name: string, body: object) => void (await callAdmin(endpoint, name, body));
    return {
      endpoint,
      inject: (plan) => post('faults', plan),
      setQuotas: (change) => post('quotas', change),
      reset: () => post('reset', {}),
      rooms: async () => (await callAdmin<{ rooms: Room[] }>(endpoint, 'rooms')).rooms,
      calls: () => callAdmin<CallReport>(endpoint, 'calls'),
      stop: program.stop,
    };
  } catch (error) {
    await program.stop();
    throw error;
  }
}

/** Makes one call to the emulator's HTTP admin interface. The emulator has the same version, so its responses have the declared types. */
async function callAdmin<T>(endpoint: string, name: string, body?: object): Promise<T> {
  const url = `${endpoint}/_greenroom/ivschat/${name}`;
  const response = await fetch(url, body && { method: 'POST', body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as T;
}

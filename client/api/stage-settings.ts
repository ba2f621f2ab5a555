import type { Region } from '../../lib/contract/regions.ts';
import type { ClientSettings } from '../../lib/platform/base-clients.ts';

/** Which stage a program uses, and how. */
export interface GreenroomSettings {
  /** The stage, such as `prod`. `local` is the embedded stack, which `npm start` and `greenroom dev` run. */
  stage: string;
  /** The region of the stage's queues and tables. Default: that of the embedded stack, or of the SDK's environment */
  region?: string | undefined;
  /** The stage's parameter `defaultRegion`, if it has one: the region of rooms whose request does not specify one. */
  defaultRegion?: Region | undefined;
  /** The tenant of requests, live events and release commands that do not specify one. If it is set, keys of other tenants are refused. */
  tenant?: string | undefined;
  /** Settings for the SDK's clients, such as `endpoint`, `credentials` or `requestHandler`. Default: the SDK's environment */
  sdk?: ClientSettings | undefined;
}

/** One HTTP request, as the gateway hands it to an emulated service. */
export interface ServiceRequest {
  method: string;
  /** As it came, without the query: still percent-encoded. */
  path: string;
  query: URLSearchParams;
  /** Names in lower case. */
  headers: Record<string, string>;
  body: Buffer;
  /** From the credential scope of the `Authorization` header. */
  region: string;
}

/** An answer, or `lost`: the connection is to be destroyed without one. */
export type ServiceResponse =
  | { status: number; headers: Record<string, string>; body: string | Buffer }
  | { lost: true };

/** An emulated AWS service. `handle` answers every request, wrong ones included; a rejection is a bug of the emulator. */
export interface Service {
  handle(request: ServiceRequest): Promise<ServiceResponse>;
  close(): Promise<void>;
}

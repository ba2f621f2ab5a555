/** One HTTP request as the gateway passes it to an emulated service. */
export interface ServiceRequest {
  method: string;
  /** The path as it arrived, without the query: still percent-encoded. */
  path: string;
  query: URLSearchParams;
  /** Names in lower case. */
  headers: Record<string, string>;
  body: Buffer;
  /** From the credential scope of the `Authorization` header. */
  region: string;
}

/** A response, or `lost`: the connection must be destroyed without a response. */
export type ServiceResponse =
  | { status: number; headers: Record<string, string>; body: string | Buffer }
  | { lost: true };

/** An emulated AWS service. `handle` answers every request, including invalid ones. If the promise rejects, that is a bug in the emulator. */
export interface Service {
  handle(request: ServiceRequest): Promise<ServiceResponse>;
  close(): Promise<void>;
}

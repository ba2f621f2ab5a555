import apiJson from './api.json' with { type: 'json' };

/** One shape of the service model. Which of the constraints can be set depends on `type`. */
export interface Shape {
  type: string;
  /** For a string in code points, for a list or map in elements, for an integer its value. */
  min?: number;
  max?: number;
  pattern?: string;
  enum?: string[];
  members?: Record<string, Shape>;
  required?: string[];
  /** Exactly one member must be set. */
  union?: boolean;
  item?: Shape;
  key?: Shape;
  value?: Shape;
  /** The part of the request that contains a top-level input member (the body, if absent), and its name there. */
  in?: string;
  as?: string;
}

export interface Operation {
  http: { method: string; requestUri: string; responseCode: number };
  errors: string[];
  input: Shape;
  output: Shape | null;
}

export type OperationName = keyof typeof apiJson.operations;

/** Every operation of the control plane, from the service model. */
export const operations: Record<OperationName, Operation> = apiJson.operations;

/** Every error that the model declares, with its HTTP status and members. */
export const declaredErrors = new Map(
  Object.entries<{ httpStatus: number; members: Record<string, Shape> }>(apiJson.errors),
);

export function isOperationName(name: unknown): name is OperationName {
  return typeof name === 'string' && Object.hasOwn(operations, name);
}

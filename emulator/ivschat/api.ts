import apiJson from './api.json' with { type: 'json' };

/** One shape of the service model. Which of the constraints can be set depends on `type`. */
export interface Shape {
  type: string;
  /** Of a string in code points, of a list or map in elements, of an integer its value. */
  min?: number;
  max?: number;
  pattern?: string;
  enum?: string[];
  members?: Record<string, Shape>;
  required?: string[];
  /** Exactly one member is to be set. */
  union?: boolean;
  item?: Shape;
  key?: Shape;
  value?: Shape;
  /** Where a top-level input member travels (the body, if absent), and under which name. */
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

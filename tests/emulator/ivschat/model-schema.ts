import { Ajv, type ValidateFunction } from 'ajv';
import { isOperationName, operations, type Shape } from '../../../emulator/ivschat/api.ts';
import { routeOf } from '../../../emulator/ivschat/read-request.ts';
import type { ServiceRequest, ServiceResponse } from '../../../emulator/service.ts';

const ajv = new Ajv({ strict: false });
const validators = new Map<string, ValidateFunction>();

/** A shape of the service model as JSON Schema, for an independent validator. Members that the shape does not name are refused. */
export function toJsonSchema(shape: Shape): object {
  const members = Object.entries(shape.members ?? {}).map(([name, member]) => [name, toJsonSchema(member)]);
  switch (shape.type) {
    case 'structure':
      return {
        type: 'object',
        properties: Object.fromEntries(members),
        required: shape.required ?? [],
        additionalProperties: false,
        ...(shape.union ? { minProperties: 1, maxProperties: 1 } : {}),
      };
    case 'list':
      return { type: 'array', items: toJsonSchema(shape.item ?? shape), minItems: shape.min ?? 0, maxItems: shape.max };
    case 'map':
      return {
        type: 'object',
        propertyNames: toJsonSchema(shape.key ?? shape),
        additionalProperties: toJsonSchema(shape.value ?? shape),
        minProperties: shape.min ?? 0,
        maxProperties: shape.max,
      };
    case 'integer':
      return { type: 'integer', minimum: shape.min, maximum: shape.max };
    case 'timestamp':
      return { type: 'string', pattern: String.raw`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$` };
    default:
      return {
        type: 'string',
        minLength: shape.min ?? 0,
        maxLength: shape.max,
        enum: shape.enum,
        pattern: shape.pattern && `^(?:${shape.pattern})$`,
      };
  }
}

/** Wraps a service so that the test fails if a response with a 2xx status does not conform to the model's output. */
export function conforming(handle: (request: ServiceRequest) => Promise<ServiceResponse>) {
  return async (request: ServiceRequest): Promise<ServiceResponse> => {
    const response = await handle(request);
    const name = routeOf(request);
    if (name && !('lost' in response) && response.status < 300) checkOutput(name, response.body.toString());
    return response;
  };
}

export function checkOutput(name: string, body: string): void {
  if (!isOperationName(name)) throw new Error(`${name} is not an operation`);
  const { output } = operations[name];
  if (output === null) {
    if (body !== '') throw new Error(`${name} answered a body where the model has none: ${body}`);
    return;
  }
  const validator = validators.get(name) ?? ajv.compile(toJsonSchema(output));
  validators.set(name, validator);
  if (!validator(JSON.parse(body))) throw new Error(`${name} answered ${body}: ${ajv.errorsText(validator.errors)}`);
}

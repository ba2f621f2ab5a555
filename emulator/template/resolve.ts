/** The values of `Ref` and `Fn::GetAtt` for a resource. */
export interface Created {
  ref: string;
  attributes: Record<string, string>;
}

export interface Scope {
  /** Values of `AWS::…` pseudo parameters. */
  pseudo: Record<string, string>;
  /** The resource with this logical id, which is created if it does not exist yet. */
  resource(logicalId: string): Promise<Created>;
}

type Intrinsic = (argument: unknown, scope: Scope) => Promise<unknown>;

const intrinsics = new Map(
  Object.entries<Intrinsic>({
    Ref: async (name, scope) => reference(text(name, 'Ref'), scope),
    'Fn::GetAtt': async (path, scope) => {
      const [logicalId, attribute] = list(typeof path === 'string' ? splitOnce(path) : path, 'Fn::GetAtt');
      return attributeOf(text(logicalId, 'Fn::GetAtt'), text(attribute, 'Fn::GetAtt'), scope);
    },
    'Fn::Sub': substitute,
    'Fn::Join': async (argument, scope) => {
      const [separator, parts] = list(await resolve(argument, scope), 'Fn::Join');
      return list(parts, 'Fn::Join').map(String).join(text(separator, 'Fn::Join'));
    },
    'Fn::Select': async (argument, scope) => {
      const [index, values] = list(await resolve(argument, scope), 'Fn::Select');
      const selected = list(values, 'Fn::Select')[Number(index)];
      if (selected === undefined) throw new Error(`Fn::Select finds nothing at ${index} of ${JSON.stringify(values)}`);
      return selected;
    },
    'Fn::Split': async (argument, scope) => {
      const [separator, whole] = list(await resolve(argument, scope), 'Fn::Split');
      return text(whole, 'Fn::Split').split(text(separator, 'Fn::Split'));
    },
  }),
);

/**
 * Resolves the intrinsic functions in a value of a template, strictly one after the other. Otherwise, resources that refer to each other
 * would wait for each other forever and would not be reported.
 * @throws Error that names a function that is not supported, or a name that the template does not have
 */
export async function resolve(value: unknown, scope: Scope): Promise<unknown> {
  if (Array.isArray(value)) return inTurn(value, (each) => resolve(each, scope));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [name, argument] = entries.length === 1 ? (entries[0] ?? []) : [];
  if (name !== undefined && (name === 'Ref' || name.startsWith('Fn::'))) {
    const intrinsic = intrinsics.get(name);
    if (!intrinsic) throw new Error(`${name} is not supported`);
    return intrinsic(argument, scope);
  }
  return Object.fromEntries(await inTurn(entries, async ([key, each]) => [key, await resolve(each, scope)]));
}

async function inTurn<Item, Result>(
  items: Item[],
  work: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (const [index, item] of items.entries()) results.push(await work(item, index));
  return results;
}

async function reference(name: string, scope: Scope): Promise<string> {
  return (Object.hasOwn(scope.pseudo, name) ? scope.pseudo[name] : undefined) ?? (await scope.resource(name)).ref;
}

async function attributeOf(logicalId: string, attribute: string, scope: Scope): Promise<string> {
  const { attributes } = await scope.resource(logicalId);
  const value = Object.hasOwn(attributes, attribute) ? attributes[attribute] : undefined;
  if (value === undefined) throw new Error(`${logicalId} has no attribute "${attribute}" here`);
  return value;
}

async function substitute(argument: unknown, scope: Scope): Promise<string> {
  const [pattern, given] = Array.isArray(argument) ? argument : [argument, {}];
  const names = new Map(Object.entries(Object(await resolve(given, scope))));
  const partOf = async (name: string) => {
    if (name.startsWith('!')) return `\${${name.slice(1)}}`;
    if (names.has(name)) return String(names.get(name));
    return name.includes('.') ? attributeOf(...splitOnce(name), scope) : reference(name, scope);
  };
  const parts = text(pattern, 'Fn::Sub').split(/\$\{([^}]*)\}/);
  return (await inTurn(parts, async (part, index) => (index % 2 === 0 ? part : partOf(part)))).join('');
}

function splitOnce(path: string): [string, string] {
  const [first = '', ...rest] = path.split('.');
  return [first, rest.join('.')];
}

function text(value: unknown, of: string): string {
  if (typeof value !== 'string') throw new Error(`${of} needs a string, but has ${JSON.stringify(value)}`);
  return value;
}

function list(value: unknown, of: string): unknown[] {
  if (!Array.isArray(value)) throw new Error(`${of} needs a list, but has ${JSON.stringify(value)}`);
  return value;
}

import { OPTION_TYPES } from './options.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The error for `npm start --once`, in which `--` is missing. npm then treats the options as its own and passes them on only as variables
 * (`npm_config_once=true`), so the stack would ignore them.
 *
 * npm does not know which of the options have a value. It passes on `--port=80` as `npm_config_port=80`, but `--port 80` as
 * `npm_config_port=true` and the argument 80.
 *
 * @param args the arguments that npm did not take
 * @returns undefined if npm took no option
 */
export function swallowedOptionsProblem(environment: Environment, args: readonly string[]): string | undefined {
  if (environment.npm_lifecycle_event !== 'start') return undefined;
  const taken = Object.entries(OPTION_TYPES).flatMap(([name, { type }]) => {
    const value = optionValue(name, environment);
    return value === undefined ? [] : [{ name, takesValue: type === 'string', value }];
  });
  if (taken.length === 0) return undefined;
  const [value = 'VALUE'] = args;
  const withoutValue = taken.filter(({ takesValue, value }) => takesValue && value === 'true');
  const isClear = withoutValue.length === 1 && args.length === 1;
  const written = taken.map((option) => {
    if (!option.takesValue) return `--${option.name}`;
    if (option.value !== 'true') return `--${option.name} ${option.value}`;
    return `--${option.name} ${isClear ? value : 'VALUE'}`;
  });
  const rest = isClear || withoutValue.length > 1 ? [] : args;
  const names = taken.map(({ name }) => `--${name}`).join(', ');
  return `npm does not pass on ${names} without "--". Use:\n  npm start -- ${[...written, ...rest].join(' ')}`;
}

/** npm understands `--no-build` as `--build` with the value false, which it passes on as an empty variable. */
function optionValue(name: string, environment: Environment): string | undefined {
  const positive = name.replace(/^no-/, '');
  const value = environment[`npm_config_${positive.replaceAll('-', '_')}`];
  if (positive === name) return value === '' || value === 'false' ? undefined : value;
  return value === '' || value === 'false' ? 'true' : undefined;
}

const patterns = new Map<string, RegExp>();

/** `*` matches any text, and `?` any one character: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html */
export function matchesWildcards(text: string, pattern: string): boolean {
  const compiled = patterns.get(pattern) ?? compile(pattern);
  patterns.set(pattern, compiled);
  return compiled.test(text);
}

function compile(pattern: string): RegExp {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's');
}

const ARN_PARTS = 6;

/**
 * "Each of the six colon-delimited components of the ARN is checked separately and each can include multi-character match wildcards (*) or
 * single-character match wildcards (?)." https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN
 */
export function matchesArn(arn: string, pattern: string): boolean {
  const [parts, wanted] = [partsOf(arn), partsOf(pattern)];
  return parts.length === wanted.length && wanted.every((part, index) => matchesWildcards(parts[index] ?? '', part));
}

function partsOf(arn: string): string[] {
  const parts = arn.split(':');
  return [
    ...parts.slice(0, ARN_PARTS - 1),
    ...(parts.length < ARN_PARTS ? [] : [parts.slice(ARN_PARTS - 1).join(':')]),
  ];
}

/** The domains of AWS's own endpoints in all partitions, including VPC endpoints and dual-stack endpoints: `partitions.json` of the SDK. */
const AWS_DOMAINS = [
  'amazonaws.com',
  'amazonaws.com.cn',
  'amazonaws.eu',
  'api.aws',
  'api.amazonwebservices.com.cn',
  'api.amazonwebservices.eu',
  'c2s.ic.gov',
  'sc2s.sgov.gov',
  'cloud.adc-e.uk',
  'csp.hci.ic.gov',
  'api.aws.ic.gov',
  'api.aws.scloud',
  'api.aws.hci.ic.gov',
  'api.cloud-aws.adc-e.uk',
];

/** Whether a host belongs to AWS. All other hosts are emulators, or gateways in front of AWS. */
export function isAwsHost(hostname: string): boolean {
  return AWS_DOMAINS.some((domain) => hostname.endsWith(`.${domain}`));
}

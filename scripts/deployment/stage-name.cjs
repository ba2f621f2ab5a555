/**
 * `serverless.yml` reads this file as a variable. The framework checks the stage at each of the many places where `serverless.yml` uses it,
 * reports all of them before it loads the plugin, and names no remedy. This file therefore ends the command with a one-line message if the
 * framework would refuse the stage. The plugin checks everything else about the stage (check-configuration.ts).
 *
 * CommonJS, because the framework loads variables with `require`.
 */
module.exports = ({ options: { stage } }) => {
  if (stage === undefined || stage === '' || /^[A-Za-z0-9-]+$/.test(stage)) return {};
  const usable =
    stage
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replaceAll(/^-|-$/g, '') || 'prod';
  console.error(`stage is ${stage}: only a-z, 0-9 and - are allowed: use --stage ${usable}`);
  process.exit(1);
};

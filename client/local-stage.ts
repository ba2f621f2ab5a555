/** The stage that `npm start` and `greenroom dev` run. All other stages are on AWS, and use the usual environment of AWS's SDKs. */
export const LOCAL_STAGE = 'local';

/** The region of that stage, unless its file `.greenroom/stack.json` specifies another one. */
export const LOCAL_REGION = 'eu-west-1';

/** The stage that `npm start` runs. All other stages are on AWS, and use the usual environment of AWS's SDKs. */
export const LOCAL_STAGE = 'local';

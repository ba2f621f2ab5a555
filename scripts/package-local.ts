/** `prepack`: packages the stage `local`, so that the package of this project contains the functions that `greenroom dev` runs. */
import { makePackage } from '../local/start/make-package.ts';

await makePackage(process.cwd(), new AbortController().signal);

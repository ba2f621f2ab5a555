import * as z from 'zod';

/** The command line passes strings, and serverless.yml passes numbers. */
export const number = z.union([z.number(), z.string().regex(/^\d+(\.\d+)?$/)]).transform(Number);
export const positive = number.pipe(z.number().positive());
export const whole = (least: number, most: number) => number.pipe(z.int().min(least).max(most));
export const trueOrFalse = z.union([z.boolean(), z.enum(['true', 'false'])]);
export const noneOr = (form: RegExp) => z.union([z.literal(''), z.string().regex(form)]);
export const asText = z.union([z.number(), z.string()]).transform(String);

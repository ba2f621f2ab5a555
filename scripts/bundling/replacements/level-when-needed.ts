import { createRequire } from 'node:module';

/**
 * Replaces the class in `level`, which loads `classic-level` immediately. Part of `classic-level` is not JavaScript, so `classic-level` cannot be
 * bundled. It is needed only for data that is kept in a directory. dynalite calls this function with `new`, and gets the database.
 */
export function Level(path: string, options: object): object {
  const { ClassicLevel }: { ClassicLevel: new (path: string, options: object) => object } = createRequire(
    import.meta.url,
  )('classic-level');
  return new ClassicLevel(path, options);
}

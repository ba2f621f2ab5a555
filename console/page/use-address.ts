import { useCallback } from 'preact/hooks';
import { useLocation } from 'preact-iso';

/** What a person would want to find again after a reload: the part of the address after the question mark. */
export interface Address {
  /** A value that is not in the address is ''. */
  get(name: string): string;
  /** The address with other values; '' removes one. */
  with(changes: Record<string, string>): string;
  /** Goes to this address. @param isNew whether Back returns to the present one */
  change(changes: Record<string, string>, isNew?: boolean): void;
}

export function useAddress(): Address {
  const { path, query, route } = useLocation();
  const next = (changes: Record<string, string>) => {
    const values = Object.entries({ ...query, ...changes }).filter(([, value]) => value !== '');
    return values.length === 0 ? path : `${path}?${new URLSearchParams(values)}`;
  };
  const change = useCallback(
    (changes: Record<string, string>, isNew = true) => route(next(changes), !isNew),
    [path, query],
  );
  return { get: (name) => query[name] ?? '', with: next, change };
}

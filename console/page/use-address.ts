import { useCallback } from 'preact/hooks';
import { useLocation } from 'preact-iso';

/** The query of the address, which keeps what the user wants to find again after a reload. */
export interface Address {
  /** Returns '' for a value that is not in the address. */
  get(name: string): string;
  /** The address with other values; '' removes one. */
  with(changes: Record<string, string>): string;
  /** Goes to the address with these values. @param isNew whether Back returns to the present address */
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

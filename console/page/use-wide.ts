import { useEffect, useState } from 'preact/hooks';

/** Whether the window has at least this many pixels of width. */
export function useWide(pixels: number): boolean {
  const [query] = useState(() => window.matchMedia(`(min-width: ${pixels}px)`));
  const [isWide, setWide] = useState(query.matches);
  useEffect(() => {
    const note = () => setWide(query.matches);
    query.addEventListener('change', note);
    return () => query.removeEventListener('change', note);
  }, [query]);
  return isWide;
}

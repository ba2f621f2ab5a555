import { useEffect, useState } from 'preact/hooks';

/** Whether the window has at least this many pixels of width. */
export function useWide(pixels: number): boolean {
  return useMedia(`(min-width: ${pixels}px)`);
}

/** Whether a media query applies now. */
export function useMedia(text: string): boolean {
  const [query] = useState(() => window.matchMedia(text));
  const [applies, setApplies] = useState(query.matches);
  useEffect(() => {
    const note = () => setApplies(query.matches);
    query.addEventListener('change', note);
    return () => query.removeEventListener('change', note);
  }, [query]);
  return applies;
}

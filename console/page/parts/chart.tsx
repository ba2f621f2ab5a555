import { useEffect, useRef } from 'preact/hooks';
import UPlot from 'uplot';
import { useMedia } from '../use-media.ts';

export interface Series {
  label: string;
  /** One value for each time; null if there is no value. */
  values: (number | null)[];
  /** The number of the colour in the style sheet, from 1. */
  colour: number;
  isDashed?: boolean;
}

const HEIGHT = 180;

/**
 * Lines over time. Screen readers read only the label, so it must contain the most important figures. A table beside the chart contains all
 * of them.
 */
export function Chart({ timesMs, series, label }: { timesMs: readonly number[]; series: Series[]; label: string }) {
  const place = useRef<HTMLDivElement>(null);
  const names = series.map(({ label: name }) => name).join('\n');
  const plot = useRef<UPlot>(undefined);
  const isDark = useMedia('(prefers-color-scheme: dark)');
  const data: UPlot.AlignedData = [timesMs.map((ms) => ms / 1000), ...series.map(({ values }) => values)];
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const made = new UPlot(optionsFor(element, series), data, element);
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: HEIGHT }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
    };
    // New values of the same series are drawn by setData below.
  }, [names, isDark]);
  useEffect(() => plot.current?.setData(data));
  return (
    <figure class="chart">
      <div ref={place} role="img" aria-label={label} />
      <figcaption>
        {series.map(({ label: name, colour, isDashed }) => (
          <span key={name} class={`key colour-${colour} ${isDashed ? 'dashed' : ''}`}>
            {name}
          </span>
        ))}
      </figcaption>
    </figure>
  );
}

function optionsFor(element: HTMLElement, series: Series[]): UPlot.Options {
  const colourOf = readColours(element);
  const axis = {
    stroke: colourOf('--faint'),
    font: '12px system-ui, sans-serif',
    grid: { stroke: colourOf('--line'), width: 1 },
    ticks: { show: false },
  };
  return {
    width: element.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    scales: { y: { range: (_plot, _min, max) => [0, Math.max(1, max * 1.1)] } },
    axes: [
      { ...axis, space: 70, values: (_plot, seconds) => seconds.map(clockText) },
      { ...axis, size: 36 },
    ],
    series: [
      {},
      ...series.map(({ label, colour, isDashed }) => ({
        label,
        stroke: colourOf(`--colour-${colour}`),
        width: 2,
        points: { show: false },
        ...(isDashed && { dash: [6, 4] }),
      })),
    ],
  };
}

/** The time of day, without a date. */
function clockText(seconds: number): string {
  return new Date(seconds * 1000).toLocaleTimeString('en-GB');
}

/** A canvas needs resolved colours, and the value of a custom property is not resolved. */
function readColours(element: HTMLElement): (name: string) => string {
  return (name) => {
    const probe = element.appendChild(document.createElement('span'));
    probe.style.color = `var(${name})`;
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  };
}

/** Announces at once why a call failed. Shows nothing if there is no reason. */
export function Failure({ problem }: { problem: string | undefined }) {
  if (problem === undefined) return null;
  return (
    <p class="trouble" role="alert">
      {problem}
    </p>
  );
}

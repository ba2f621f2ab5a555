/** Why a call failed, announced at once. Nothing is shown without a reason. */
export function Failure({ problem }: { problem: string | undefined }) {
  if (problem === undefined) return null;
  return (
    <p class="trouble" role="alert">
      {problem}
    </p>
  );
}

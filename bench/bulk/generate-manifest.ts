/** A CSV file of `rows` rows, each for a different room of a large festival. */
export function generateManifest(rows: number): string {
  const lines = ['key,name,tenant,maximumMessageRatePerSecond,maximumMessageLength,tag:stage,tag:day,tag:language'];
  for (let row = 0; row < rows; row++) {
    const [stage, day, language] = [row % 97, row % 14, LANGUAGES[row % LANGUAGES.length]];
    lines.push(`festival/${row},festival-${row},tenant-${row % 7},25,200,Stage ${stage},Day ${day},${language}`);
  }
  return lines.join('\n');
}

const LANGUAGES = ['Español', 'Français', 'Italiano', 'Polski', 'Svenska', 'English'];

/** Makes a program believe that its output is a terminal of 80 columns: `node --import tests/support/narrow-terminal.js PROGRAM`. */
for (const stream of [process.stdout, process.stderr]) Object.assign(stream, { isTTY: true, columns: 80 });

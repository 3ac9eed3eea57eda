// node rhubarb.mjs MODULE PCM ANSWER: 16-bit mono 16 kHz PCM in, a JSON list of {start, end, value} out.
import { readFileSync, writeFileSync } from "node:fs";

const [module, pcm, answer] = process.argv.slice(2);
const { Rhubarb } = await import(module);
const { mouthCues } = await Rhubarb.getLipSync(readFileSync(pcm));
writeFileSync(answer, JSON.stringify(mouthCues));
process.exit(0);

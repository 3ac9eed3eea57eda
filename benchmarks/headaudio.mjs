// node headaudio.mjs PACKAGE PCM RATE OUT: HeadAudio's own processor and animation on a recording, without a browser.
// Writes float32 rows of 15 viseme weights, one every 10 ms, each as an avatar would show it at that moment.

import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [folder, pcm, rateText, out] = process.argv.slice(2);
const rate = Number(rateText);
const STEP_MS = 10;

// What a browser would give: the node is only a mail box here, and the model lies on disk.
globalThis.AudioWorkletNode = class {
  constructor() {
    this.port = { onmessage: null, postMessage: () => {} };
    this.parameters = new Map();
  }
};
globalThis.fetch = async (file) => {
  const bytes = fs.readFileSync(file);
  return { ok: true, arrayBuffer: async () => bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) };
};

const load = (name) => import(pathToFileURL(path.join(folder, "modules", name)).href);
const { HeadAudio } = await load("headaudio.mjs");
const { Processor } = await load("processor.mjs");

const node = new HeadAudio(null);
const post = (message) => {
  node._onmessage({ data: message });
  // The node takes viseme 0 (aa) for none; its author can hardly have meant that, so it is let through.
  if (message.event === "viseme" && message.viseme === 0) node.visemeActive = 0;
};
const processor = new Processor({ sampleRate: rate }, { port: { onmessage: null, postMessage: post } });
node.port.postMessage = (message) => processor._onmessage({ data: message });
await node.loadModel(path.join(folder, "dist", "model-en-mixed.bin"));

const bytes = fs.readFileSync(pcm);
const samples = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
const step = (rate * STEP_MS) / 1000;
const rows = Math.ceil(samples.length / step);
const table = new Float32Array(rows * node.nVisemes);
for (let row = 0; row < rows; row++) {
  processor.process(samples.subarray(Math.round(row * step), Math.round((row + 1) * step)));
  node.update(STEP_MS);
  for (let i = 0; i < node.nVisemes; i++) {
    table[row * node.nVisemes + i] = node.visemeMaxs[i] * node.easing(node.visemeAlphas[i]) * (node.visemeAlphas[i] > 0);
  }
}
fs.writeFileSync(out, Buffer.from(table.buffer));

// Reads face.fbx with three.js's FBXLoader and notes the keys of every morph target.
import { readFileSync, writeFileSync } from "node:fs";
import { FBXLoader } from "three/examples/jsm/loaders/FBXLoader.js";

const file = readFileSync(new URL("face.fbx", import.meta.url));
const scene = new FBXLoader().parse(file.buffer.slice(file.byteOffset, file.byteOffset + file.length), "");
const meshes = {};
scene.traverse((thing) => {
  if (thing.morphTargetDictionary) meshes[thing.name] = thing.morphTargetDictionary;
});
const clips = scene.animations.map((clip) => ({
  name: clip.name,
  tracks: clip.tracks.map((track) => ({ name: track.name, times: [...track.times], values: [...track.values] })),
}));
writeFileSync(new URL("opened.json", import.meta.url), JSON.stringify({ meshes, clips }));

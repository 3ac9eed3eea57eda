// Opens line.vrma of its own folder with three-vrm, which must be there too, and notes the tracks it makes of it.
import fs from "fs";

const folder = import.meta.dirname;
globalThis.self = globalThis;
globalThis.ProgressEvent = class {};
const { GLTFLoader } = await import("three/examples/jsm/loaders/GLTFLoader.js");
const { VRMAnimationLoaderPlugin } = await import("@pixiv/three-vrm-animation");
const loader = new GLTFLoader();
loader.register((parser) => new VRMAnimationLoaderPlugin(parser));
const { buffer, byteOffset, byteLength } = fs.readFileSync(`${folder}/line.vrma`);
const content = buffer.slice(byteOffset, byteOffset + byteLength);
const opened = await new Promise((done, fail) => loader.parse(content, "", done, fail));
const [animation] = opened.userData.vrmAnimations;
const noted = { preset: {}, custom: {}, turns: [], times: [] };
for (const kind of ["preset", "custom"]) {
  for (const [name, track] of animation.expressionTracks[kind]) {
    noted[kind][name] = [...track.values];
    noted.times = [...track.times];
  }
}
noted.turns = [...animation.humanoidTracks.rotation.get("head").values];
fs.writeFileSync(`${folder}/opened.json`, JSON.stringify(noted));

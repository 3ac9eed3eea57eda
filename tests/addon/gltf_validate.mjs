// Prints what Khronos' validator finds in the file that is named, with all that lies beside it.
import { readFileSync } from "node:fs";
import validator from "gltf-validator";

const file = process.argv[2];
const report = await validator.validateBytes(new Uint8Array(readFileSync(file)), {
  uri: file,
  externalResourceFunction: async (uri) => new Uint8Array(readFileSync(decodeURIComponent(uri))),
});
process.stdout.write(JSON.stringify(report.issues));

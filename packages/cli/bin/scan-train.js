#!/usr/bin/env node
// Old syntax on purpose, and no import before the check: an old Node must get as far as the sentence.
var have = process.versions.node.split(".");
var major = Number(have[0]);

if (major < 20 || (major === 20 && Number(have[1]) < 19)) {
  console.error(
    "scan-train needs Node 20.19 or newer, and this is Node " +
      process.versions.node +
      "; please install a newer one (https://nodejs.org) and try again.",
  );
  process.exitCode = 1;
} else {
  import("../dist/main.js")
    .then(function (program) {
      return program.main(process.argv.slice(2));
    })
    .then(
      function (code) {
        process.exitCode = code;
      },
      function (error) {
        var unbuilt =
          error.code === "ERR_MODULE_NOT_FOUND" && /dist[\\/]main\.js'/.test(error.message);
        console.error(
          unbuilt
            ? "scan-train is not built yet; run `npm run setup && npm run build` first."
            : "scan-train could not start: " + error.message,
        );
        process.exitCode = 1;
      },
    );
}

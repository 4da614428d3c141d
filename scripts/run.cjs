// Every npm script starts here. Old syntax on purpose: an old Node must get as far as the sentence.
"use strict";
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
  import("./tasks.mjs")
    .then(function (tasks) {
      return tasks.runTask(process.argv[2], process.argv.slice(3));
    })
    .catch(function (error) {
      console.error(error.expected ? error.message : error);
      process.exitCode = 1;
    });
}

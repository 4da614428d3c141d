"use strict";
// What piscina loads in a thread. It requires its file, and Node 20 aborts the whole process when a thread is ended while it requires
// an ES module; a module that a CommonJS file imports may be interrupted.
const loaded = import("./dist/worker.js");
loaded.catch(() => undefined);
exports.run = async (task) => (await loaded).run(task);
exports.arrive = async (call) => (await loaded).arrive(call);

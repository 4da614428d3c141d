/** The interpreter of loop programs as a device: the meaning of all others, and a device of a few lines. */
import {
  evaluateSize,
  interpret,
  type Buffer,
  type Device,
  type DeviceArray,
  type DeviceBackend,
  type DeviceData,
  type DeviceProgram,
} from "@scan-train/core/backend-kit";

class HostArray implements DeviceArray {
  data: DeviceData;

  constructor(data: DeviceData) {
    this.data = data.slice();
  }
  write(data: DeviceData): void {
    this.data = data.slice();
  }
  read(): Promise<DeviceData> {
    return Promise.resolve(this.data.slice());
  }
  release(): void {
    this.data = new Int32Array();
  }
}

function load({ program, plan, entries }: DeviceProgram): ReturnType<Device["load"]> {
  // What a call computed, for the entry that keeps it.
  let memory = new Map<Buffer, DeviceData>();
  const bufferOf = (id: number): Buffer => {
    const buffer = program.buffers[id];
    if (buffer === undefined) throw new RangeError(`no buffer ${id}`);
    return buffer;
  };
  return Promise.resolve({
    run: ({ sizes, inputs, shared, entries: which }) => {
      if (which !== "commit") {
        memory = new Map();
        for (const buffer of program.buffers)
          if (buffer.role === "output" || buffer.role === "temporary") {
            const length = evaluateSize(buffer.size, sizes);
            const isFloat = buffer.type === "f32";
            const fresh = isFloat ? new Float32Array(length).fill(NaN) : new Int32Array(length);
            memory.set(buffer, fresh);
          }
        plan.inputs.forEach(({ buffer }, i) =>
          memory.set(bufferOf(buffer), inputs[i] ?? new Int32Array()),
        );
      }
      plan.shared.forEach(({ buffer }, i) => {
        const array = shared[i];
        if (array instanceof HostArray) memory.set(bufferOf(buffer), array.data);
      });
      const call = { sizes, buffers: memory };
      const status = which === "commit" ? 0 : interpret(program, call, entries.run);
      if (status === 0 && which !== "run") interpret(program, call, entries.commit);
      const outputs = plan.outputs.map(
        ({ buffer }) => memory.get(bufferOf(buffer))?.slice() ?? new Int32Array(),
      );
      return Promise.resolve({ status, outputs });
    },
    scratchBytes: (sizes) =>
      program.buffers.reduce((n, { size }) => n + 4 * evaluateSize(size, sizes), 0),
    explain: () => "interpreted",
    dispose: () => memory.clear(),
  });
}

export const interpreter: DeviceBackend = {
  name: "interpreter",
  calls: "async",
  isLost: false,
  device: {
    label: "the interpreter",
    load,
    allocate: (data) => new HostArray(data),
  },
};

// A GPU for tests: the machine's own, else the software adapter that comes with Chromium. On machines without either, tests are
// skipped with the reason; in CI they fail.
import { existsSync } from "node:fs";
import process from "node:process";

const softwareDrivers = [
  "/usr/lib/chromium/vk_swiftshader_icd.json",
  "/usr/lib/chromium-browser/vk_swiftshader_icd.json",
  "/opt/google/chrome/vk_swiftshader_icd.json",
];

/** What `open` gives, or why there is nothing. @throws what `open` throws where a GPU is required */
export async function gpuForTests<G>(open: () => Promise<G>): Promise<G | string> {
  try {
    return await open();
  } catch (error) {
    const driver = softwareDrivers.find((file) => existsSync(file));
    try {
      if (driver === undefined || process.env["VK_ICD_FILENAMES"] !== undefined) throw error;
      process.env["VK_ICD_FILENAMES"] = driver;
      return await open();
    } catch (second) {
      if (process.env["CI"] !== undefined) throw second;
      const reason = second instanceof Error ? second.message : String(second);
      console.warn(`tests on a GPU are skipped: ${reason}`);
      return reason;
    }
  }
}

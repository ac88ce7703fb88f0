// A plugin in JavaScript: counts the boxes of every plan.

import { snapshot } from "conductor:plugin/files@0.1.0";
import { arguments as given } from "conductor:plugin/invocation@0.1.0";

export const plugin = {
  run() {
    let entries;
    try {
      entries = snapshot("conductor", ["**/plan.md"], BigInt(1 << 20));
    } catch (error) {
      const { code, message } = error.payload;
      throw { code, message, hint: undefined, choices: [], details: "" };
    }
    const counts = Object.fromEntries(entries.map(({ path, content }) => [path, count(content.val)]));
    const text = Object.entries(counts).map(([path, boxes]) => ["plain", `${path}: ${boxes} boxes\n`]);
    return { text, json: JSON.stringify({ counts, arguments: JSON.parse(given()) }), plan: undefined };
  },
};

function count(bytes) {
  const lines = new TextDecoder().decode(bytes).split("\n");
  return lines.filter((line) => /^- \[[ x~]\]/.test(line)).length;
}

// What tools answer is the person's part: a field for each call, with something to begin from.

import { make } from "./dom.js";

/** What a tool of the example may answer; others say that it is done. */
const samples = { get_weather: { temperature: 12, unit: "celsius", sky: "cloudy" } };

/**
 * @param calls the calls of an answer
 * @returns an element to show, and the messages that the results make
 */
export function results(calls) {
  const fields = calls.map((call) => make("textarea", {
    rows: 2, spellcheck: "false", "aria-label": `Result of ${call.function.name}`,
  }, JSON.stringify(samples[call.function.name] ?? { result: "done" })));
  const element = make("fieldset", { class: "results" }, make("legend", {}, "The tools' results"),
    ...calls.map((call, place) => make("label", {},
      make("code", {}, `${call.function.name}(${call.function.arguments})`), fields[place])),
    make("button", {}, "Send results"));
  return {
    element,
    messages: () => calls.map((call, place) => ({
      role: "tool", tool_call_id: call.id, content: fields[place].value,
    })),
  };
}

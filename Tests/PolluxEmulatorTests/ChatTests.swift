import Testing

@testable import PolluxEmulator

@Suite("Emulator: servers of Chat Completions (09)")
struct ChatTests {
    static func ask(_ path: String, _ body: String, authorization: String? = "Bearer t") -> Heard {
        Talking().ask("POST", path, body, authorization: authorization)
    }

    static func body(_ more: String = "", _ text: String = "Hello") -> String {
        #"{"model":"m","messages":[{"role":"user","content":"\#(text)"}]\#(more.isEmpty ? "" : ",")\#(more)}"#
    }

    static let tool =
        #""tools":[{"type":"function","function":{"name":"get_weather","parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}}}]"#
    static let vllm = "/vllm/v1/chat/completions"
    static let tgi = "/tgi/v1/chat/completions"

    @Test("All addresses lead to a container")
    func addresses() {
        for path in [
            Self.vllm, Self.tgi, "/v1/chat/completions", "/v1/endpoints/1/chat/completions",
            "/v1beta1/projects/p/locations/l/endpoints/1234/chat/completions",
        ] { #expect(Self.ask(path, Self.body())["choices.0.message.role"] == "assistant") }
        let endpoint = "/v1/projects/p/locations/l/endpoints/1/chat/completions"
        #expect(Self.ask(endpoint, Self.body(), authorization: nil).status == 401)
        #expect(Talking().ask("GET", "/vllm/v1/models")["data.0.id"] == ChatResponder.modelName)
    }

    @Test("vLLM tells what it knows, TGI what it is")
    func dialects() {
        let vllm = Self.ask(Self.vllm, Self.body())
        #expect(vllm["id"]?.hasPrefix("chatcmpl-") == true)
        #expect(vllm["choices.0.stop_reason"] == "null")
        let tgi = Self.ask(Self.tgi, Self.body())
        #expect(tgi["system_fingerprint"] != nil)
        #expect(tgi["id"] == "")
    }

    @Test("A call's arguments are text with vLLM and an object with TGI (SELF-031)")
    func calls() {
        let body = Self.body(Self.tool, "What is the weather in Oslo?")
        let vllm = Self.ask(Self.vllm, body)
        #expect(vllm["choices.0.message.tool_calls.0.function.arguments"] == #"{"city":"Oslo"}"#)
        #expect(vllm["choices.0.finish_reason"] == "tool_calls")
        let tgi = Self.ask(Self.tgi, body)
        #expect(tgi["choices.0.message.tool_calls.0.function.arguments.city"] == "Oslo")
        #expect(tgi["choices.0.message.tool_calls.0.id"] == "0")
        #expect(tgi["choices.0.finish_reason"] == "stop")
        let answered =
            #"{"messages":[{"role":"user","content":"Weather in Oslo?"},{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"get_weather","arguments":"{}"}}]},{"role":"tool","tool_call_id":"a","content":"12"}],\#(Self.tool)}"#
        #expect(Self.ask(Self.vllm, answered)["choices.0.message.content"]?.contains("12") == true)
    }

    @Test("A schema is kept")
    func schema() {
        let format =
            #""response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object","properties":{"n":{"type":"integer"}},"required":["n"]}}}"#
        let text = Self.ask(Self.vllm, Self.body(format))["choices.0.message.content"] ?? ""
        #expect(read(Array(text.utf8), "n").flatMap { Int($0) } != nil)
    }

    @Test("A stream ends with usage when asked for, and with [DONE]")
    func streams() {
        let stream = Self.ask(Self.vllm, Self.body(#""stream":true,"stream_options":{"include_usage":true}"#))
        #expect(stream.text.hasSuffix("data: [DONE]\n\n"))
        #expect(stream.text.contains(#""usage":{"prompt_tokens""#))
        #expect(!Self.ask(Self.tgi, Self.body(#""stream":true"#)).text.contains(#""usage""#))
    }

    @Test("Lengths, stops and several choices")
    func limits() {
        let cut = Self.ask(Self.vllm, Self.body(#""max_tokens":3"#))
        #expect(cut["choices.0.finish_reason"] == "length")
        #expect(cut["usage.completion_tokens"] == "3")
        #expect(Self.ask(Self.vllm, Self.body(#""n":3"#))["choices.2.index"] == "2")
        #expect(Self.ask(Self.tgi, Self.body(#""n":3"#))["choices.1"] == nil)
        let stopped = Self.ask(Self.vllm, Self.body(#""stop":"emulator""#))
        #expect(stopped["choices.0.message.content"] == "This is the Pollux ")
    }

    @Test("Refusals in the form of each server (09 § 6)")
    func refusals() {
        let vllm = Self.ask(Self.vllm, Self.body(#""temperature":-1"#))
        #expect(vllm.status == 400)
        #expect(vllm["error.code"] == "400")
        #expect(vllm["error.type"] == "BadRequestError")
        #expect(Self.ask(Self.vllm, "{}").status == 400)
        #expect(Self.ask(Self.vllm, "{").status == 400)
        #expect(Self.ask(Self.vllm, Self.body(#""max_tokens":99999"#)).status == 400)
        let tgi = Self.ask(Self.tgi, Self.body(#""top_logprobs":6"#))
        #expect(tgi.status == 422)
        #expect(tgi["error_type"] == "validation")
        #expect(Self.ask(Self.tgi, Self.body(#""stop":"x""#)).status == 422)
        #expect(Self.ask(Self.tgi, Self.body(#""temperature":0"#)).status == 422)
        let developer = Self.ask(Self.tgi, #"{"messages":[{"role":"developer","content":"x"}]}"#)
        #expect(developer["error_type"] == "template_error")
    }
}

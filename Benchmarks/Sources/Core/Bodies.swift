/// Requests like those of agents, made from a fixed seed.
struct Bodies {
    private var state: UInt64

    init(seed: UInt64 = 1) { state = seed }

    private static let words = [
        "when", "the", "build", "failed", "and", "retry", "café", "answer", "model", "should", "of", "line", "42",
        "日本語", "file", "see", "changed", "log", "error\\nand", "\\\"main.swift\\\"", "100%", "happened", "short",
    ]

    private mutating func next(below bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % bound
    }

    /// `count` words, escaped as JSON strings are.
    private mutating func text(_ count: Int) -> String {
        (0..<count).map { _ in Self.words[next(below: Self.words.count)] }.joined(separator: " ")
    }

    /// A chat of one question.
    mutating func small() -> [UInt8] {
        let body =
            #"{"model":"gemini-2.5-flash","messages":[{"role":"user","content":"\#(text(20))"}],"temperature":0.2}"#
        return Array(body.utf8)
    }

    /// `turns` steps of a tool loop with 15 tools: about 12 KB with six.
    mutating func agent(turns: Int, tools: Int = 15) -> [UInt8] {
        var messages = [#"{"role":"system","content":"\#(text(120))"}"#, #"{"role":"user","content":"\#(text(40))"}"#]
        for turn in 0..<turns {
            let inner = #"{\"city\": \"Lisbon\", \"days\": \#(turn), \"note\": \"a \\\"quoted\\\" note\"}"#
            messages.append(
                #"{"role":"assistant","content":null,"tool_calls":[{"id":"call_\#(turn)","type":"function","function":{"name":"get_weather","arguments":"\#(inner)"}}]}"#
            )
            let result = #"{\"temperature\": [21.5, 22, 19.25], \"summary\": \"42 of caf\\u00e9\", \"ok\": true}"#
            messages.append(#"{"role":"tool","tool_call_id":"call_\#(turn)","content":"\#(result)"}"#)
            messages.append(#"{"role":"user","content":"\#(text(30))"}"#)
        }
        let declared = (0..<tools).map { index in
            let name = index == 0 ? "get_weather" : "tool_\(index)"
            return
                #"{"type":"function","function":{"name":"\#(name)","description":"\#(text(20))","parameters":{"type":"object","properties":{"city":{"type":"string","description":"Name of the city"},"days":{"type":"integer","minimum":1,"maximum":14},"units":{"type":"string","enum":["metric","imperial"]},"tags":{"type":"array","items":{"type":"string"}}},"required":["city"]}}}"#
        }
        let body =
            #"{"model":"gemini-2.5-flash","stream":false,"messages":[\#(messages.joined(separator: ","))],"tools":[\#(declared.joined(separator: ","))],"tool_choice":"auto","temperature":0.2}"#
        return Array(body.utf8)
    }

    /// An answer with one call.
    static let answer = Array(
        #"{"candidates":[{"content":{"role":"model","parts":[{"functionCall":{"name":"get_weather","args":{"city":"Oslo","days":3}},"thoughtSignature":"QUJDREVGR0g="}]},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":1200,"candidatesTokenCount":20,"totalTokenCount":1220},"modelVersion":"gemini-2.5-flash","responseId":"r1"}"#
            .utf8)

    /// One event of a stream.
    static let event = Array(
        #"{"candidates":[{"content":{"parts":[{"text":"It rains in Oslo, as it mostly does. "}],"role":"model"},"index":0}],"usageMetadata":{"promptTokenCount":12,"totalTokenCount":12},"modelVersion":"gemini-2.5-flash","responseId":"r1"}"#
            .utf8)
}

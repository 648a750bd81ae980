/// Requests and answers as they come, made from a fixed seed.
struct Bodies {
    /// A kind of request, made only where it is measured.
    struct Body: Sendable {
        let name: String
        let make: @Sendable () -> [UInt8]
    }

    static let all = [
        Body(name: "small") { small() }, Body(name: "agent") { agent(turns: 6) },
        Body(name: "agent24") { agent(turns: 24) }, Body(name: "long") { long() }, Body(name: "image") { image() },
    ]

    private var state: UInt64

    private init(seed: UInt64 = 1) { state = seed }

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
    static func small() -> [UInt8] {
        var bodies = Bodies()
        let body =
            #"{"model":"gemini-2.5-flash","messages":[{"role":"user","content":"\#(bodies.text(20))"}],"temperature":0.2}"#
        return Array(body.utf8)
    }

    /// `turns` steps of a tool loop with 15 tools: about 12 KB with six.
    static func agent(turns: Int, tools: Int = 15) -> [UInt8] {
        var bodies = Bodies()
        return bodies.agent(turns, tools)
    }

    private mutating func agent(_ turns: Int, _ tools: Int) -> [UInt8] {
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

    /// One text of 400 KB, a third of it not ASCII.
    static func long() -> [UInt8] {
        var bodies = Bodies()
        let sentence = #"「東京の天気は晴れです」, said the café’s owner; \"it seldom rains\" there.\n"#
        var text = ""
        while text.utf8.count < 400_000 { text += sentence + bodies.text(12) + " " }
        return Array(#"{"model":"gemini-2.5-flash","messages":[{"role":"user","content":"\#(text)"}]}"#.utf8)
    }

    /// A picture of 3 MB as 4 MB of base64.
    static func image() -> [UInt8] {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var bytes = Array(
            #"{"model":"gemini-2.5-flash","messages":[{"role":"user","content":[{"type":"text","text":"What is it?"},{"type":"image_url","image_url":{"url":"data:image/png;base64,"#
                .utf8)
        for index in 0..<4 << 20 { bytes.append(alphabet[index &* 31 & 63]) }
        return bytes + Array(#""}}]}]}"#.utf8)
    }

    /// `events` events of a stream, as Google frames them.
    static func stream(events: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        for _ in 0..<events { bytes += Array("data: ".utf8) + event + Array("\r\n\r\n".utf8) }
        return bytes
    }

    /// A tool's parameters, with members that Gemini does not take.
    static let schema = Array(
        #"{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","properties":{"city":{"type":"string","description":"Name of the city","title":"City"},"days":{"type":"integer","minimum":1,"maximum":14,"default":3},"units":{"anyOf":[{"type":"string","enum":["metric","imperial"]},{"type":"null"}]},"tags":{"type":"array","items":{"type":"string"},"maxItems":8}},"required":["city"],"additionalProperties":false}"#
            .utf8)

    /// An answer with one text.
    static let textAnswer = Array(
        #"{"candidates":[{"content":{"role":"model","parts":[{"text":"It rains in Oslo, as it mostly does. Take an umbrella, and \"good\" shoes."}]},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":12,"candidatesTokenCount":20,"totalTokenCount":32},"modelVersion":"gemini-2.5-flash","responseId":"r1"}"#
            .utf8)

    /// An answer with one call.
    static let callAnswer = Array(
        #"{"candidates":[{"content":{"role":"model","parts":[{"functionCall":{"name":"get_weather","args":{"city":"Oslo","days":3}},"thoughtSignature":"QUJDREVGR0g="}]},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":1200,"candidatesTokenCount":20,"totalTokenCount":1220},"modelVersion":"gemini-2.5-flash","responseId":"r1"}"#
            .utf8)

    /// One event of a stream.
    static let event = Array(
        #"{"candidates":[{"content":{"parts":[{"text":"It rains in Oslo, as it mostly does. "}],"role":"model"},"index":0}],"usageMetadata":{"promptTokenCount":12,"totalTokenCount":12},"modelVersion":"gemini-2.5-flash","responseId":"r1"}"#
            .utf8)
}

import Testing

@testable import PolluxEmulator

@Suite("Emulator: requests changed by chance")
struct MutationTests {
    /// Requests that hold a little of everything.
    static let bodies = [
        says(
            "Weather in Paris?",
            #""tools":[\#(weatherTool),{"googleSearch":{}}],"toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["get_weather"]}},"generationConfig":{"temperature":1.5,"topK":3,"candidateCount":1,"thinkingConfig":{"includeThoughts":true,"thinkingLevel":"LOW"}}"#
        ),
        #"{"contents":[{"role":"user","parts":[{"text":"a"},{"inlineData":{"mimeType":"image/png","data":"iVBORw0K"}}]},{"role":"model","parts":[{"functionCall":{"name":"f","args":{"x":[1,{"y":null}]}},"thoughtSignature":"c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I="}]},{"role":"user","parts":[{"functionResponse":{"name":"f","response":{"r":1}}}]}],"safetySettings":[{"category":"HARM_CATEGORY_HARASSMENT","threshold":"BLOCK_NONE"}]}"#,
        says(
            "JSON [[emulate: finish=SAFETY]]",
            config:
                #"{"responseMimeType":"application/json","responseSchema":{"type":"OBJECT","properties":{"a":{"type":"ARRAY","items":{"type":"STRING","enum":["x","y"]},"minItems":2},"b":{"anyOf":[{"type":"INTEGER"},{"type":"NULL"}]}},"required":["a"],"propertyOrdering":["b","a"]},"stopSequences":["x"],"responseLogprobs":true,"logprobs":3}"#
        ),
    ]

    @Test("Three thousand mutated requests: each is answered or refused, none ends the emulator")
    func mutations() {
        var mutator = Mutator(seed: 7)
        for index in 0..<3000 {
            let body = mutator.mutate(Array(Self.bodies[index % Self.bodies.count].utf8))
            let asking = index.isMultiple(of: 2) ? Asking.vertex : .developer
            let heard =
                index.isMultiple(of: 3)
                ? asking.with(model: "gemini-3-flash-preview").ask(body) : asking.ask(body)
            #expect(heard.status == 200 || heard.status == 400, "\(String(decoding: body, as: UTF8.self))")
            if heard.status == 200 { #expect(read(heard.bytes, "usageMetadata") != nil) }
        }
    }
}

/// Changes requests: bytes, tokens and whole values.
struct Mutator {
    private var chance: Chance

    init(seed: UInt64) { chance = Chance(seed) }

    private static let values = [
        "null", "true", "-1", "0", "1e999", "99999999999999999999", "\"\"", "\"x\"", "[]", "{}", "[[]]", "{\"a\":1}",
        "\"\\ud83d\\ude00\"", "\"NaN\"", "1.5", "[null]",
    ].map { Array($0.utf8) }

    mutating func mutate(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0...chance.below(3) {
            switch chance.below(4) {
            case 0: bytes[chance.below(bytes.count)] = UInt8(truncatingIfNeeded: chance.next())
            case 1: bytes.removeLast(chance.below(min(bytes.count - 1, 20)))
            default: replaceValue(&bytes)
            }
        }
        return bytes
    }

    /// Puts another value behind one of the colons.
    private mutating func replaceValue(_ bytes: inout [UInt8]) {
        let colons = bytes.indices.filter { bytes[$0] == UInt8(ascii: ":") }
        guard !colons.isEmpty else { return }
        let start = colons[chance.below(colons.count)] + 1
        var end = start
        var depth = 0
        while end < bytes.count {
            switch bytes[end] {
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            default: break
            }
            if depth < 0 || depth == 0 && bytes[end] == UInt8(ascii: ",") { break }
            end += 1
        }
        bytes.replaceSubrange(start..<end, with: Self.values[chance.below(Self.values.count)])
    }
}

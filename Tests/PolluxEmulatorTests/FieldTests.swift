import Testing

@testable import PolluxEmulator

@Suite("Emulator: fields of a request")
struct FieldTests {
    @Test("Every message that a table refers to is defined in it")
    func tables() {
        for table in [FieldTable.vertex, FieldTable.developer] {
            #expect(table.messages.filter { !$0.isDefined }.map(\.name) == [])
            #expect(table.messages.count > 30)
            #expect(table.index(of: "GenerateContentRequest") != nil)
            #expect(table.messages.allSatisfy { $0.fields.count <= 64 })
        }
    }

    static let accepted: [(Asking, String)] = [
        (.vertex, says("a", #""labels":{"team":"x"}"#)),
        (.vertex, says("a", #""generation_config":{"top_p":0.5,"max_output_tokens":"100","top_k":"40"}"#)),
        (.developer, says("a", config: #"{"topP":0.5,"maxOutputTokens":20.0,"seed":null}"#)),
        (.developer, says("a", config: #"{"responseModalities":["text"],"mediaResolution":2}"#)),
        (.developer, #"{"contents":{"parts":{"text":"lone values count as arrays"}}}"#),
        (.developer, says("a", #""serviceTier":"flex""#)),
        (
            .vertex,
            says("a", #""safetySettings":[{"category":"HARM_CATEGORY_HARASSMENT","method":"SEVERITY"}]"#)
        ),
        (Asking(backend: .vertex, version: "v1beta1"), says("a", config: #"{"modelConfig":{}}"#)),
        (.developer, says("a", config: #"{"imageConfig":{"aspectRatio":"16:9","imageSize":"2K"}}"#)),
    ]

    @Test("What the transcoder lets through is accepted", arguments: accepted.indices)
    func accepts(index: Int) {
        let (asking, body) = Self.accepted[index]
        let heard = asking.ask(body)
        #expect(heard.status == 200, "\(heard.text)")
    }

    static let refused: [(Asking, String, String)] = [
        (
            .developer, says("a", #""labels":{"team":"x"}"#),
            #"Invalid JSON payload received. Unknown name "labels": Cannot find field."#
        ),
        (
            .vertex, says("a", #""serviceTier":"flex""#),
            #"Invalid JSON payload received. Unknown name "serviceTier": Cannot find field."#
        ),
        (
            .vertex, says("a", config: #"{"modelConfig":{}}"#),
            #"Invalid JSON payload received. Unknown name "modelConfig" at 'generation_config': Cannot find field."#
        ),
        (
            .developer, says("a", #""safetySettings":[{"method":"SEVERITY"}]"#),
            #"Invalid JSON payload received. Unknown name "method" at 'safety_settings[0]': Cannot find field."#
        ),
        (
            .vertex, says("a", config: #"{"temperature":"warm"}"#),
            #"Invalid value at 'generation_config.temperature' (TYPE_FLOAT), "warm""#
        ),
        (
            .vertex, says("a", config: #"{"candidateCount":1.5}"#),
            "Invalid value at 'generation_config.candidate_count' (TYPE_INT32), 1.5"
        ),
        (
            .vertex, says("a", config: #"{"seed":3000000000}"#),
            "Invalid value at 'generation_config.seed' (TYPE_INT32), 3000000000"
        ),
        (
            .vertex, says("a", config: #"{"thinkingConfig":{"thinkingLevel":"EXTREME"}}"#),
            #"Invalid value at 'generation_config.thinking_config.thinking_level' (TYPE_ENUM), "EXTREME""#
        ),
        (
            .vertex, says("a", config: #"{"temperature":[1]}"#),
            #"Invalid JSON payload received. Unknown name "temperature" at 'generation_config': Proto field is not "#
                + "repeating, cannot start list."
        ),
        (
            .vertex, #"{"contents":[{"role":"user","parts":["text"]}]}"#,
            "Invalid value at 'contents[0].parts[0]' (type.googleapis.com/google.cloud.aiplatform.v1.Part), \"text\""
        ),
        (
            .vertex,
            #"{"contents":[{"role":"user","parts":[{"inlineData":{"mimeType":"image/png","data":"a*b="}}]}]}"#,
            "Invalid value at 'contents[0].parts[0].inline_data.data' (TYPE_BYTES), Base64 decoding failed for \"a*b=\""
        ),
        (
            .vertex, #"{"contents":[{"role":"user","parts":[{"text":"a","thoughtSignature":"abcde"}]}]}"#,
            "Invalid value at 'contents[0].parts[0].thought_signature' (TYPE_BYTES), Base64 decoding failed for \"abcde\""
        ),
        (
            .vertex, #"{"contents":[{"parts":[{"text":"a","functionCall":{"name":"f"}}]}]}"#,
            "Invalid value at 'contents[0].parts[0]' (oneof), oneof field is already set. Cannot set 'function_call'"
        ),
        (
            .vertex, #"{"contents":[null]}"#,
            "Invalid value at 'contents[0]': null is not allowed in a repeated field."
        ),
        (.vertex, #"[]"#, "Invalid JSON payload received. Root element must be a message."),
        (
            .vertex, #"{"contents":[],"contents":[]}"#,
            "Invalid JSON payload received. Duplicate key contents."
        ),
        (
            .vertex, #"{"generationConfig":{"topP":1,"top_p":1}}"#,
            "Invalid value at 'generation_config': field 'top_p' is set twice."
        ),
    ]

    @Test("What the transcoder refuses is refused in its words", arguments: refused.indices)
    func refuses(index: Int) {
        let (asking, body, message) = Self.refused[index]
        let heard = asking.ask(body)
        #expect(heard.status == 400)
        #expect(heard["error.message"] == message)
        #expect(heard["error.status"] == "INVALID_ARGUMENT")
        #expect(heard["error.code"] == "400")
    }

    @Test("Every fault is told, with its field")
    func details() {
        let heard = Asking.vertex.ask(says("a", config: #"{"foo":1,"topK":"x"}"#))
        #expect(heard["error.details.0.@type"] == "type.googleapis.com/google.rpc.BadRequest")
        #expect(heard["error.details.0.fieldViolations.0.field"] == "generation_config")
        #expect(heard["error.details.0.fieldViolations.1.field"] == "generation_config.top_k")
    }

    @Test("A name that is written with escapes is the same name")
    func escapedName() {
        #expect(
            Asking.vertex.ask(#"{"\u0063ontents":[{"role":"user","parts":[{"text":"a"}]}]}"#).status == 200)
    }
}

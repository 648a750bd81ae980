import PolluxJSON
import PolluxRelay
import Testing

/// The body that goes upstream; `nil` when it is the client's own, byte for byte.
func edited(_ request: String, _ configure: (inout RelaySettings) -> Void = { _ in }) throws -> String? {
    var settings = RelaySettings()
    configure(&settings)
    var tape = JSONTape()
    let bytes = Array(request.utf8)
    try tape.parse(bytes.span)
    var relayed = RelayedRequest(settings)
    relayed.write(tape.document(of: bytes.span))
    return relayed.isEdited ? String(copying: relayed.writer.output.span) : nil
}

func tgi(_ settings: inout RelaySettings) {
    settings.isTGI = true
    settings.mapsDeveloperRole = true
    settings.normalizes = true
}

@Suite("Requests to self-deployed models")
struct RelayedRequestTests {
    @Test(
        "What needs no edit is not touched: parameters are the model's business (SELF-017, SELF-019, SELF-020, SELF-044)",
        arguments: [
            #"{ "model" : "m", "messages": [] , "temperature": 1.50, "x": [1 , 2]}"#,
            #"{"tools":[{"type":"function","function":{"name":"f","parameters":{"$ref":"/x","type":["a",null]}}}]}"#,
            #"{"reasoning_effort":"xhigh","top_logprobs":20,"logit_bias":{"1":-1e2},"stop":["a"]}"#,
            #"{"stream_options":{"include_usage":true},"max_completion_tokens":5,"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{}}}}"#,
            #"{"messages":[{"role":"user","content":[{"type":"text","text":"extra_content"}],"tool_calls":null}]}"#,
            #"{"extra_body":"no object"}"#, #"{"model":null}"#,
        ])
    func untouched(request: String) throws {
        #expect(try edited(request) == nil)
        #expect(try edited(request) { $0.mapsDeveloperRole = true } == nil)
        #expect(try edited(request, tgi) == nil)
    }

    @Test(
        "The operator's model replaces the request's; an absent one is empty where the address selects it (SELF-010)",
        arguments: [
            (#"{"model":"a","n":1}"#, RelaySettings.Model.replaced(by: "b/c"), #"{"model":"b/c","n":1}"#),
            (#"{"n":1}"#, .replaced(by: "b"), #"{"n":1,"model":"b"}"#),
            (#"{"model":"b"}"#, .replaced(by: "b"), nil),
            (#"{"n":1}"#, .emptyWhenAbsent, #"{"n":1,"model":""}"#),
            (#"{"model":null,"n":1}"#, .emptyWhenAbsent, #"{"model":"","n":1}"#),
            (#"{"model":"any"}"#, .emptyWhenAbsent, nil),
            (#"{"extra_body":{"model":"x"}}"#, .emptyWhenAbsent, #"{"model":"x"}"#),
        ] as [(String, RelaySettings.Model, String?)])
    func model(request: String, model: RelaySettings.Model, expected: String?) throws {
        #expect(try edited(request) { $0.model = model } == expected)
    }

    @Test(
        "Members of extra_body are lifted, without overwriting; Google's and ours are removed (SELF-012)",
        arguments: [
            (
                #"{"model":"m","extra_body":{"top_k":5,"model":"no","chat_template_kwargs":{"a":1.0},"google":{"x":1}}}"#,
                #"{"model":"m","top_k":5,"chat_template_kwargs":{"a":1.0}}"#
            ),
            (#"{"google":{"thinking_config":{}},"pollux":{"explain":true},"n":2}"#, #"{"n":2}"#),
            (#"{"extra_body":{"pollux":{},"extra_body":{"a":1}}}"#, "{}"),
            (#"{"extra_body":null,"n":null}"#, #"{"n":null}"#),
            (#"{"n":null,"extra_body":{"n":2}}"#, #"{"n":null}"#),
        ])
    func extraBody(request: String, expected: String) throws { #expect(try edited(request) == expected) }

    @Test("What is lifted counts: a stream that extra_body asks for is one (SELF-012)")
    func lifted() throws {
        let bytes = Array(#"{"n":2,"extra_body":{"stream":true,"n":3}}"#.utf8)
        var tape = JSONTape()
        try tape.parse(bytes.span)
        let json = tape.document(of: bytes.span)
        let stream = RelayedRequest.value("stream", of: json).flatMap { json.boolean($0) }
        let choices = RelayedRequest.value("n", of: json).flatMap { json.integer($0) }
        #expect(stream == true)
        #expect(choices == 2)
    }

    @Test("What only Gemini understands is removed from messages, parts and tool calls (SELF-013)")
    func googleMembers() throws {
        let request = """
            {"messages":[{"role":"user","content":[{"type":"text","text":"a","extra_part":{"x":1}},{"type":"text","text":"b"}]},\
            {"role":"assistant","extra_content":{"google":{}},"tool_calls":[{"id":"1","extra_content":{"google":{"thought_signature":"s"}},"function":{"name":"f","arguments":"{ }"}}]},\
            {"role":"tool", "content":"extra_content"}]}
            """
        let expected = """
            {"messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]},\
            {"role":"assistant","tool_calls":[{"id":"1","function":{"name":"f","arguments":"{ }"}}]},\
            {"role":"tool","content":"extra_content"}]}
            """
        #expect(try edited(request) == expected)
    }

    @Test("developer becomes system where the chat template knows only that (SELF-014)")
    func developer() throws {
        let request = #"{"messages":[{"role":"developer","content":"a"},{"role":"user","content":"developer"}]}"#
        let expected = #"{"messages":[{"role":"system","content":"a"},{"role":"user","content":"developer"}]}"#
        #expect(try edited(request) { $0.mapsDeveloperRole = true } == expected)
        #expect(try edited(request) == nil)
    }

    @Test(
        "max_completion_tokens becomes max_tokens for TGI before 3, unless there is one (SELF-015)",
        arguments: [
            (#"{"max_completion_tokens":7}"#, #"{"max_tokens":7}"#),
            (#"{"max_tokens":null,"max_completion_tokens":7}"#, #"{"max_tokens":7}"#),
            (#"{"max_tokens":5,"max_completion_tokens":7}"#, nil), (#"{"max_tokens":null}"#, nil),
        ] as [(String, String?)])
    func legacyMaxTokens(request: String, expected: String?) throws {
        #expect(try edited(request) { $0.usesLegacyMaxTokens = true } == expected)
    }

    @Test("A stop text becomes an array for TGI (SELF-016), also a lifted one")
    func stop() throws {
        #expect(try edited(#"{"stop":"a\nb"}"#, tgi) == #"{"stop":["a\nb"]}"#)
        #expect(try edited(#"{"extra_body":{"stop":"x"}}"#, tgi) == #"{"stop":["x"]}"#)
        #expect(try edited(#"{"stop":"a"}"#) == nil)
    }

    @Test("Google's word validated becomes auto (SELF-018)")
    func validated() throws {
        #expect(try edited(#"{"tool_choice":"validated"}"#) == #"{"tool_choice":"auto"}"#)
        #expect(try edited(#"{"tool_choice":"required"}"#) == nil)
    }

    @Test("A schema travels in the form of TGI before 3.2 (SELF-021)")
    func grammar() throws {
        let request =
            #"{"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object"}}}}"#
        let expected = #"{"response_format":{"type":"json","value":{"type":"object"}}}"#
        #expect(try edited(request) { $0.usesLegacyGrammar = true } == expected)
        #expect(try edited(request, tgi) == nil)
        #expect(try edited(#"{"response_format":{"type":"text"}}"#) { $0.usesLegacyGrammar = true } == nil)
    }

    @Test("Many names take their time in proportion", .timeLimit(.minutes(1)))
    func manyNames() throws {
        let count = 100_000
        let own = (0..<count).map { #""own\#($0)":0"# }.joined(separator: ",")
        let extra = (0..<count).map { #""own\#($0 + count / 2)":1"# }.joined(separator: ",")
        let result = try #require(try edited("{\(own),\"extra_body\":{\(extra)}}"))
        #expect(result.hasPrefix(#"{"own0":0,"own1":0,"#))
        #expect(result.hasSuffix(#","own149998":1,"own149999":1}"#))
        #expect(result.utf8.count { $0 == UInt8(ascii: ":") } == count * 3 / 2)
    }

    @Test("Limits that stand there again and again take their time in proportion", .timeLimit(.minutes(1)))
    func manyLimits() throws {
        let count = 100_000
        let limits = repeatElement(#""max_completion_tokens":7"#, count: count).joined(separator: ",")
        let result = try #require(try edited("{\(limits)}") { $0.usesLegacyMaxTokens = true })
        #expect(result.hasPrefix(#"{"max_tokens":7,"max_tokens":7,"#))
    }
}

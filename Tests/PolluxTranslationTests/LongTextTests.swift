import PolluxJSON
import PolluxOpenAIWire
import PolluxTranslation
import Testing

@Suite("No error repeats a long text of the request")
struct LongTextTests {
    /// Members that are refused; LONG stands for the text.
    static let members = [
        #""metadata":{"LONG":1}"#, #""tools":[{"type":"LONG"}]"#, #""response_format":{"type":"LONG"}"#,
        #""response_format":{"type":"json_schema","json_schema":{"name":"LONG"}}"#,
        #""response_format":{"type":"LONG/x","schema":{"$ref":"LONG"}}"#, #""reasoning_effort":"LONG""#,
        #""modalities":["LONG"]"#, #""tool_choice":"LONG""#, #""tool_choice":{"type":"LONG"}"#,
        #""tool_choice":{"type":"function","function":{"name":"LONG"}},"tools":[{"type":"function","function":{"name":"f"}}]"#,
        #""tools":[{"type":"function","function":{"name":"LONG","parameters":{"type":"LONG"}}}]"#,
        #""tools":[{"type":"function","function":{"name":"f","parameters":{"type":{"a":"LONG"}}}}]"#,
        #""tools":[{"type":"function","function":{"name":"f","parameters":{"type":["string","STRING"],"title":"LONG"}}}]"#,
        #""tools":[{"type":"function","function":{"name":"f","parameters":{"properties":{"a":{"$ref":"LONG"}}}}}]"#,
        #""tools":[{"type":"function","function":{"name":"LONG"}},{"type":"function","function":{"name":"LONG"}}]"#,
        #""audio":{"format":"LONG"}"#, #""google":{"thought_tag_marker":"LONG"}"#, #""google":{"labels":{"LONG":1}}"#,
        #""pollux":{"usage":"LONG"}"#, #""pollux":{"thoughts":"LONG"}"#, #""max_tokens":1DIGITS"#,
        #""messages":[{"role":"LONG","content":"x"}]"#,
        #""messages":[{"role":"user","content":[{"type":"LONG"}]}]"#,
        #""messages":[{"role":"user","content":[{"type":"file","file":{"file_id":"LONG"}}]}]"#,
        #""messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"gs://a/b","detail":"LONG"}}]}]"#,
        #""google":{"media_resolution":"LONG"},"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"gs://a/b","detail":"low"}}]}]"#,
        #""messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"gs://a/b","detail":"low"}},{"type":"image_url","image_url":"gs://a/b","extra_content":{"google":{"media_resolution":"LONG"}}}]}]"#,
        #""messages":[{"role":"assistant","tool_calls":[{"id":"LONG","type":"function","function":{"name":"f"}}]}]"#,
    ]

    /// Letters, and one letter with very many accents.
    static let texts = [String(repeating: "x", count: 50_000), "e" + String(repeating: "\u{301}", count: 50_000)]

    @Test("Its beginning is enough to find it by", arguments: members, texts)
    func short(member: String, text: String) throws {
        let digits = String(repeating: "0", count: 50_000)
        var request = member.replacing("LONG", with: text).replacing("DIGITS", with: digits)
        if !member.contains("\"messages\"") { request += #","messages":[{"role":"user","content":"x"}]"# }
        let bytes = Array("{\"model\":\"gemini-2.5-flash\",\(request)}".utf8)
        var tape = JSONTape()
        try tape.parse(bytes.span)
        let json = tape.document(of: bytes.span)
        let target = TranslationTarget(
            service: .vertex, profile: ModelProfiles.defaults.profile(for: "gemini-2.5-flash"),
            model: "gemini-2.5-flash", project: "p", location: "l")
        var translator = RequestTranslator()
        var notes = NoteTaker.off
        do {
            _ = try translator.translate(ChatCompletionRequest(json), of: json, to: target, notes: &notes)
            Issue.record("It is accepted.")
        } catch {
            #expect(error.body().count < 4096)
        }
    }
}

import Foundation
import PolluxJSON
import PolluxOpenAIWire
import PolluxTranslation
import Testing

@Suite("What became of every field")
struct FieldReportTests {
    static let tests = URL(filePath: #filePath).deletingLastPathComponent()

    /// `fate path: detail [rules]` of each field of a request.
    private func reports(_ request: String, model: String = "gemini-2.5-flash") throws -> [FieldReport] {
        let bytes = Array(request.utf8)
        var tape = JSONTape()
        try tape.parse(bytes.span)
        let json = tape.document(of: bytes.span)
        let target = TranslationTarget(
            service: .vertex, profile: ModelProfiles.defaults.profile(for: model), model: model, project: "p",
            location: "l")
        var translator = RequestTranslator()
        var notes = NoteTaker(isOn: true)
        _ = try translator.translate(ChatCompletionRequest(json), of: json, to: target, notes: &notes)
        return FieldReport.reports(ofRequest: json, notes: notes.notes)
    }

    private func answerReports(_ answer: String) throws -> [FieldReport] {
        let bytes = Array(answer.utf8)
        var tape = JSONTape()
        try tape.parse(bytes.span)
        return FieldReport.reports(ofAnswer: tape.document(of: bytes.span))
    }

    private static let question = #""model":"gemini-2.5-flash","messages":[{"role":"user","content":"Hi"}]"#

    @Test("A field that is carried over says where it goes, and by which rule")
    func mapped() throws {
        let reports = try reports("{\(Self.question),\"top_p\":0.5}")
        #expect(reports.map(\.path) == ["model", "messages[0].role", "messages[0].content", "top_p"])
        #expect(reports.allSatisfy { $0.fate == .mapped && !$0.detail.isEmpty && !$0.rules.isEmpty })
        #expect(reports.last?.rules == "REQ-007")
    }

    @Test("A member that the API does not have is told as ignored, at every depth (GEN-002)")
    func unknown() throws {
        let reports = try reports(
            #"{"model":"gemini-2.5-flash","messages":[{"role":"user","content":"Hi","mood":1}],"extra":{"a":[2]}}"#)
        let ignored = reports.filter { $0.fate == .ignored }
        #expect(ignored.map(\.path) == ["messages[0].mood", "extra"])
        #expect(ignored.first?.rules == "GEN-002")
    }

    @Test("null is told as absent (GEN-003)")
    func null() throws {
        let reports = try reports("{\(Self.question),\"seed\":null}")
        let last = try #require(reports.last)
        #expect(last.path == "seed" && last.fate == .ignored && last.rules == "GEN-003")
    }

    @Test("What was changed inside of a field stands beside it (SCH-001, TOOL-002)")
    func changed() throws {
        let reports = try reports(
            """
            {\(Self.question),"tools":[{"type":"function","function":{"name":"get weather",
            "parameters":{"type":"object","properties":{"a":{"type":"string","pattern":"x"}}}}}]}
            """)
        let changed = reports.filter { $0.fate == .changed }.map(\.path)
        #expect(
            changed == [
                "tools[0].function.name", "tools[0].function.parameters.properties.a.pattern",
                "tools[0].function.parameters",
            ])
    }

    @Test("Every field of the request is told of, in its order")
    func complete() throws {
        let reports = try reports(
            """
            {\(Self.question),"google":{"safety_settings":[]},"stop":["a","b"],"user":"u","n":1,
            "response_format":{"type":"json_object"},"metadata":{"a":"b"}}
            """)
        let fields = Set(reports.map { $0.path.prefix { $0 != "." && $0 != "[" } })
        #expect(fields == ["model", "messages", "google", "stop", "user", "n", "response_format", "metadata"])
        #expect(reports.first { $0.path == "google.safety_settings" }?.rules == "XB-001")
    }

    @Test("A signature in the history is told by where it goes (SIG-005, SIG-006, MSG-024)")
    func signatures() throws {
        let extra = #""extra_content":{"google":{"thought_signature":"QUJD"}}"#
        let reports = try reports(
            """
            {"model":"google/gemini-2.5-flash","messages":[{"role":"user","content":"Hi"},
            {"role":"assistant","content":"Hm.",\(extra)},{"role":"user","content":"And?"},
            {"role":"assistant","content":null,"tool_calls":[{"id":"1","type":"function",\(extra),
            "function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"1","content":"x"}]}
            """)
        let told = reports.filter { $0.path.hasSuffix(".thought_signature") }
        #expect(told.map(\.rules) == ["SIG-006", "SIG-005"])
        #expect(told.allSatisfy { $0.fate == .mapped })
        #expect(!reports.contains { $0.detail == "not a field of the API" })
    }

    @Test("What stands in Google's containers is told by where it goes, in either spelling (MSG-024, GEN-007)")
    func containers() throws {
        let flag = #""extra_content":{"google":{"thought":true}}"#
        let reports = try reports(
            """
            {"model":"google/gemini-2.5-flash","messages":[{"role":"user","content":"Hi"},
            {"role":"assistant","content":[{"type":"text","text":"Hm.",\(flag)}],\(flag)},
            {"role":"assistant","function_call":{"name":"f","arguments":"{}"},"content":null},
            {"role":"function","name":"f","content":"x"},
            {"role":"assistant","content":null,"tool_calls":[{"id":"1","type":"function","thought_signature":"QUJD",
            "function":{"name":"f","arguments":"{}"},"extra_part":{"google":{"thought":true}}}]},
            {"role":"tool","tool_call_id":"1","content":"x",
            "extra_content":{"google":{"parts":[{"fileData":{"fileUri":"gs://b/a.png","mimeType":"image/png"}}]}}}],
            "extra_body":{"google":{"safetySettings":[],"thinkingConfig":{"includeThoughts":true}}}}
            """)
        #expect(!reports.contains { $0.fate == .ignored && $0.rules != "GEN-003" })
    }

    @Test(
        "What is no object where one belongs is told as ignored (REQ-029)",
        arguments: ["extra_body", "google", "pollux"])
    func noObject(name: String) throws {
        let last = try #require(try reports("{\(Self.question),\"\(name)\":\"x\"}").last)
        #expect((last.path, last.fate, last.rules) == (name, .ignored, "REQ-029"))
    }

    @Test(
        "What has no effect beside something else, or with this model, is told as ignored",
        arguments: [
            (#""audio":{"voice":"alloy"}"#, "audio"),
            (#""modalities":["audio"],"google":{"responseModalities":["IMAGE"]}"#, "google.responseModalities"),
            (
                #""modalities":["audio"],"audio":{"voice":"ash"},"google":{"speech_config":{"voice_config":{}}}"#,
                "audio.voice"
            ),
            (#""stop":[""]"#, "stop"),
            (#""google":{"stream_function_call_arguments":true}"#, "google.stream_function_call_arguments"),
            (
                #""response_format":{"type":"json_schema","json_schema":{"name":"a","description":"A","schema":{"description":"B"}}}"#,
                "response_format.json_schema.description"
            ),
            (
                #""tools":[{"type":"function","function":{"name":"a"}},{"type":"function","function":{"name":"b"}}],"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[{"type":"function","function":{"name":"a"}}]}}"#,
                "tools[1].function"
            ),
            (#""tools":[{"google_search":{}},{"googleSearch":{}}]"#, "tools[1].googleSearch"),
            (#""tools":[{"google_search":{}}],"web_search_options":{}"#, "web_search_options"),
            (
                #""google":{"tools":[{"functionDeclarations":[{"name":"a"},{"name":"a"}]}]}"#,
                "google.tools[0].function_declarations[1]"
            ),
        ])
    func noEffect(members: String, path: String) throws {
        let reports = try reports("{\(Self.question),\(members)}", model: "gemini-2.0-flash")
        #expect(reports.filter { $0.fate == .ignored }.map(\.path) == [path])
    }

    @Test("What a message brings twice, or what this model has no use for, is told as ignored (IMG-005, THINK-044)")
    func noEffectInMessages() throws {
        let image = "data:image/png;base64,iVBORw0KGgo="
        let reports = try reports(
            """
            {"model":"gemini-2.0-flash","messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Hm.",
            "images":[{"image_url":{"url":"\(image)"}},{"image_url":{"url":"https://a/b"}}],"reasoning_content":"Why?",
            "audio":{"id":"a","data":"iVBORw0KGgo=","extra_content":{"google":{"mime_type":"image/png"}}}}]}
            """, model: "gemini-2.0-flash")
        #expect(
            reports.filter { $0.fate == .ignored }.map(\.path).sorted() == [
                "messages[1].audio", "messages[1].images[1]", "messages[1].reasoning_content",
            ])
    }

    @Test("A long history in which much was mended is told of in time", .timeLimit(.minutes(1)))
    func long() throws {
        let count = 6000
        let steps = (0..<count).map {
            """
            {"role":"assistant","tool_calls":[{"id":"\($0)","type":"function","function":{"name":"f","arguments":"{"}}]},\
            {"role":"tool","tool_call_id":"\($0)","content":"x"},
            """
        }
        let reports = try reports(
            """
            {"model":"gemini-2.5-flash","messages":[{"role":"user","content":"Hi"},\(steps.joined())
            {"role":"user","content":"Hi"}],\((0..<count).map { "\"x\($0)\":1" }.joined(separator: ","))}
            """)
        #expect(reports.count { $0.fate == .repaired && $0.rules == "TOOL-047" } == count)
        #expect(reports.count { $0.fate == .ignored } == count)
        #expect(Set(reports.map(\.path)).count == reports.count)
    }

    @Test("An answer's fields say where the client finds them (RESP-010, USE-001)")
    func answer() throws {
        let reports = try answerReports(
            #"{"candidates":[{"content":{"parts":[{"text":"Hi"}]}}],"usageMetadata":{"promptTokenCount":1,"new":2}}"#)
        #expect(
            reports.map { "\($0.fate.rawValue) \($0.path) \($0.rules)" } == [
                "mapped candidates[0].content.parts[0].text RESP-010, RESP-011",
                "mapped usageMetadata.promptTokenCount USE-001", "ignored usageMetadata.new GEN-002",
            ])
    }

    @Test("Every field of Google's description of an answer has a fate")
    func described() throws {
        let list = try String(
            contentsOf: Self.tests.appending(path: "Resources/gemini-answer-fields.txt"), encoding: .utf8)
        let fields = list.split(separator: "\n").filter { !$0.hasPrefix("#") }.map(String.init)
        #expect(fields.count > 50)
        let paths = Set(AnswerLedger.rows.map(\.path))
        #expect(fields.filter { !paths.contains($0) } == [])
    }
}

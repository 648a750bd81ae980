import PolluxJSON
import PolluxTranslation
import Testing

@Suite("The upstream's list of models (MOD-006)")
struct UpstreamModelsTests {
    private func read(_ text: String, _ service: TranslationTarget.Service) throws -> UpstreamModels? {
        let bytes = Array(text.utf8)
        var tape = JSONTape()
        try tape.parse(bytes.span)
        return UpstreamModels(tape.document(of: bytes.span), from: service)
    }

    @Test("The Developer API says what a model can do: generation and embeddings are served")
    func developer() throws {
        let page = try read(
            #"""
            {"models":[{"name":"models/a","supportedGenerationMethods":["generateContent","countTokens"]},
            {"name":"models/b","supportedGenerationMethods":["predict"]},{"name":"models/c"},
            {"name":"models/d","supportedGenerationMethods":["embedContent"]},
            {"name":"models/e","supportedGenerationMethods":["countTokens","batchEmbedContents"]}],"nextPageToken":"t"}
            """#, .developer)
        #expect(page?.ids == ["a", "d", "e"])
        #expect(page?.nextPageToken == "t")
    }

    @Test("A server of one's own has names of its own, in one page (09 § 7)")
    func server() throws {
        func read(_ text: String) throws -> UpstreamModels? {
            let bytes = Array(text.utf8)
            var tape = JSONTape()
            try tape.parse(bytes.span)
            return UpstreamModels(ofServer: tape.document(of: bytes.span))
        }
        let page = try read(#"{"object":"list","data":[{"id":"org/name:tag","max_model_len":8},{"id":"gemini-x"}]}"#)
        #expect(page?.ids == ["org/name:tag", "gemini-x"])
        #expect(page?.nextPageToken == nil)
        #expect(try read(#"{"data":[]}"#)?.ids == [])
        for text in ["{}", "[]", #"{"data":{}}"#, #"{"data":[{"name":"x"}]}"#, #"{"data":[{"id":1}]}"#] {
            #expect(try read(text) == nil)
        }
    }

    @Test("Vertex AI does not, so names decide: Gemini without speech, live and audio, and text embeddings")
    func vertex() throws {
        let names = [
            "gemini-2.5-flash", "gemini-2.5-flash-preview-tts", "gemini-live-2.5-flash", "gemini-2.5-native-audio",
            "gemini-embedding-001", "text-embedding-005", "text-multilingual-embedding-002", "imagen-4", "gemma-3",
            "text-bison",
        ]
        let list = names.map { #"{"name":"publishers/google/models/\#($0)","launchStage":"GA"}"# }
        let page = try read(#"{"publisherModels":[\#(list.joined(separator: ","))],"nextPageToken":""}"#, .vertex)
        #expect(
            page?.ids == [
                "gemini-2.5-flash", "gemini-embedding-001", "text-embedding-005", "text-multilingual-embedding-002",
            ])
        #expect(page?.nextPageToken == nil)
    }

    @Test("A list without models is empty; what is no list is none")
    func others() throws {
        #expect(try read("{}", .vertex)?.ids == [])
        #expect(try read("{}", .developer)?.ids == [])
        for text in ["[]", "7", #"{"publisherModels":{}}"#, #"{"publisherModels":[{"name":7}]}"#] {
            #expect(try read(text, .vertex) == nil, "\(text)")
        }
    }

    @Test("A page's token is escaped: it comes from outside")
    func targets() {
        #expect(UpstreamModels.target(.developer, pageToken: nil) == "/v1beta/models?pageSize=1000")
        #expect(
            UpstreamModels.target(.vertex, pageToken: "a&b=c d\r\né~")
                == "/v1beta1/publishers/google/models?pageSize=100&pageToken=a%26b%3Dc%20d%0D%0A%C3%A9~")
    }
}

public import PolluxJSON
public import PolluxOpenAIWire

/// Chat Completions request → `GenerateContentRequest`.
///
/// The translator is kept and used again: it owns the memory that requests are written into.
///
/// ```swift
/// var translator = RequestTranslator()
/// try tape.parse(bytes, knowing: translator.knownArrays)
/// let json = tape.document(of: bytes)
/// let request = try ChatCompletionRequest(json)
/// let plan = try translator.translate(request, of: json, to: target, notes: &notes)
/// send(translator.writer.output.span)
/// ```
public struct RequestTranslator: ~Copyable {
    /// What was written: the body for the upstream.
    public private(set) var writer = JSONWriter(minimumCapacity: 16384)
    /// Memory for JSON inside of strings: arguments and results.
    private var scratch = Scratch()
    /// Memory for what is known of messages while they are written.
    private var buffers = TranslationBuffers()
    /// Schemas that were cleaned up before.
    private let schemas = SchemaCache()
    /// Lists of tools that were translated before.
    private let toolLists = ToolListCache()
    /// Lists of tools that came before: for whoever parses the next request.
    public let knownArrays = KnownArrays()

    public init() {}

    /// Strings of the source from this length on are spliced and not copied; see ``JSONWriter/splices``.
    public var spliceThreshold: Int {
        get { writer.spliceThreshold }
        set { writer.spliceThreshold = newValue }
    }

    /// Translates one request.
    ///
    /// - Parameter call: which of the plan's calls this is, from 0 (NFAN-001).
    /// - Returns: what the answer's translation must know.
    /// - Throws: the 400 that the client gets.
    public mutating func translate(
        _ request: ChatCompletionRequest, of json: JSONDocument, to target: TranslationTarget,
        call: Int = 0, media: [String: FetchedMedia] = [:], signatures: any SignatureSource = NoSignatures(),
        audio: any AudioSource = NoAudio(), notes: inout NoteTaker
    ) throws(APIError) -> ResponsePlan {
        writer.removeAll()
        var translation = RequestTranslation(
            request, of: json, to: target, call: call, media: media, signatures: signatures, audio: audio,
            schemas: schemas, toolLists: toolLists, knownArrays: knownArrays
        )
        swap(&translation.writer, &writer)
        swap(&translation.notes, &notes)
        swap(&translation.scratch, &scratch)
        swap(&translation.buffers, &buffers)
        let result = translation.result()
        swap(&translation.writer, &writer)
        swap(&translation.notes, &notes)
        swap(&translation.scratch, &scratch)
        swap(&translation.buffers, &buffers)
        buffers.empty()
        return try result.get()
    }
}

/// Memory for a document inside a string. Whoever uses it takes it out of its owner and puts it back.
struct Scratch: ~Copyable {
    var bytes = ByteOutput(minimumCapacity: 0)
    var tape = JSONTape()

    /// Parses what is in `bytes` and hands the document to `body`; `nil` when it is not JSON.
    mutating func reading<Result>(_ body: (borrowing JSONDocument) -> Result) -> Result? {
        var tape = JSONTape()
        swap(&tape, &self.tape)
        defer { swap(&tape, &self.tape) }
        let bytes = self.bytes.span
        guard (try? tape.parse(bytes)) != nil else { return nil }  // What is not JSON is the caller's matter.
        return body(tape.document(of: bytes))
    }
}

/// Arrays that are filled for each request anew, and keep their memory.
struct TranslationBuffers: ~Copyable {
    /// Larger ones are given back: one long conversation must not hold memory for good.
    private static let maximumCount = 1024

    var messages: [Message] = []
    var pieces: [AssistantPiece] = []
    var calls: [AssistantCall] = []
    /// The last request's, which is most often this one's, too.
    var model = ""

    mutating func empty() {
        if !messages.isEmpty { messages.removeAll(keepingCapacity: messages.count <= Self.maximumCount) }
        if !pieces.isEmpty { pieces.removeAll(keepingCapacity: pieces.count <= Self.maximumCount) }
        if !calls.isEmpty { calls.removeAll(keepingCapacity: calls.count <= Self.maximumCount) }
        if model.utf8.count > Self.maximumCount { model = "" }
    }
}

/// The translation of one request: the request, where it goes, and what was written so far.
struct RequestTranslation: ~Copyable, ~Escapable {
    let json: JSONDocument
    let request: ChatCompletionRequest
    let target: TranslationTarget
    let call: Int
    let media: [String: FetchedMedia]
    let signatures: any SignatureSource
    let audio: any AudioSource
    let schemas: SchemaCache
    let toolLists: ToolListCache
    let knownArrays: KnownArrays
    let google: GoogleExtensions

    var writer = JSONWriter(minimumCapacity: 0)
    var notes = NoteTaker.off
    var scratch = Scratch()
    var buffers = TranslationBuffers()
    var plan = ResponsePlan()
    /// Tags by which thoughts in history are known (THINK-042).
    var marker: String?
    /// The content that is being written.
    var content = OpenContent()
    /// The part that is written stands in a function response: it has data, and nothing beside (TOOL-038).
    var isInsideResponse = false
    /// The type of the media that were written last.
    var writtenMIMEType = ""
    /// The list of tools, when it was translated before.
    var knownTools: ToolListCache.Entry?
    /// Functions that `extra_body.google.tools` declares, in Google's own form.
    var nativeDeclarations: [JSONNode] = []
    /// Tools of Gemini's own are in `tools`.
    var hasNativeTools = false
    /// Media resolution of the request, where the model has only one (MM-016).
    var requestMediaResolution: (word: String, path: String)?

    @_lifetime(copy json)
    init(
        _ request: ChatCompletionRequest, of json: JSONDocument, to target: TranslationTarget, call: Int,
        media: [String: FetchedMedia], signatures: any SignatureSource, audio: any AudioSource, schemas: SchemaCache,
        toolLists: ToolListCache, knownArrays: KnownArrays
    ) {
        self.json = json
        self.request = request
        self.target = target
        self.call = call
        self.media = media
        self.signatures = signatures
        self.audio = audio
        self.schemas = schemas
        self.toolLists = toolLists
        self.knownArrays = knownArrays
        google = GoogleExtensions(request, of: json)
    }

    var profile: ModelProfile { target.profile }
    var settings: TranslationSettings { target.settings }

    mutating func result() -> Result<ResponsePlan, APIError> {
        do throws(APIError) {
            try translate()
            var plan = ResponsePlan()
            swap(&plan, &self.plan)
            return .success(plan)
        } catch {
            return .failure(error)
        }
    }

    /// The table of contents. The order is that of the body, which keeps a growing conversation's
    /// beginning the same to the byte (GEN-004).
    private mutating func translate() throws(APIError) {
        try checkTypes()
        try checkExtensionTypes()
        noteIgnoredFields()
        try readModel()
        try readStreaming()
        try readThoughtDelivery()
        try readFunctionNames()
        let messages = mended(try readMessages())
        writer.beginObject()
        writeSystemInstruction(messages)
        try writeTools()
        try writeToolConfig()
        writeCachedContent()
        try writeContents(messages)
        try writeGenerationConfig()
        writeSafetySettings()
        try writeLabels()
        try writeServiceTier()
        writer.endObject()
        buffers.messages = messages
    }

    // MARK: Reading

    /// The field as an object.
    func object(_ field: ChatCompletionRequest.Field) throws(APIError) -> JSONNode? {
        guard let node = request[field] else { return nil }
        guard json.isObject(node) else { throw invalidType(String(describing: field.name), "an object", node) }
        return node
    }

    func boolean(_ field: ChatCompletionRequest.Field) throws(APIError) -> Bool? {
        guard let node = request[field] else { return nil }
        guard let value = json.boolean(node) else {
            throw invalidType(String(describing: field.name), "a boolean", node)
        }
        return value
    }

    func invalidType(_ param: String, _ expected: String, _ node: JSONNode) -> APIError {
        .invalidType(param, expected: expected, got: node, of: json)
    }

    mutating func note(
        _ fate: TranslationNote.Fate, _ field: ChatCompletionRequest.Field, rule: StaticString,
        _ detail: @autoclosure () -> String = ""
    ) {
        notes.note(fate, String(describing: field.name), rule: rule, detail())
    }
}

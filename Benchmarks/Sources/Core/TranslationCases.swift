import PolluxJSON
import PolluxOpenAIWire
import PolluxTranslation

private let target = TranslationTarget(
    service: .developer, profile: ModelProfiles.defaults.profile(for: "gemini-2.5-flash"), model: "gemini-2.5-flash")

/// Parsing and translating whole requests; the tools of an agent were seen before, except in `request.newtools`.
func measureRequests(_ meter: Meter) throws {
    for body in Bodies.all where meter.wants("request.\(body.name)") || meter.wants("explain.\(body.name)") {
        let bytes = body.make()
        for word in ["request", "explain"] {
            var tape = JSONTape()
            var translator = RequestTranslator()
            translator.spliceThreshold = 32 * 1024
            try meter.measure("\(word).\(body.name)", bytes: bytes.count) {
                try tape.parse(bytes.span, knowing: translator.knownArrays)
                let json = tape.document(of: bytes.span)
                var notes = NoteTaker(isOn: word == "explain")
                _ = try translator.translate(try ChatCompletionRequest(json), of: json, to: target, notes: &notes)
            }
        }
    }
    guard meter.wants("request.newtools") else { return }
    var bytes = Bodies.agent(turns: 6)
    let digits = bytes.indices.filter { bytes[$0..<min($0 + 8, bytes.count)].elementsEqual("Name of ".utf8) }
    var tape = JSONTape()
    var translator = RequestTranslator()
    var round = 0
    try meter.measure("request.newtools", bytes: bytes.count) {
        // Other digits in each tool, so that neither the list nor a schema was seen before.
        for place in digits {
            round += 1
            for (index, shift) in [0, 3, 6, 9].enumerated() {
                bytes[place + index] = UInt8(ascii: "0") + UInt8(round >> shift & 7)
            }
        }
        try tape.parse(bytes.span, knowing: translator.knownArrays)
        let json = tape.document(of: bytes.span)
        var notes = NoteTaker.off
        _ = try translator.translate(try ChatCompletionRequest(json), of: json, to: target, notes: &notes)
    }
}

/// One schema, cleaned up and found again, in both forms.
func measureSchemas(_ meter: Meter) throws {
    let forms = [("json", SchemaForm.jsonSchema), ("openapi", .openAPI(keepsAdditionalProperties: true))]
    for (name, form) in forms where meter.wants("schema.\(name)") || meter.wants("schema.\(name).known") {
        var tape = JSONTape()
        try tape.parse(Bodies.schema.span)
        let json = tape.document(of: Bodies.schema.span)
        let schema = SchemaTranslator(form: form, use: .tool)
        var writer = JSONWriter()
        var notes = NoteTaker.off
        try meter.measure("schema.\(name)", bytes: Bodies.schema.count) {
            writer.removeAll()
            try schema.write(.root, of: json, into: &writer, path: "", notes: &notes)
        }
        let cache = SchemaCache()
        try meter.measure("schema.\(name).known", bytes: Bodies.schema.count) {
            writer.removeAll()
            try cache.write(.root, of: json, by: schema, into: &writer, path: "", notes: &notes)
        }
    }
}

func measureAnswers(_ meter: Meter) throws {
    let limits = JSONLimits(acceptsLoneSurrogates: true)
    var tape = JSONTape()
    var writer = JSONWriter()
    var identifiers = IdentifierSource(seed: (1, 2))
    for (name, bytes) in [("answer.text", Bodies.textAnswer), ("answer.call", Bodies.callAnswer)] {
        try meter.measure(name, bytes: bytes.count) {
            writer.removeAll()
            try tape.parse(bytes.span, limits: limits)
            var translator = ResponseTranslator(plan: ResponsePlan(), now: 0)
            _ = translator.translate(tape.document(of: bytes.span), identifiers: &identifiers, into: &writer)
        }
    }
    // A stream of a usual length, its beginning included: an event costs a hundredth.
    try meter.measure("stream.100events", bytes: Bodies.event.count * 100) {
        var stream = StreamTranslator(plan: ResponsePlan(), now: 0)
        for _ in 0..<100 {
            writer.removeAll()
            try tape.parse(Bodies.event.span, limits: limits)
            stream.translate(tape.document(of: Bodies.event.span), identifiers: &identifiers, into: &writer)
        }
    }
    var stream = StreamTranslator(plan: ResponsePlan(), now: 0)
    try meter.measure("stream.event", bytes: Bodies.event.count) {
        writer.removeAll()
        try tape.parse(Bodies.event.span, limits: limits)
        stream.translate(tape.document(of: Bodies.event.span), identifiers: &identifiers, into: &writer)
    }
}

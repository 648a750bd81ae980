import PolluxJSON
import PolluxOpenAIWire
import PolluxSSE
import PolluxTranslation

/// What comes back: answers, streams and errors.
extension GoldenCase {
    func translate(answer bytes: [UInt8], plan: ResponsePlan) -> String {
        var tape = JSONTape()
        guard (try? tape.parse(bytes.span, limits: Self.upstreamLimits)) != nil else { return "not JSON" }
        var writer = JSONWriter()
        var identifiers = IdentifierSource(seed: (1, 2))
        var translator = ResponseTranslator(plan: plan, now: Self.now)
        let outcome = translator.translate(tape.document(of: bytes.span), identifiers: &identifiers, into: &writer)
        return outcome == .empty ? "\(outcome)" : String(decoding: writer.output.array(), as: UTF8.self)
    }

    private static let upstreamLimits = JSONLimits(acceptsLoneSurrogates: true)

    /// The data of each event, read in the pieces that lie between the cuts.
    static func events(of stream: [UInt8], cutAt cuts: [Int]) -> [[UInt8]] {
        var parser = EventParser(maximumEventBytes: 1 << 20)
        var events: [[UInt8]] = []
        var start = 0
        for end in cuts + [stream.count] {
            let piece = stream.span.extracting(start..<end)
            var offset = 0
            while let event = try? parser.next(in: piece, at: &offset) {
                switch event {
                case .inInput(let range): events.append(Array(copying: piece.extracting(range)))
                case .inBuffer: events.append(parser.buffered)
                }
            }
            start = end
        }
        if parser.finish() != nil { events.append(parser.buffered) }
        return events
    }

    /// The client's stream; an error of the upstream is its last event, and another end is told by its name.
    func translate(events: [[UInt8]], plan: ResponsePlan) -> String {
        var translator = StreamTranslator(plan: plan, now: Self.now)
        var identifiers = IdentifierSource(seed: (1, 2))
        var writer = JSONWriter()
        var tape = JSONTape()
        for data in events where !data.isEmpty && data != Array("[DONE]".utf8) {
            guard (try? tape.parse(data.span, limits: Self.upstreamLimits)) != nil else {
                return String(decoding: writer.output.array(), as: UTF8.self) + ": not JSON\n"
            }
            let json = tape.document(of: data.span)
            if UpstreamError.isError(json) {
                let error = UpstreamError.translate(event: json, credential: .gateway)
                let event = "data: " + String(decoding: error.body(), as: UTF8.self) + "\n\n"
                return String(decoding: writer.output.array(), as: UTF8.self) + event
            }
            translator.translate(json, identifiers: &identifiers, into: &writer)
        }
        let ending = translator.finish(into: &writer)
        let text = String(decoding: writer.output.array(), as: UTF8.self)
        return ending == .finished ? text : text + ": \(ending)\n"
    }

    /// An upstream's error answer, as `429`, headers, an empty line and a body, in the client's words.
    func translate(error bytes: [UInt8]) -> String {
        let text = String(decoding: bytes, as: UTF8.self)
        let head = text.prefix { $0 != "\n" }
        let rest = text.dropFirst(head.count + 1)
        let body = rest.hasPrefix("\n") ? rest.dropFirst() : rest.drop(upTo: "\n\n")
        let retryAfter = rest.split(separator: "\n").first { $0.hasPrefix("retry-after: ") }?.dropFirst(13)
        let error = UpstreamError.translate(
            status: Int(head) ?? 0, body: Array(body.utf8).span,
            retryAfter: retryAfter.flatMap { Int($0) }.map { .seconds($0) }, credential: credential
        )
        let headers = error.headers.map { "\($0.0): \($0.1)\n" }.joined()
        return "\(error.status)\n\(headers)\n" + String(decoding: error.body(), as: UTF8.self)
    }
}

extension Substring {
    /// What follows the first occurrence of `separator`.
    fileprivate func drop(upTo separator: String) -> Substring {
        firstRange(of: separator).map { self[$0.upperBound...] } ?? ""
    }
}

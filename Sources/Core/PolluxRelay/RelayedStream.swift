public import PolluxJSON
public import PolluxOpenAIWire
internal import PolluxSSE
public import PolluxTranslation

/// The events of a container's stream, one after another → what the client gets of them (09 § 5).
///
/// An event that needs no repair is relayed byte for byte. Where nothing is ever repaired, an event is parsed only
/// when it looks like an error, like the end of a choice, or like counts.
public struct RelayedStream: Sendable {
    /// What an event was.
    public enum Reading: Sendable, Equatable {
        /// A comment or the like: it is in the output, and is no part of the answer.
        case comment
        /// A part of the answer, which is in the output.
        case chunk
        /// `[DONE]`, which is in the output.
        case done
        /// Nothing of it is in the output.
        case failed(APIError)
        case unreadable
    }

    /// Whether `[DONE]` came.
    public private(set) var isDone = false
    /// What it has told so far.
    public private(set) var facts = AnswerFacts()
    private var repair: AnswerRepair
    private let settings: RelaySettings
    private let model: String?
    /// Choices that were asked for.
    private let choices: Int
    private let credential: UpstreamError.Credential

    private static let limits = JSONLimits(acceptsLoneSurrogates: true)

    public init(
        _ settings: RelaySettings, model: String?, choices: Int, credential: UpstreamError.Credential
    ) {
        self.settings = settings
        self.model = model
        self.choices = max(choices, 1)
        self.credential = credential
        repair = AnswerRepair(settings, model: model, isStream: true)
    }

    /// Whether every choice has its end (SELF-041).
    public var isComplete: Bool { facts.finished.count >= choices }

    /// Reads one whole event.
    public mutating func read(
        _ event: Span<UInt8>, identifiers: inout IdentifierSource, tape: inout JSONTape, into writer: inout JSONWriter
    ) -> Reading {
        switch EventData(of: event) {
        case .none:
            writer.output.append(event)
            return .comment
        case .line(let range):
            return read(event.extracting(range), of: event, &identifiers, &tape, &writer)
        case .lines(let data):
            return read(data.span, of: event, &identifiers, &tape, &writer)
        }
    }

    /// Reads what came of an event whose closing blank line is missing, where the stream ended properly.
    public mutating func readRest(
        _ rest: [UInt8], isBareJSON: Bool, identifiers: inout IdentifierSource, tape: inout JSONTape,
        into writer: inout JSONWriter
    ) -> Reading {
        if isBareJSON {
            guard let error = error(rest.span, &tape) else { return .unreadable }
            return .failed(error)
        }
        let closed = rest + Array("\n\n".utf8)
        guard case .line(let range) = EventData(of: rest.span), isReadable(rest.span.extracting(range), &tape) else {
            return .comment
        }
        return read(closed.span, identifiers: &identifiers, tape: &tape, into: &writer)
    }

    private func isReadable(_ data: Span<UInt8>, _ tape: inout JSONTape) -> Bool {
        data.equals("[DONE]") || (try? tape.parse(data, limits: Self.limits)) != nil
    }

    private mutating func read(
        _ data: Span<UInt8>, of event: Span<UInt8>, _ identifiers: inout IdentifierSource, _ tape: inout JSONTape,
        _ writer: inout JSONWriter
    ) -> Reading {
        if data.equals("[DONE]") {
            isDone = true
            writer.output.append(event)
            return .done
        }
        if data.isEmpty {
            writer.output.append(event)
            return .comment
        }
        let mayBeError = data.beginsLikeError
        guard repair.isNeeded || mayBeError || data.mayTellFacts else {
            writer.output.append(event)
            return .chunk
        }
        guard (try? tape.parse(data, limits: Self.limits)) != nil else {
            if repair.isNeeded { return .unreadable }
            writer.output.append(event)  // As produced: the client shall see what is wrong with it.
            return .chunk
        }
        let json = tape.document(of: data)
        if UpstreamError.isError(json) {
            return .failed(ContainerError.translate(event: json, credential: credential))
        }
        guard repair.isNeeded, json.isObject(.root) else {
            if repair.isNeeded { return .unreadable }
            facts.note(json)
            writer.output.append(event)
            return .chunk
        }
        let start = writer.output.count
        writer.output.append("data: " as StaticString)
        if repair.write(json, identifiers: &identifiers, into: &writer) {
            writer.output.append("\n\n" as StaticString)
        } else {
            writer.truncate(to: start)
            writer.output.append(event)
        }
        facts.note(json, choicesWithCalls: repair.choicesWithCalls)
        return .chunk
    }

    /// Reads a whole answer that came where a stream was asked for: one chunk, and the end (STREAM-062).
    public mutating func readWhole(
        _ answer: Span<UInt8>, identifiers: inout IdentifierSource, tape: inout JSONTape, into writer: inout JSONWriter
    ) -> Reading {
        if let error = error(answer, &tape) { return .failed(error) }
        guard (try? tape.parse(answer, limits: Self.limits)) != nil else { return .unreadable }
        let json = tape.document(of: answer)
        guard json.value("choices", of: .root) != nil else { return .unreadable }
        var settings = self.settings
        settings.normalizes = true
        var repair = AnswerRepair(settings, model: model, isStream: true)
        writer.output.append("data: " as StaticString)
        _ = repair.write(json, identifiers: &identifiers, into: &writer)
        facts.note(json, choicesWithCalls: repair.choicesWithCalls)
        writer.output.append("\n\ndata: [DONE]\n\n" as StaticString)
        isDone = true
        return .chunk
    }

    private func error(_ bytes: Span<UInt8>, _ tape: inout JSONTape) -> APIError? {
        guard (try? tape.parse(bytes, limits: Self.limits)) != nil else { return nil }
        let json = tape.document(of: bytes)
        return UpstreamError.isError(json) ? ContainerError.translate(event: json, credential: credential) : nil
    }
}

extension Span where Element == UInt8 {
    /// Whether the bytes begin with `{"error"` or `{"object":"error"`, white space aside.
    fileprivate var beginsLikeError: Bool {
        var at = 0
        guard skips("{", &at) else { return first == UInt8(ascii: "[") }
        if skips("\"error\"", &at) { return true }
        return skips("\"object\"", &at) && skips(":", &at) && skips("\"error\"", &at)
    }

    /// Whether a member `finish_reason` with a text, or `usage` with an object, may be in them.
    fileprivate var mayTellFacts: Bool {
        for at in indices.dropLast() where self[at] == UInt8(ascii: "\"") {
            var end = at
            switch self[at + 1] {
            case UInt8(ascii: "f"):
                if skips("\"finish_reason\"", &end), skips(":", &end), skips("\"", &end) { return true }
            case UInt8(ascii: "u"): if skips("\"usage\"", &end), skips(":", &end), skips("{", &end) { return true }
            default: break
            }
        }
        return false
    }

    private var first: UInt8? { isEmpty ? nil : self[0] }

    /// Moves behind `text` and the white space before it, when it stands there.
    private func skips(_ text: StaticString, _ at: inout Int) -> Bool {
        var start = at
        while start < count, self[start] == 0x20 || self[start] == 0x09 || self[start] == 0x0A { start += 1 }
        let end = start + text.utf8CodeUnitCount
        guard end <= count, extracting(start..<end).equals(text) else { return false }
        at = end
        return true
    }
}

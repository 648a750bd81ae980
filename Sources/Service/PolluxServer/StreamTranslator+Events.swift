import PolluxGateway
import PolluxJSON
import PolluxOpenAIWire
import PolluxSSE
import PolluxTranslation

/// From the bytes of an upstream's stream to those of the client's.
///
/// What belongs to the loop comes in once for a read, and not once for an event.
extension StreamTranslator {
    /// Translates all events that end in `bytes`.
    ///
    /// - Throws: the error that an event is, or that there is in it; what came before it is translated.
    mutating func translate(
        _ bytes: Span<UInt8>, call: Int, cutBy events: inout EventParser, credential: UpstreamError.Credential,
        tape: inout JSONTape, identifiers: inout IdentifierSource, into writer: inout JSONWriter
    ) throws(APIError) {
        var offset = 0
        while let event = try Self.next(&events, in: bytes, at: &offset) {
            switch event {
            case .inInput(let range):
                try translate(
                    event: bytes.extracting(range), call: call, credential: credential, tape: &tape,
                    identifiers: &identifiers, into: &writer)
            case .inBuffer:
                let buffered = events.buffered
                try translate(
                    event: buffered.span, call: call, credential: credential, tape: &tape,
                    identifiers: &identifiers, into: &writer)
            }
        }
    }

    private static func next(
        _ events: inout EventParser, in bytes: Span<UInt8>, at offset: inout Int
    ) throws(APIError) -> EventParser.Event? {
        do throws(EventTooLarge) {
            return try events.next(in: bytes, at: &offset)
        } catch {
            throw Exchange.invalidAnswer
        }
    }

    /// Translates the data of one event.
    mutating func translate(
        event data: Span<UInt8>, call: Int, credential: UpstreamError.Credential, tape: inout JSONTape,
        identifiers: inout IdentifierSource, into writer: inout JSONWriter
    ) throws(APIError) {
        if data.isEmpty || data.equals("[DONE]") { return }
        do throws(JSONError) {
            try tape.parse(data, limits: JSONLimits(acceptsLoneSurrogates: true))
        } catch {
            throw Exchange.invalidAnswer
        }
        let json = tape.document(of: data)
        if UpstreamError.isError(json) { throw UpstreamError.translate(event: json, credential: credential) }
        guard json.isObject(.root) else { throw Exchange.invalidAnswer }
        translate(json, call: call, identifiers: &identifiers, into: &writer)
    }
}

internal import PolluxGeminiWire
internal import PolluxJSON

/// What is the same in every chunk of an answer: id, time, model, fingerprint (RESP-001…005, STREAM-020).
struct AnswerEnvelope {
    /// The upstream's; `nil` where it gives none.
    private let id: JSONNode?
    private let ownID: String
    /// Unix seconds.
    let created: Int
    private let fingerprint: JSONNode?

    init(
        _ response: GenerateContentResponse, of json: borrowing JSONDocument, now: Int,
        identifiers: inout IdentifierSource
    ) {
        id = response.responseId.flatMap { json.isString($0) && json.length($0) > 0 ? $0 : nil }
        ownID = id == nil ? "chatcmpl-" + identifiers.letters(24) : ""
        created = response.createTime.flatMap { Self.seconds(json.string($0)) } ?? now
        fingerprint = response.modelVersion
    }

    /// Writes the members from `created` to `system_fingerprint`, into an open object.
    ///
    /// - Parameters:
    ///   - json: the answer, or the event, from which it was made.
    ///   - model: the request's.
    func write(
        of json: borrowing JSONDocument, model: String, into writer: inout JSONWriter, object: StaticString,
        serviceTier: StaticString?
    ) {
        writer.member("created", created)
        writer.output.append(",\"id\":" as StaticString)
        if let id { writer.copy(id, of: json) } else { writer.string(text: ownID) }
        writer.output.append(",\"model\":" as StaticString)
        writer.string(text: model)
        writer.output.append(",\"object\":" as StaticString)
        writer.string(object)
        if let serviceTier {
            writer.key("service_tier")
            writer.string(serviceTier)
        }
        writer.output.append(",\"system_fingerprint\":" as StaticString)
        if let fingerprint, json.isString(fingerprint) {
            writer.copy(fingerprint, of: json)
        } else {
            writer.string(text: fingerprint.map { json.string($0) } ?? "")
        }
    }

    /// The Unix time of `2026-03-21T18:11:27.235482Z`, floored.
    static func seconds(_ text: String) -> Int? {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes[4] == UInt8(ascii: "-"), bytes[10] | 0x20 == UInt8(ascii: "t") else {
            return nil
        }
        func number(_ range: Range<Int>) -> Int? {
            var value = 0
            for byte in bytes[range] {
                guard byte &- UInt8(ascii: "0") < 10 else { return nil }
                value = value * 10 + Int(byte - UInt8(ascii: "0"))
            }
            return value
        }
        guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10), let hour = number(11..<13),
            let minute = number(14..<16), let second = number(17..<19), (1...12).contains(month), (1...31).contains(day)
        else { return nil }
        // Days since 1970 by counting from 1 March of year 0 (Hinnant, "chrono-compatible date algorithms").
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let days = era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
        return ((days * 24 + hour) * 60 + minute) * 60 + second
    }
}

import FoundationEssentials
import PolluxJSON

/// Why a file is no cassette.
public struct CassetteError: Error, Sendable, Equatable, CustomStringConvertible {
    /// With the place in the file: `calls[0].response.status is missing or of another type`.
    public let description: String
}

extension Cassette {
    /// Reads a file's text.
    public init(fileText bytes: Span<UInt8>) throws(CassetteError) {
        guard let json = JSONValue(parsing: bytes) else { throw CassetteError(description: "the file is no JSON") }
        let root = Place(json, path: "")
        guard try root.integer("cassette") == Self.format else {
            throw CassetteError(description: "the file is of a format that this version does not read")
        }
        time = try root.text("time")
        requestID = try root.text("request_id")
        contents = try root.word("contents")
        droppedBytes = root.has("dropped_bytes") ? try root.integer("dropped_bytes") : 0
        let client = try root.member("client")
        self.client = Exchange(
            request: try Request(client.member("request"), addressName: "path"),
            response: client.has("response") ? try Response(client.member("response")) : nil
        )
        calls = []
        for call in try root.list("calls") {
            calls.append(
                Call(
                    sentMilliseconds: try call.milliseconds("sent_ms"),
                    request: try Request(call.member("request"), addressName: "url"),
                    response: call.has("response") ? try Response(call.member("response")) : nil,
                    ending: try call.word("ending")
                )
            )
        }
    }
}

extension Cassette.Request {
    fileprivate init(_ place: Place, addressName: String) throws(CassetteError) {
        self.init(
            method: try place.text("method"), url: try place.text(addressName), headers: try place.headers(),
            body: try place.pieces()
        )
    }
}

extension Cassette.Response {
    fileprivate init(_ place: Place) throws(CassetteError) {
        self.init(status: try place.status(), headers: try place.headers(), body: try place.pieces())
    }
}

/// A value in the file, and where it stands.
private struct Place {
    let value: JSONValue
    let path: String

    init(_ value: JSONValue, path: String) {
        self.value = value
        self.path = path
    }

    func has(_ name: String) -> Bool { value[name] != nil }

    func member(_ name: String) throws(CassetteError) -> Place {
        guard let member = value[name] else { throw wrong(name) }
        return Place(member, path: path.isEmpty ? name : "\(path).\(name)")
    }

    func text(_ name: String) throws(CassetteError) -> String {
        guard let text = value[name]?.text else { throw wrong(name) }
        return text
    }

    func integer(_ name: String) throws(CassetteError) -> Int {
        guard let number = value[name]?.integer else { throw wrong(name) }
        return number
    }

    func status() throws(CassetteError) -> Int {
        let status = try integer("status")
        guard (200...599).contains(status) else { throw wrong("status") }
        return status
    }

    /// Milliseconds, of a day at most: a recording that somebody wrote by hand may say anything.
    func milliseconds(_ name: String) throws(CassetteError) -> Double {
        guard let number = value[name]?.decimal, (0...86_400_000).contains(number) else { throw wrong(name) }
        return number
    }

    func word<Word: RawRepresentable<String>>(_ name: String) throws(CassetteError) -> Word {
        guard let word = Word(rawValue: try text(name)) else { throw wrong(name) }
        return word
    }

    func list(_ name: String) throws(CassetteError) -> [Place] {
        guard let elements = value[name]?.elements else { throw wrong(name) }
        let start = path.isEmpty ? name : "\(path).\(name)"
        return elements.enumerated().map { Place($0.element, path: "\(start)[\($0.offset)]") }
    }

    func headers() throws(CassetteError) -> [Cassette.Header] {
        guard case .object(let members)? = value["headers"] else { throw wrong("headers") }
        var headers: [Cassette.Header] = []
        for member in members {
            guard let text = member.value.text else { throw wrong("headers.\(member.name)") }
            headers.append(Cassette.Header(name: member.name, value: text))
        }
        return headers
    }

    func pieces() throws(CassetteError) -> [Cassette.Piece] {
        var pieces: [Cassette.Piece] = []
        for place in try list("body") {
            let time = place.has("ms") ? try place.milliseconds("ms") : nil
            pieces.append(Cassette.Piece(milliseconds: time, content: try place.content()))
        }
        return pieces
    }

    private func content() throws(CassetteError) -> Cassette.Piece.Content {
        if let json = value["json"] { return .json(json) }
        if let data = value["data"] { return .event(data, lineEnd: has("line_end") ? try word("line_end") : .lf) }
        if has("text") { return .text(try text("text")) }
        guard let bytes = Data(base64Encoded: try text("base64")) else { throw wrong("base64") }
        return .bytes(Array(bytes))
    }

    private func wrong(_ name: String) -> CassetteError {
        CassetteError(description: "\(path.isEmpty ? name : "\(path).\(name)") is missing or of another type")
    }
}

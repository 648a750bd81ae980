import FoundationEssentials
import PolluxJSON

extension Cassette {
    /// The cassette as its file's text.
    public var fileText: [UInt8] { PrettyJSON.text(of: json.bytes) + [UInt8(ascii: "\n")] }

    private var json: JSONValue {
        var members: [JSONValue.Member] = [
            .init("cassette", .number("\(Self.format)")), .init("time", .string(time)),
            .init("request_id", .string(requestID)), .init("contents", .string(contents.rawValue)),
        ]
        if droppedBytes > 0 { members.append(.init("dropped_bytes", .number("\(droppedBytes)"))) }
        var exchange: [JSONValue.Member] = [.init("request", client.request.json(addressName: "path"))]
        if let response = client.response { exchange.append(.init("response", response.json)) }
        members.append(.init("client", .object(exchange)))
        members.append(.init("calls", .array(calls.map(\.json))))
        return .object(members)
    }
}

extension Cassette.Request {
    fileprivate func json(addressName: String) -> JSONValue {
        .object([
            .init("method", .string(method)), .init(addressName, .string(url)), .init("headers", headers.json),
            .init("body", .array(body.map(\.json))),
        ])
    }
}

extension Cassette.Response {
    fileprivate var json: JSONValue {
        .object([
            .init("status", .number("\(status)")), .init("headers", headers.json),
            .init("body", .array(body.map(\.json))),
        ])
    }
}

extension Cassette.Call {
    fileprivate var json: JSONValue {
        var members: [JSONValue.Member] = [
            .init("sent_ms", milliseconds(sentMilliseconds)), .init("request", request.json(addressName: "url")),
        ]
        if let response { members.append(.init("response", response.json)) }
        members.append(.init("ending", .string(ending.rawValue)))
        return .object(members)
    }
}

extension Cassette.Piece {
    fileprivate var json: JSONValue {
        var members: [JSONValue.Member] = []
        if let time = self.milliseconds { members.append(.init("ms", PolluxCassette.milliseconds(time))) }
        switch content {
        case .json(let value): members.append(.init("json", value))
        case .event(let value, let lineEnd):
            members.append(.init("data", value))
            if lineEnd == .crlf { members.append(.init("line_end", .string(lineEnd.rawValue))) }
        case .text(let text): members.append(.init("text", .string(text)))
        case .bytes(let bytes): members.append(.init("base64", .string(Data(bytes).base64EncodedString())))
        }
        return .object(members)
    }
}

extension [Cassette.Header] {
    fileprivate var json: JSONValue { .object(map { JSONValue.Member($0.name, .string($0.value)) }) }
}

/// With three digits behind the point: no clock here knows more.
private func milliseconds(_ value: Double) -> JSONValue {
    let thousandths = Int((value * 1000).rounded())
    let fraction = String(thousandths % 1000 + 1000).dropFirst()
    return .number("\(thousandths / 1000).\(fraction)")
}

import PolluxJSON

/// What the scripted upstream answers to one call.
///
///     {"json": {…}}                                    a whole answer
///     {"events": [{…}, …]}                             a stream of server-sent events
///     {"text": "<html>…", "content_type": "text/html"} bytes as they are
///
/// and beside one of these `"status"` (200), `"headers"`, `"pieces"` (bytes of each write) and `"breaks": true`, which
/// ends the connection where the answer would go on.
struct UpstreamAnswer: Sendable {
    var status: Int
    var headers: [(name: String, value: String)]
    var body: [UInt8]
    var pieceBytes: Int?
    var breaks: Bool

    init(_ json: JSONValue) throws(CaseError) {
        status = json["status"]?.integer ?? 200
        var contentType = "application/json; charset=UTF-8"
        if let value = json["json"] {
            body = value.bytes
        } else if let events = json["events"]?.elements {
            contentType = "text/event-stream"
            body = []
            for event in events { body += Array("data: ".utf8) + event.bytes + Array("\r\n\r\n".utf8) }
        } else if let text = json["text"]?.text {
            body = Array(text.utf8)
        } else {
            throw CaseError("an answer without a body")
        }
        if let own = json["content_type"]?.text { contentType = own }
        headers = [("content-type", contentType)]
        if case .object(let members)? = json["headers"] { headers += members.map { ($0.name, $0.value.text ?? "") } }
        pieceBytes = json["pieces"]?.integer
        breaks = json["breaks"] == .boolean(true)
    }
}

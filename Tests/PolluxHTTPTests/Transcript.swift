import NIOCore

@testable import PolluxHTTP

/// What a client's bytes are cut into, as text: one line for each request, and the error at the end.
///
///     POST /a [host=b] <hello> keep
///     ! malformedHost
///
/// A body stands between angle brackets, in one piece however it came; `…` says that bytes are missing.
func transcript(_ pieces: [ByteBuffer], limits: RequestLimits = RequestLimits()) -> String {
    var framing = RequestFraming(limits: limits)
    var result = ""
    var body = ByteBuffer()
    do throws(RequestError) {
        for piece in pieces {
            var bytes = piece
            while let event = try framing.next(&bytes) {
                switch event {
                case .head: result += summary(framing.head) + " <"
                case .body(var piece): body.writeBuffer(&piece)
                case .end:
                    result += String(buffer: body)
                    body.clear()
                    result += framing.head.keepsAlive ? "> keep\n" : "> close\n"
                    framing.startNext()
                }
            }
        }
    } catch {
        result += String(buffer: body)
        // After an error nothing is read, whatever comes.
        var more = ByteBuffer(string: "GET / HTTP/1.1\r\nhost: a\r\n\r\n")
        do throws(RequestError) {
            _ = try framing.next(&more)
            return "read on after an error"
        } catch let again {
            return again == error ? result + "! \(error)" : "another error: \(again)"
        }
    }
    return framing.isBetweenRequests ? result : result + String(buffer: body) + "…"
}

func transcript(_ text: String, limits: RequestLimits = RequestLimits()) -> String {
    transcript([ByteBuffer(string: text)], limits: limits)
}

private func summary(_ head: RequestHead) -> String {
    let fields = (0..<head.fieldCount).map { "\(head.name(at: $0))=\(head.value(at: $0))" }.joined(separator: ";")
    let marks = (head.isVersion10 ? " 1.0" : "") + (head.expectsContinue ? " expects" : "")
    return "\(head.methodText) \(head.target) [\(fields)]\(marks)"
}

/// The text in pieces of `size` bytes.
func pieces(_ bytes: [UInt8], of size: Int) -> [ByteBuffer] {
    stride(from: 0, to: bytes.count, by: size).map { ByteBuffer(bytes: bytes[$0..<min($0 + size, bytes.count)]) }
}

/// The text in two pieces, cut at each place in turn; then in pieces of 1, 2, 3 … bytes.
func everySplit(_ text: String) -> [[ByteBuffer]] {
    let bytes = Array(text.utf8)
    let pairs = (0...bytes.count).map { [ByteBuffer(bytes: bytes[..<$0]), ByteBuffer(bytes: bytes[$0...])] }
    return pairs + (1...max(bytes.count, 1)).map { pieces(bytes, of: $0) }
}

import PolluxGateway
import PolluxTranslation

/// What a request is called in answers, logs and traces (GEN-009).
extension Worker {
    /// The client's own name for it, if that is one; else a new one.
    func requestID(of request: ClientRequest) -> String {
        if let own = request.header("x-request-id"), Self.isRequestID(own) { return own }
        return withIdentifiers { $0.uuid() }
    }

    /// `^[A-Za-z0-9._-]{1,128}$`
    private static func isRequestID(_ text: String) -> Bool {
        (1...128).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte &- UInt8(ascii: "0") < 10
                    || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
            }
    }
}

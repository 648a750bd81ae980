import PolluxConfiguration
import PolluxHTTP

/// What an answer tells browsers, so that pages of other origins may read it (EP-012).
///
/// Clients carry a key of their own and no cookie, so every field of an answer may be read.
enum CrossOrigin {
    /// - Returns: lines for the end of an answer's head, each with its line break; `nil` where nothing is
    ///   configured.
    static func fields(for head: borrowing RequestHead, _ settings: Configuration.CORS) -> String? {
        guard !settings.allowedOrigins.isEmpty else { return nil }
        let varies = settings.allowedOrigins.contains("*") ? "" : "vary: origin\r\n"
        guard let origin = allowedOrigin(head, settings) else { return varies }
        return "access-control-allow-origin: \(origin)\r\naccess-control-expose-headers: *\r\n" + varies
    }

    /// - Returns: what stands for the page's origin in the answer; `nil` where its page may not read that.
    private static func allowedOrigin(_ head: borrowing RequestHead, _ settings: Configuration.CORS) -> String? {
        if settings.allowedOrigins.contains("*") { return "*" }
        guard let origin = head.value("origin"), settings.allowedOrigins.contains(origin) else { return nil }
        return origin
    }

    /// A browser asks whether a page may send a request with a key in it, and it may.
    static func isPreflight(_ head: borrowing RequestHead, _ settings: Configuration.CORS) -> Bool {
        head.method == .options && head.value("origin") != nil && head.value("access-control-request-method") != nil
            && allowedOrigin(head, settings) != nil
    }

    /// The answer to that, for every path. `*` does not stand for `authorization`.
    static let permissions = [
        ("access-control-allow-methods", "GET, POST"), ("access-control-allow-headers", "*, authorization"),
        ("access-control-max-age", "7200"),
    ]
}

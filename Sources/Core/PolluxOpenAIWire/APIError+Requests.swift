public import PolluxJSON

extension APIError {
    /// A bug of ours: it tells nothing of what is inside (ERR-028).
    public static var internalError: APIError {
        APIError(
            status: 500, kind: .server,
            message: "The server had an error while processing your request. Sorry about that!", code: "internal_error"
        )
    }
}

/// The 400s of a request's fields, in OpenAI's wording.
extension APIError {
    public static func badRequest(_ message: String, param: String?, code: String?) -> APIError {
        APIError(status: 400, kind: .invalidRequest, message: message, param: param, code: code)
    }

    /// `Invalid type for 'temperature': expected a decimal, but got a string instead.`
    public static func invalidType(_ param: String, expected: String, got: String) -> APIError {
        badRequest(
            "Invalid type for '\(param)': expected \(expected), but got \(got) instead.", param: param,
            code: "invalid_type"
        )
    }

    /// The same for a value of a document.
    public static func invalidType(
        _ param: String, expected: String, got node: JSONNode, of json: borrowing JSONDocument
    ) -> APIError {
        let got: String
        switch json.kind(node) {
        case .number: got = json.isIntegral(node) ? "an integer" : "a decimal"
        default: got = json.kind(node).description
        }
        return invalidType(param, expected: expected, got: got)
    }

    /// `Invalid value: 'X'. Supported values are: 'a', 'b', and 'c'.`
    public static func invalidValue(_ param: String, found: String, supported: [String]) -> APIError {
        badRequest(
            "Invalid value: '\(shortened(found))'. Supported values are: \(list(supported)).", param: param,
            code: "invalid_value"
        )
    }

    public static func missing(_ param: String) -> APIError {
        badRequest("Missing required parameter: '\(param)'.", param: param, code: "missing_required_parameter")
    }

    public static func emptyArray(_ param: String) -> APIError {
        badRequest(
            "Invalid '\(param)': empty array. Expected an array with minimum length 1, but got an empty array instead.",
            param: param, code: "empty_array"
        )
    }

    /// `'a', 'b', and 'c'`
    static func list(_ words: [String]) -> String {
        let quoted = words.map { "'\($0)'" }
        guard quoted.count > 1 else { return quoted.first ?? "" }
        guard quoted.count > 2 else { return "\(quoted[0]) and \(quoted[1])" }
        return quoted.dropLast().joined(separator: ", ") + ", and \(quoted[quoted.count - 1])"
    }

    /// The beginning of a text from outside, so that no error repeats a megabyte.
    ///
    /// It is cut between scalars: what is shown as one character may have any number of them.
    public static func shortened(_ text: String, to limit: Int = 200) -> String {
        let scalars = text.unicodeScalars
        guard let end = scalars.index(scalars.startIndex, offsetBy: limit, limitedBy: scalars.endIndex),
            end < scalars.endIndex
        else { return text }
        return String(scalars[..<end]) + "…"
    }
}

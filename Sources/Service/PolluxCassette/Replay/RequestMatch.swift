import PolluxJSON

/// When a request is the one that was recorded.
///
///     strict     method, path, query and the whole body are the same; the order of members does not count
///     tolerant   the same model and method, and the same conversation: what else the body says is not compared
///                (settings, tool configuration, labels, ids, signatures), runs of white space count as one space
public enum RequestMatch: String, Sendable, CaseIterable {
    case strict
    case tolerant

    /// Members of the body that ``tolerant`` leaves out, at any depth but inside a caller's own data.
    static let ignored: Set<String> = [
        "generationConfig", "safetySettings", "labels", "serviceTier", "toolConfig", "cachedContent",
        "modelArmorConfig", "id", "thoughtSignature",
    ]
    private static let userData: Set<String> = ["args", "response", "parameters", "parametersJsonSchema"]

    /// The form in which two bodies are compared.
    func comparable(_ body: JSONValue) -> JSONValue {
        self == .strict ? body : Self.reduced(body)
    }

    private static func reduced(_ value: JSONValue) -> JSONValue {
        switch value {
        case .null, .boolean, .number: value
        case .string(let text): .string(text.split(whereSeparator: \.isWhitespace).joined(separator: " "))
        case .array(let values): .array(values.map(reduced))
        case .object(let members):
            .object(
                members.filter { !ignored.contains($0.name) }.map { member in
                    JSONValue.Member(
                        member.name, userData.contains(member.name) ? member.value : reduced(member.value)
                    )
                }
            )
        }
    }

    /// Whether two addresses, path and query, call the same.
    func matches(_ target: String, _ recorded: String) -> Bool {
        self == .strict ? target == recorded : Self.modelAndMethod(target) == Self.modelAndMethod(recorded)
    }

    /// `gemini-2.5-flash:generateContent` of any project, location and version.
    private static func modelAndMethod(_ target: String) -> Substring {
        let path = target.prefix { $0 != "?" }
        return path.lastIndex(of: "/").map { path[path.index(after: $0)...] } ?? path
    }
}

import PolluxJSON

/// A case that cannot be read; these are ours, so it is a fault of the program.
struct CaseError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// One sentence of the specification, tried on an endpoint.
struct ConformanceCase: Sendable {
    let group: String
    /// The sentence.
    let name: String
    let rules: [String]
    let steps: [Step]

    /// Any model's answer will do: it is tried without an upstream of ours, too.
    let takesAnyAnswer: Bool

    /// Whether it says something without an upstream of ours.
    var isLive: Bool { takesAnyAnswer || steps.allSatisfy { $0.answers.isEmpty } }

    /// One request, what the upstream answers to it, and what must come of that.
    struct Step: Sendable {
        /// Below the base: `/chat/completions`.
        var path: String
        var method: String
        /// The body; `raw` stands for what is no JSON.
        var request: JSONValue?
        var raw: String?
        var headers: [(name: String, value: String)]
        /// What the upstream answers, one call after the other; the last one also to every further call.
        var answers: [UpstreamAnswer]
        var expectations: [Expectation]
        /// Names, and where in the observation their values stand.
        var captures: [(name: String, path: ValuePath)]
    }
}

extension ConformanceCase {
    /// The whole suite, in the order in which it is told.
    static func all() throws(CaseError) -> [ConformanceCase] {
        var cases: [ConformanceCase] = []
        for file in [
            PackageResources.basics_json, PackageResources.messages_json, PackageResources.parameters_json,
            PackageResources.tools_json, PackageResources.signatures_json, PackageResources.answers_json,
            PackageResources.streams_json, PackageResources.errors_json, PackageResources.models_json,
        ] { cases += try read(file.span) }
        return cases
    }

    /// Reads a group's file: `{"group": …, "cases": [{"name", "rules", "steps": [{…}]}]}`.
    static func read(_ bytes: Span<UInt8>) throws(CaseError) -> [ConformanceCase] {
        guard let json = JSONValue(parsing: bytes), let group = json["group"]?.text, let cases = json["cases"]?.elements
        else { throw CaseError("a file of cases that is none") }
        var result: [ConformanceCase] = []
        for element in cases {
            guard let name = element["name"]?.text, let rules = element["rules"]?.elements,
                let steps = element["steps"]?.elements
            else { throw CaseError("a case in '\(group)' without name, rules or steps") }
            var read: [Step] = []
            for step in steps { read.append(try Step(step)) }
            result.append(
                ConformanceCase(
                    group: group, name: name, rules: rules.compactMap(\.text), steps: read,
                    takesAnyAnswer: element["live"] == .boolean(true)
                )
            )
        }
        return result
    }
}

extension ConformanceCase.Step {
    fileprivate init(_ json: JSONValue) throws(CaseError) {
        path = json["path"]?.text ?? "/chat/completions"
        method = json["method"]?.text ?? "POST"
        request = json["request"]
        raw = json["raw"]?.text
        headers = []
        if case .object(let members)? = json["headers"] {
            headers = members.map { ($0.name, $0.value.text ?? "") }
        }
        answers = []
        for answer in json["answers"]?.elements ?? [] { answers.append(try UpstreamAnswer(answer)) }
        expectations = []
        for expectation in json["expect"]?.elements ?? [] { expectations.append(try Expectation(expectation)) }
        captures = []
        if case .object(let members)? = json["capture"] {
            for member in members {
                guard let path = member.value.text.flatMap(ValuePath.init) else {
                    throw CaseError("a capture without path")
                }
                captures.append((member.name, path))
            }
        }
    }
}

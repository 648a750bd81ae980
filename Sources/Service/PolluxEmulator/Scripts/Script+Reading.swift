import PolluxJSON

extension Script {
    /// Rules and quotas of one script.
    static let maximumRules = 1000

    /// Reads a script in YAML or JSON.
    ///
    /// - Parameter recordings: where recorded answers lie.
    /// - Throws: ``Failure``, which names every unknown field and wrong type.
    public init(_ text: String, recordings: Recordings = Recordings()) throws(Failure) {
        do throws(GoogleError) {
            try self.init(reading: text, recordings)
        } catch {
            throw Failure(description: error.message)
        }
    }

    /// Why a script cannot be played.
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    init(reading text: String, _ recordings: Recordings) throws(GoogleError) {
        let bytes = try YAMLText.json(text)
        var tape = JSONTape()
        do throws(JSONError) {
            try tape.parse(bytes.span)
        } catch {
            throw .invalid("The script is too large or nested too deeply.")
        }
        let json = tape.document(of: bytes.span)
        try FieldCheck.check(json, as: "Script", FieldCheck(.script, typePrefix: "", version: ""))
        seed = json.wholeNumber(json.value("seed", of: .root)).map { UInt64(truncatingIfNeeded: $0) }
        let rules = json.each(json.value("rules", of: .root))
        let quotas = json.each(json.value("quotas", of: .root))
        guard rules.count + quotas.count <= Self.maximumRules else {
            throw .invalid("The script has more than \(Self.maximumRules) rules and quotas.")
        }
        for (index, node) in rules.enumerated() {
            self.rules.append(try ScriptRule(node, at: index, json, recordings))
        }
        for node in quotas { self.quotas.append(try Quota(node, json)) }
    }
}

extension ScriptRule {
    fileprivate init(
        _ node: JSONNode, at index: Int, _ json: borrowing JSONDocument, _ recordings: Recordings
    ) throws(GoogleError) {
        name = json.text(of: json.value("name", of: node)) ?? "rules[\(index)]"
        if let value = json.value("match", of: node) { match = RequestMatch(value, json) }
        skip = max(json.wholeNumber(json.value("skip", of: node)) ?? 0, 0)
        times = json.wholeNumber(json.value("times", of: node))
        chance = json.floatNumber(json.value("chance", of: node)) ?? 1
        guard (0...1).contains(chance) else { throw .invalid("'rules[\(index)].chance' must be from 0 to 1.") }
        if let value = json.value("latency", of: node) {
            latency = try Latency(value, json, at: "rules[\(index)].latency")
        }
        if let value = json.value("error", of: node) {
            outcome = .error(try GoogleError(scripted: value, json, at: "rules[\(index)].error"))
        } else if let value = json.value("answer", of: node) {
            outcome = .answer(try FixedAnswer(value, json, at: "rules[\(index)].answer", recordings))
        }
        if let text = json.text(of: json.value("directives", of: node)) { directives = try Directives(words: text) }
        if case .answer(let answer) = outcome, case .text(let text) = answer.content {
            var said = directives ?? Directives()
            said.say = text
            directives = said
        }
        if let value = json.value("fault", of: node) { fault = Self.fault(value, json) }
        if let value = json.value("drip", of: node) {
            drip = Delivery.Drip(
                bytes: max(json.wholeNumber(json.value("bytes", of: value)) ?? 1, 1),
                milliseconds: try json.span(json.value("every", of: value), at: "rules[\(index)].drip.every") ?? 10
            )
        }
        if let value = json.value("pace", of: node) {
            var read = Pace()
            let at = "rules[\(index)].pace"
            read.firstEventMilliseconds =
                try json.span(json.value("firstEvent", or: "first_event", of: value), at: at + ".first_event") ?? 0
            read.eventMilliseconds =
                try json.span(json.value("everyEvent", or: "every_event", of: value), at: at + ".every_event") ?? 0
            read.tokensPerSecond =
                max(json.wholeNumber(json.value("tokensPerSecond", or: "tokens_per_second", of: value)) ?? 0, 0)
            pace = read
        }
    }

    private static func fault(
        _ node: JSONNode, _ json: borrowing JSONDocument
    ) -> (kind: Delivery.Fault, place: Delivery.Place) {
        let kind: Delivery.Fault =
            switch json.word(json.value("kind", of: node)) {
            case "TRUNCATE": .truncate
            case "HANG": .hang
            default: .reset
            }
        if let count = json.wholeNumber(json.value("afterBytes", or: "after_bytes", of: node)) {
            return (kind, .bytes(max(count, 0)))
        }
        if let count = json.wholeNumber(json.value("afterEvents", or: "after_events", of: node)) {
            return (kind, .events(max(count, 0)))
        }
        return (kind, .head)
    }
}

extension RequestMatch {
    fileprivate init(_ node: JSONNode, _ json: borrowing JSONDocument) {
        service = json.word(json.value("service", of: node)).flatMap { RequestFacts.Service(rawValue: $0.lowercased()) }
        method = json.text(of: json.value("method", of: node))
        model = json.text(of: json.value("model", of: node))
        region = json.text(of: json.value("region", of: node))
        project = json.text(of: json.value("project", of: node))
        path = json.text(of: json.value("path", of: node))
        body = json.text(of: json.value("body", of: node)).map { Array($0.utf8) }
    }
}

extension Latency {
    fileprivate init(_ node: JSONNode, _ json: borrowing JSONDocument, at path: String) throws(GoogleError) {
        if json.isString(node) {
            self = .fixed(milliseconds: try json.span(node, at: path) ?? 0)
            return
        }
        let bounds = json.each(json.value("uniform", of: node))
        if bounds.count == 2, let low = try json.span(bounds[0], at: path),
            let high = try json.span(bounds[1], at: path),
            low <= high
        {
            self = .uniform(milliseconds: low...high)
            return
        }
        guard let median = try json.span(json.value("median", of: node), at: path),
            let p95 = try json.span(json.value("p95", of: node), at: path)
        else {
            throw .invalid("'\(path)' must be a length of time, {uniform: [from, to]} or {median: …, p95: …}.")
        }
        self = .lognormal(medianMilliseconds: median, p95Milliseconds: p95)
    }
}

extension GoogleError {
    fileprivate init(scripted node: JSONNode, _ json: borrowing JSONDocument, at path: String) throws(GoogleError) {
        let code = json.wholeNumber(json.value("status", of: node)) ?? 503
        guard (400...599).contains(code) else { throw .invalid("'\(path).status' must be from 400 to 599.") }
        self.init(Status.of(code: code), json.text(of: json.value("message", of: node)))
        self.code = code
        if let reason = json.text(of: json.value("reason", of: node)) {
            self.reason = Reason(reason: reason, service: Backend.developer.service)
        }
        retryDelayMilliseconds =
            try json.span(json.value("retryAfter", or: "retry_after", of: node), at: path + ".retry_after")
    }
}

extension Quota {
    fileprivate init(_ node: JSONNode, _ json: borrowing JSONDocument) throws(GoogleError) {
        model = json.text(of: json.value("model", of: node))
        region = json.text(of: json.value("region", of: node))
        project = json.text(of: json.value("project", of: node))
        requestsPerMinute = json.wholeNumber(json.value("requestsPerMinute", or: "requests_per_minute", of: node))
        tokensPerMinute = json.wholeNumber(json.value("tokensPerMinute", or: "tokens_per_minute", of: node))
        guard requestsPerMinute != nil || tokensPerMinute != nil else {
            throw .invalid("A quota needs requests_per_minute or tokens_per_minute.")
        }
    }
}

extension JSONDocument {
    /// Milliseconds of a length of time; `nil` when there is none.
    fileprivate func span(_ node: JSONNode?, at path: String) throws(GoogleError) -> Int? {
        guard let node else { return nil }
        guard let text = text(of: node), let milliseconds = TimeSpan.milliseconds(text), milliseconds >= 0 else {
            throw .invalid("'\(path)' must be a length of time like 250ms, 34s or 2m.")
        }
        return milliseconds
    }
}

internal import PolluxJSON
internal import PolluxOpenAIWire

/// Sampling, lengths, stops and the number of answers → `generationConfig`, and the order of its other members.
extension RequestTranslation {
    mutating func writeGenerationConfig() throws(APIError) {
        let extra = google.generationConfig.flatMap { json.isEmpty($0) ? nil : $0 }
        let threshold = writer.spliceThreshold
        if extra != nil { writer.spliceThreshold = .max }  // What is merged is read back, whole.
        defer { writer.spliceThreshold = threshold }
        let start = writer.output.count
        writer.key("generationConfig")
        let objectStart = writer.output.count
        writer.beginObject()
        let emptyEnd = writer.output.count
        try writeLengths()
        try writeSampling()
        try writeStop()
        try writeCandidates()
        try writeResponseFormat()
        try writeLogprobs()
        try writeModalities()
        try writeRequestMediaResolution()
        try writeThinkingConfig()
        try writeSpeech()
        writeExtensions()
        let isEmpty = writer.output.count == emptyEnd
        writer.endObject()
        if let extra {
            // How many choices there are is said by `n`, whether it is written or becomes several calls.
            merge(since: objectStart, with: extra, except: request[.n] == nil ? [] : ["candidateCount"])
        } else if isEmpty {
            writer.truncate(to: start)
        }
    }

    // MARK: Numbers

    /// REQ-003, REQ-004: `max_completion_tokens` wins.
    private mutating func writeLengths() throws(APIError) {
        let field: ChatCompletionRequest.Field =
            request[.maxCompletionTokens] != nil ? .maxCompletionTokens : .maxTokens
        if field == .maxCompletionTokens { _ = try integer(.maxTokens, in: 1...Int(Int32.max)) }
        guard let limit = try integer(field, in: 1...Int(Int32.max)) else {
            let native = native("max_output_tokens", "maxOutputTokens").flatMap { json.integer($0) }
            plan.maxOutputTokens = native.flatMap { (1...Int(Int32.max)).contains($0) ? $0 : nil }
            return
        }
        plan.maxOutputTokens = limit
        writer.key("maxOutputTokens")
        writer.integer(limit)
        note(.mapped, field, rule: "REQ-003", "generationConfig.maxOutputTokens")
    }

    private mutating func writeSampling() throws(APIError) {
        let count = writer.output.count
        try writeDecimal(.temperature, "temperature", 0...2, isKept: profile.takesSampling, rule: "REQ-006")
        try writeDecimal(.topP, "topP", 0...1, isKept: profile.takesSampling, rule: "REQ-007")
        if let node = request[.topK] {
            guard json.isNumber(node) else { throw invalidType("top_k", "a number", node) }
            try writeDecimal(.topK, "topK", Self.floats, isKept: profile.takesSampling, rule: "REQ-008")
        }
        plan.mayRetryWithoutSampling = profile.retriesWithoutSampling && writer.output.count > count
        try writeDecimal(.frequencyPenalty, "frequencyPenalty", -2...2, isKept: profile.takesPenalties, rule: "REQ-009")
        try writeDecimal(.presencePenalty, "presencePenalty", -2...2, isKept: profile.takesPenalties, rule: "REQ-010")
        if let node = request[.seed] ?? seedToFold {
            guard json.isNumber(node), json.isIntegral(node) else { throw invalidType("seed", "an integer", node) }
            writer.key("seed")
            writer.integer(folded(seed: node))
        }
    }

    /// What fits into Google's field, which is a `float`: all that `top_k` must be is a number.
    private static let floats = -Double(Float.greatestFiniteMagnitude)...Double(Float.greatestFiniteMagnitude)

    /// The extension's own seed, for the calls of a fan-out that need another one.
    private var seedToFold: JSONNode? {
        guard call > 0, let node = native("seed", "seed") else { return nil }
        return json.isNumber(node) && json.isIntegral(node) ? node : nil
    }

    /// A member of `extra_body.google.generation_config`.
    func native(_ snake: StaticString, _ camel: StaticString) -> JSONNode? {
        google.generationConfig.flatMap { json.value(snake, of: $0) ?? json.value(camel, of: $0) }
    }

    /// A seed within 32 bits (REQ-011); each call of a fan-out has its own (NFAN-001).
    private func folded(seed node: JSONNode) -> Int {
        let modulus = 1 << 31
        var value: Int
        if let small = json.integer(node) {
            value = small
        } else {  // Wider than 64 bits: fold digit by digit.
            value = 0
            for byte in json.string(node).utf8 where byte &- UInt8(ascii: "0") < 10 {
                value = (value * 10 + Int(byte - UInt8(ascii: "0"))) % modulus
            }
            if json.raw(node)[0] == UInt8(ascii: "-") { value = (modulus - value) % modulus }
        }
        let isInRange = value >= Int(Int32.min) && value <= Int(Int32.max)
        if isInRange, call == 0 { return value }
        let folded = ((value % modulus) + modulus) % modulus
        return isInRange && value + call <= Int(Int32.max) ? value + call : (folded + call) % modulus
    }

    private mutating func writeDecimal(
        _ field: ChatCompletionRequest.Field, _ name: StaticString, _ range: ClosedRange<Double>, isKept: Bool,
        rule: StaticString
    ) throws(APIError) {
        guard let node = request[field] else { return }
        guard json.isNumber(node), let value = json.double(node) else {
            throw invalidType(String(describing: field.name), "a decimal", node)
        }
        if value > range.upperBound { throw outOfRange(field, node, "above maximum", "<=", range.upperBound) }
        if value < range.lowerBound { throw outOfRange(field, node, "below minimum", ">=", range.lowerBound) }
        guard isKept else { return note(.ignored, field, rule: rule, "the model does not take it") }
        writer.key(name)
        if field == .topK, let integer = json.integer(node) {  // The Developer API takes no `40.0` (GEN-005).
            writer.integer(integer)
        } else {
            writer.copy(node, of: json)
        }
        note(.mapped, field, rule: rule)
    }

    private func outOfRange(
        _ field: ChatCompletionRequest.Field, _ node: JSONNode, _ side: String, _ relation: String, _ bound: Double
    ) -> APIError {
        let param = String(describing: field.name)
        let limit = bound.magnitude < 0x1p53 ? String(Int(bound)) : "\(bound)"
        return .badRequest(
            "Invalid '\(param)': decimal \(side) value. Expected a value \(relation) \(limit), but got \(APIError.shortened(json.string(node), to: 40)) instead.",
            param: param, code: side == "above maximum" ? "decimal_above_max_value" : "decimal_below_min_value"
        )
    }

    private func integer(
        _ field: ChatCompletionRequest.Field, in range: ClosedRange<Int>
    ) throws(APIError) -> Int? {
        guard let node = request[field] else { return nil }
        if let value = json.integer(node), range.contains(value), json.isIntegral(node) { return value }
        let param = String(describing: field.name)
        guard json.isNumber(node), json.isIntegral(node) else { throw invalidType(param, "an integer", node) }
        let value = json.integer(node) ?? (json.raw(node)[0] == UInt8(ascii: "-") ? Int.min : Int.max)
        let got = APIError.shortened(json.string(node), to: 40)
        if value < range.lowerBound {
            throw .badRequest(
                "Invalid '\(param)': integer below minimum value. Expected a value >= \(range.lowerBound), but got \(got) instead.",
                param: param, code: "integer_below_min_value"
            )
        }
        throw .badRequest(
            "Invalid '\(param)': integer above maximum value. Expected a value <= \(range.upperBound), but got \(got) instead.",
            param: param, code: "integer_above_max_value"
        )
    }

    // MARK: Lists and switches

    /// REQ-012
    private mutating func writeStop() throws(APIError) {
        guard let node = request[.stop] else { return }
        var sequences: [JSONNode] = []
        if json.isString(node) {
            sequences = [node]
        } else if json.isArray(node) {
            var elements = json.elements(node)
            var index = 0
            while let element = elements.next(in: json) {
                guard json.isString(element) else { throw invalidType("stop[\(index)]", "a string", element) }
                sequences.append(element)
                index += 1
            }
        } else {
            throw invalidType("stop", "a string or an array of strings", node)
        }
        sequences.removeAll { json.length($0) == 0 }
        if sequences.isEmpty { return note(.ignored, .stop, rule: "REQ-012", "no text in it") }
        guard sequences.count <= 5 else {
            throw .badRequest(
                "Invalid 'stop': array too long. Expected an array with maximum length 5, but got an array with length \(sequences.count) instead.",
                param: "stop", code: "array_above_max_length"
            )
        }
        writer.key("stopSequences")
        writer.beginArray()
        for sequence in sequences { writer.copy(sequence, of: json) }
        writer.endArray()
    }

    /// `n` → `candidateCount`, or several calls (REQ-005, NFAN-001).
    private mutating func writeCandidates() throws(APIError) {
        guard let n = try integer(.n, in: 1...128), n > 1 else { return }
        plan.choices = n
        if profile.takesCandidateCount, n <= 8 {
            writer.key("candidateCount")
            writer.integer(n)
            note(.mapped, .n, rule: "REQ-005", "generationConfig.candidateCount")
        } else {
            plan.calls = n
            note(.changed, .n, rule: "NFAN-001", "\(n) calls of one candidate each")
        }
    }

    /// REQ-020, REQ-021
    private mutating func writeLogprobs() throws(APIError) {
        let own = try boolean(.logprobs)
        plan.wantsLogprobs = own ?? false
        if let top = try integer(.topLogprobs, in: 0...20) {
            guard plan.wantsLogprobs else {
                throw .badRequest(
                    "The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.",
                    param: "top_logprobs", code: nil
                )
            }
            plan.wantsTopLogprobs = top > 0
            if top > 0 {
                writer.key("logprobs")
                writer.integer(top)
            }
        }
        if plan.wantsLogprobs {
            writer.key("responseLogprobs")
            writer.boolean(true)
        } else if own == nil, let native = native("response_logprobs", "responseLogprobs") {
            plan.wantsLogprobs = json.boolean(native) ?? false
            plan.wantsTopLogprobs = plan.wantsLogprobs && self.native("logprobs", "logprobs") != nil
        }
    }

    /// XB-010, XB-011
    private mutating func writeExtensions() {
        if let node = google.audioTimestamp {
            if target.service == .vertex {
                writer.key("audioTimestamp")
                writer.copy(node, of: json)
            } else {
                notes.note(.ignored, "extra_body.google.audio_timestamp", rule: "XB-010", "Vertex only")
            }
        }
        let ratio = google.aspectRatio.flatMap { json.isString($0) ? $0 : nil }
        guard google.imageConfig != nil || ratio != nil else { return }
        writer.key("imageConfig")
        writer.beginObject()
        if let config = google.imageConfig { writer.memberwiseCamelCased(config, of: json, except: []) }
        if let ratio,
            google.imageConfig.flatMap({ json.value("aspect_ratio", of: $0) ?? json.value("aspectRatio", of: $0) })
                == nil
        {
            writer.key("aspectRatio")
            writer.copy(ratio, of: json)
        }
        writer.endObject()
    }
}

internal import PolluxJSON
internal import PolluxOpenAIWire

/// Sampling, lengths, formats, modalities → `generationConfig`.
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
    private func native(_ snake: StaticString, _ camel: StaticString) -> JSONNode? {
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

    // MARK: Modalities and speech

    /// `modalities` → `responseModalities` (REQ-022, AUD-001, AUD-007).
    private func modalities() throws(APIError) -> [String] {
        guard let node = request[.modalities] else {
            return profile.makesSpeech && nativeModalities == nil ? ["AUDIO"] : []
        }
        guard json.isArray(node) else { throw invalidType("modalities", "an array of strings", node) }
        var result: [String] = []
        var elements = json.elements(node)
        var index = 0
        while let element = elements.next(in: json) {
            guard json.isString(element) else { throw invalidType("modalities[\(index)]", "a string", element) }
            let word = json.string(element)
            guard ["text", "image", "audio"].contains(word) else {
                throw .invalidValue("modalities[\(index)]", found: word, supported: ["text", "audio", "image"])
            }
            if !result.contains(word.uppercased()) { result.append(word.uppercased()) }
            index += 1
        }
        if result.isEmpty || result == ["TEXT"] { return profile.makesSpeech ? ["AUDIO"] : [] }
        return result.contains("AUDIO") && !result.contains("IMAGE") ? ["AUDIO"] : result
    }

    /// The same in Google's form.
    private var nativeModalities: JSONNode? {
        google.responseModalities ?? native("response_modalities", "responseModalities")
    }

    private mutating func writeModalities() throws(APIError) {
        let modalities = try modalities()
        plan.wantsSpeech = modalities.contains("AUDIO")
        if modalities.isEmpty, let nativeModalities {
            var elements = json.elements(nativeModalities)
            while let element = elements.next(in: json) {
                if json.string(element).uppercased() == "AUDIO" { plan.wantsSpeech = true }
            }
        }
        if !modalities.isEmpty {
            writer.key("responseModalities")
            writer.beginArray()
            for modality in modalities { writer.string(text: modality) }
            writer.endArray()
            if google.responseModalities != nil {
                notes.note(.ignored, "extra_body.google.response_modalities", rule: "XB-010", "modalities are given")
            }
        } else if let node = google.responseModalities {
            writer.key("responseModalities")
            writer.copy(node, of: json)
        }
    }

    /// Whether the answer is asked for in something else than text.
    var setsModalities: Bool {
        if nativeModalities != nil { return true }
        return ((try? modalities()) ?? []).isEmpty == false  // A bad value is reported by writeModalities.
    }

    /// `audio` → `speechConfig` (AUD-002, AUD-003). A voice counts only where sound is asked for.
    private mutating func writeSpeech() throws(APIError) {
        guard let audio = try object(.audio) else {
            if let node = google.speechConfig {
                writer.key("speechConfig")
                writer.copyCamelCased(node, of: json)
            }
            return
        }
        if let format = json.value("format", of: audio) {
            guard json.isString(format) else { throw invalidType("audio.format", "a string", format) }
            switch json.string(format) {
            case "pcm16": plan.audioFormat = .pcm16
            case "wav": plan.audioFormat = .wav
            case let other:
                throw .badRequest(
                    "Audio format '\(APIError.shortened(other))' is not supported for this model. Supported values are: 'wav' and 'pcm16'.",
                    param: "audio.format", code: "invalid_value"
                )
            }
        }
        var voice = try voiceName(audio)
        if !plan.wantsSpeech {
            note(.ignored, .audio, rule: "REQ-023", "no sound is asked for")
            voice = nil
        }
        let native = google.speechConfig
        guard voice != nil || native != nil else { return }
        writer.key("speechConfig")
        writer.beginObject()
        var namesVoices = false
        if let native {
            writer.memberwiseCamelCased(native, of: json, except: [])
            namesVoices = camelCasedMembers(native, of: json)
                .contains { $0.name == "voiceConfig" || $0.name == "multiSpeakerVoiceConfig" }
        }
        if let voice, !namesVoices {
            writer.key("voiceConfig")
            writer.raw("{\"prebuiltVoiceConfig\":{\"voiceName\":")
            writer.string(text: voice)
            writer.output.append("}}" as StaticString)
        }
        writer.endObject()
        if voice != nil, namesVoices {
            notes.note(.ignored, "audio.voice", rule: "AUD-002", "speech_config names voices")
        }
    }

    /// Gemini's name of the voice that was asked for (AUD-002).
    private func voiceName(_ audio: JSONNode) throws(APIError) -> String? {
        guard var voice = json.value("voice", of: audio) else { return nil }
        if json.isObject(voice) {
            guard let id = json.value("id", of: voice) else { throw .missing("audio.voice.id") }
            voice = id
        }
        guard json.isString(voice) else { throw invalidType("audio.voice", "a string", voice) }
        let name = json.string(voice)
        return Self.voices[name] ?? name
    }

    /// OpenAI's voices and the ones of Gemini that stand in for them (AUD-002).
    private static let voices: [String: String] = [
        "alloy": "Kore", "ash": "Orus", "ballad": "Enceladus", "cedar": "Iapetus", "coral": "Aoede", "echo": "Puck",
        "fable": "Fenrir", "marin": "Autonoe", "nova": "Leda", "onyx": "Charon", "sage": "Sulafat",
        "shimmer": "Zephyr", "verse": "Umbriel",
    ]

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

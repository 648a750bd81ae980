public import PolluxJSON

/// The table of model profiles, most specific pattern first.
///
/// - Shape: a JSON array of rows; `match` is a pattern with `*` for any characters. A row with
///   `"generation": 3` starts from what all Gemini 3 models share; other members override.
/// - Order: the longest matching pattern wins. A pattern with `*` inside names a kind of model across
///   families (`gemini-*-tts*`) and is asked before the families.
public struct ModelProfiles: Sendable {
    private struct Row: Sendable {
        var pattern: [UInt8]
        var fromGeneration: Int?
        var profile: ModelProfile

        /// Sorts first: kinds, then families by length.
        var rank: (Int, Int) {
            let inner = pattern.dropLast().contains(UInt8(ascii: "*"))
            return (inner ? 1 : 0, pattern.count)
        }
    }

    private var rows: [Row] = []

    /// The table that ships with the program.
    public static let defaults: ModelProfiles = {
        do {
            let bytes = PackageResources.model_profiles_json
            return try ModelProfiles(parsing: bytes.span)
        } catch {
            preconditionFailure("model-profiles.json: \(error)")  // A test reads the file as it is built in.
        }
    }()

    public init(parsing bytes: Span<UInt8>) throws(JSONError) {
        try add(parsing: bytes)
    }

    /// Adds rows that are asked before those with the same pattern.
    public mutating func add(parsing bytes: Span<UInt8>) throws(JSONError) {
        var tape = JSONTape()
        try tape.parse(bytes)
        let json = tape.document(of: bytes)
        var elements = json.elements(.root)
        while let element = elements.next(in: json) { insert(row(element, of: json)) }
    }

    /// The profile for a bare model id, `gemini-2.5-flash`. Letter case does not matter.
    public func profile(for model: String) -> ModelProfile {
        let name = Self.lowered(model)
        for row in rows where WildcardPattern.matches(row.pattern.span, name.span) {
            if let minimum = row.fromGeneration, (Self.generation(name) ?? 0) < minimum { continue }
            return row.profile
        }
        return ModelProfile()
    }

    private static func lowered(_ name: String) -> [UInt8] {
        name.utf8.map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }
    }

    private mutating func insert(_ row: Row) {
        rows.removeAll { $0.pattern == row.pattern && $0.fromGeneration == row.fromGeneration }
        rows.insert(row, at: rows.firstIndex { $0.rank < row.rank } ?? rows.count)
    }

    private func row(_ node: JSONNode, of json: borrowing JSONDocument) -> Row {
        let pattern = json.value("match", of: node).map { json.string($0) } ?? "*"
        var profile = ModelProfile()
        profile.match = pattern
        if let base = json.value("like", of: node) { profile = self.profile(for: json.string(base)) }
        if let generation = json.value("generation", of: node), (json.integer(generation) ?? 0) >= 3 {
            profile.thinking = .level(ModelProfile.ThinkingLevel.allCases)
            profile.takesPenalties = false
            profile.takesCandidateCount = false
            profile.takesFunctionCallIDs = true
            profile.hasPartMediaResolution = true
            profile.combinesTools = true
            profile.needsSignatures = true
        }
        func flag(_ name: StaticString, _ path: WritableKeyPath<ModelProfile, Bool>) {
            if let node = json.value(name, of: node), let value = json.boolean(node) { profile[keyPath: path] = value }
        }
        if let think = json.value("think", of: node) {
            if json.equals(think, "none") { profile.thinking = .none }
            if json.equals(think, "budget") { profile.thinking = .budget(0...32768) }
            if json.equals(think, "level") { profile.thinking = .level(ModelProfile.ThinkingLevel.allCases) }
        }
        if let budget = json.value("budget", of: node),
            let minimum = json.value("min", of: budget).flatMap({ json.integer($0) }),
            let maximum = json.value("max", of: budget).flatMap({ json.integer($0) }), minimum <= maximum
        {
            profile.thinking = .budget(minimum...maximum)
        }
        if let levels = json.value("levels", of: node) {
            var listed: [ModelProfile.ThinkingLevel] = []
            var elements = json.elements(levels)
            while let element = elements.next(in: json) {
                if let level = ModelProfile.ThinkingLevel(rawValue: json.string(element)) { listed.append(level) }
            }
            if !listed.isEmpty { profile.thinking = .level(listed) }
        }
        flag("off", \.canSwitchThinkingOff)
        flag("sampling", \.takesSampling)
        flag("sampling_retry", \.retriesWithoutSampling)
        flag("penalty", \.takesPenalties)
        flag("candidates", \.takesCandidateCount)
        flag("function_call_ids", \.takesFunctionCallIDs)
        flag("end_model", \.mayEndWithModelTurn)
        flag("combo", \.combinesTools)
        flag("signatures", \.needsSignatures)
        flag("image", \.makesImages)
        flag("speech", \.makesSpeech)
        if let output = json.value("output", of: node).flatMap({ json.integer($0) }), output > 0 {
            profile.outputTokens = output
        }
        if let media = json.value("media", of: node) { profile.hasPartMediaResolution = json.equals(media, "part") }
        let from = json.value("from_generation", of: node).flatMap { json.integer($0) }
        return Row(pattern: Self.lowered(pattern), fromGeneration: from, profile: profile)
    }

    /// The N of `gemini-N…`.
    static func generation(_ name: [UInt8]) -> Int? {
        let prefix = Array("gemini-".utf8)
        guard name.starts(with: prefix) else { return nil }
        var value: Int?
        for byte in name.dropFirst(prefix.count).prefix(4) {
            guard byte &- UInt8(ascii: "0") < 10 else { break }
            value = (value ?? 0) * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return value
    }
}

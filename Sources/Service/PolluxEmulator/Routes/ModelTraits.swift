/// What a family of models accepts and does.
///
/// - Source: Google's model pages, and observed refusals of the live service.
struct ModelTraits: Sendable {
    enum Thinking: Sendable, Equatable {
        /// The model does not think.
        case none
        /// Tokens to think with (Gemini 2.5). `canBeOff` says whether 0 is accepted.
        case budget(ClosedRange<Int>, canBeOff: Bool, isOnByDefault: Bool)
        /// A level of effort (Gemini 3); the words that are accepted.
        case level([String])
    }

    /// The start of the ids this row is for.
    var prefix: String
    var thinking = Thinking.none
    /// Gemini 3 or later: signatures on function calls are required, calls have ids, and tools of all
    /// kinds can be combined.
    var isThirdGeneration = false
    var allowsSeveralCandidates = false
    var allowsPenalties = false
    var mayEndWithModelTurn = true
    var makesImages = false
    var makesSpeech = false

    /// The traits of the model with this id: those of the longest prefix that fits.
    init(model: String) {
        let name = model.lowercased()
        if name.hasPrefix("gemini-"), name.contains("-tts") {
            self.init(prefix: name, makesSpeech: true)
            return
        }
        var best: ModelTraits?
        for row in Self.table where name.hasPrefix(row.prefix) {
            if row.prefix.utf8.count > best?.prefix.utf8.count ?? -1 { best = row }
        }
        if let best {
            self = best
        } else if Self.generation(of: name) >= 3 || name.hasPrefix("gemini-") && name.hasSuffix("-latest") {
            self.init(
                prefix: name, thinking: .level(Self.allLevels), isThirdGeneration: true,
                mayEndWithModelTurn: false
            )
        } else {
            self.init(prefix: name, allowsSeveralCandidates: true, allowsPenalties: true)
        }
    }

    /// Thinking that happens without being asked for.
    var thinksByDefault: Bool {
        switch thinking {
        case .none: false
        case .budget(_, _, let isOnByDefault): isOnByDefault
        case .level: true
        }
    }

    private static let allLevels = ["MINIMAL", "LOW", "MEDIUM", "HIGH"]

    private static let table: [ModelTraits] = [
        .older("gemini-2.0-"),
        .older("gemini-2.5-pro", thinking: .budget(128...32768, canBeOff: false, isOnByDefault: true)),
        .older("gemini-2.5-flash", thinking: .budget(1...24576, canBeOff: true, isOnByDefault: true)),
        .older("gemini-2.5-flash-lite", thinking: .budget(512...24576, canBeOff: true, isOnByDefault: false)),
        ModelTraits(prefix: "gemini-2.5-flash-image", allowsPenalties: true, makesImages: true),
        .third("gemini-3-pro", levels: ["LOW", "MEDIUM", "HIGH"]),
        .third("gemini-3.1-pro", levels: ["LOW", "MEDIUM", "HIGH"]),
        .third("gemini-3-pro-image", levels: ["LOW", "HIGH"], makesImages: true),
        .third("gemini-3.1-flash-image", levels: ["MINIMAL", "HIGH"], makesImages: true),
        .third("gemini-3-flash", levels: allLevels),
        .third("gemini-3.1-flash-lite", levels: allLevels),
        .third("gemini-3.5-flash", levels: allLevels),
        .third("gemini-3.5-flash-lite", levels: allLevels, mayEndWithModelTurn: false),
        .third("gemini-3.6-", levels: allLevels, mayEndWithModelTurn: false),
        .third("gemini-3.7-", levels: ["LOW", "MEDIUM", "HIGH"], mayEndWithModelTurn: false),
        .third("gemini-3.8-", levels: ["LOW", "MEDIUM", "HIGH"], mayEndWithModelTurn: false),
    ]

    private static func older(_ prefix: String, thinking: Thinking = .none) -> ModelTraits {
        ModelTraits(prefix: prefix, thinking: thinking, allowsSeveralCandidates: true, allowsPenalties: true)
    }

    private static func third(
        _ prefix: String, levels: [String], mayEndWithModelTurn: Bool = true, makesImages: Bool = false
    ) -> ModelTraits {
        ModelTraits(
            prefix: prefix, thinking: .level(levels), isThirdGeneration: true,
            mayEndWithModelTurn: mayEndWithModelTurn, makesImages: makesImages
        )
    }

    private init(
        prefix: String, thinking: Thinking = .none, isThirdGeneration: Bool = false,
        allowsSeveralCandidates: Bool = false, allowsPenalties: Bool = false,
        mayEndWithModelTurn: Bool = true,
        makesImages: Bool = false, makesSpeech: Bool = false
    ) {
        self.prefix = prefix
        self.thinking = thinking
        self.isThirdGeneration = isThirdGeneration
        self.allowsSeveralCandidates = allowsSeveralCandidates
        self.allowsPenalties = allowsPenalties
        self.mayEndWithModelTurn = mayEndWithModelTurn
        self.makesImages = makesImages
        self.makesSpeech = makesSpeech
    }

    /// The number behind `gemini-`; 0 when there is none.
    private static func generation(of name: String) -> Int {
        guard name.hasPrefix("gemini-") else { return 0 }
        return Int(name.dropFirst("gemini-".count).prefix { $0.isASCII && $0.isNumber }) ?? 0
    }
}

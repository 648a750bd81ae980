public import PolluxJSON

/// Token counts as Gemini reports them. An absent count is 0.
///
/// Google defines `total = prompt + candidates + toolUsePrompt + thoughts`.
public struct UsageMetadata: Sendable, Equatable {
    public var promptTokenCount = 0
    public var candidatesTokenCount = 0
    public var thoughtsTokenCount = 0
    public var toolUsePromptTokenCount = 0
    public var cachedContentTokenCount = 0
    public var totalTokenCount = 0
    public var promptAudioTokens: Int?
    public var candidatesAudioTokens: Int?
    /// Few answers have one; every event is copied.
    private var tier: Tier?

    public var trafficType: String? { tier?.trafficType }
    public var serviceTier: String? { tier?.serviceTier }

    private final class Tier: Sendable, Equatable {
        let trafficType: String?
        let serviceTier: String?

        init(trafficType: String?, serviceTier: String?) {
            self.trafficType = trafficType
            self.serviceTier = serviceTier
        }

        static func == (first: Tier, second: Tier) -> Bool {
            first.trafficType == second.trafficType && first.serviceTier == second.serviceTier
        }
    }

    public init() {}

    public init(_ node: JSONNode, of json: borrowing JSONDocument) {
        var members = json.members(node)
        while let member = members.next(in: json) {
            let key = json.raw(member.key)
            switch key.count {
            case 16 where key.matches("promptTokenCount"): promptTokenCount = count(member.value, json)
            case 20 where key.matches("candidatesTokenCount"): candidatesTokenCount = count(member.value, json)
            case 18 where key.matches("thoughtsTokenCount"): thoughtsTokenCount = count(member.value, json)
            case 23 where key.matches("toolUsePromptTokenCount"): toolUsePromptTokenCount = count(member.value, json)
            case 23 where key.matches("cachedContentTokenCount"): cachedContentTokenCount = count(member.value, json)
            case 15 where key.matches("totalTokenCount"): totalTokenCount = count(member.value, json)
            case 19 where key.matches("promptTokensDetails"): promptAudioTokens = audioTokens(member.value, json)
            case 23 where key.matches("candidatesTokensDetails"):
                candidatesAudioTokens = audioTokens(member.value, json)
            case 11 where key.matches("trafficType") && json.isString(member.value):
                note(trafficType: json.string(member.value), serviceTier: nil)
            case 11 where key.matches("serviceTier") && json.isString(member.value):
                note(trafficType: nil, serviceTier: json.string(member.value))
            default: break
            }
        }
    }

    /// Takes the counts of a later event as one set, unless they have no total and the ones before have; and its tier,
    /// where it has one (STREAM-043).
    public mutating func update(_ later: consuming UsageMetadata) {
        if let tier = later.tier { note(trafficType: tier.trafficType, serviceTier: tier.serviceTier) }
        if later.totalTokenCount == 0, totalTokenCount > 0 { return }
        promptTokenCount = later.promptTokenCount
        candidatesTokenCount = later.candidatesTokenCount
        thoughtsTokenCount = later.thoughtsTokenCount
        toolUsePromptTokenCount = later.toolUsePromptTokenCount
        cachedContentTokenCount = later.cachedContentTokenCount
        totalTokenCount = later.totalTokenCount
        promptAudioTokens = later.promptAudioTokens
        candidatesAudioTokens = later.candidatesAudioTokens
    }

    private mutating func note(trafficType: String?, serviceTier: String?) {
        tier = Tier(trafficType: trafficType ?? self.trafficType, serviceTier: serviceTier ?? self.serviceTier)
    }

    private func count(_ node: JSONNode, _ json: borrowing JSONDocument) -> Int {
        let count = json.integer(node) ?? (json.isString(node) ? Int(json.string(node)) : nil) ?? 0
        return min(max(0, count), Self.maximumCount)
    }

    /// More than any model takes; what a broken upstream counts can be added up without an overflow.
    private static let maximumCount = 1_000_000_000

    private func audioTokens(_ node: JSONNode, _ json: borrowing JSONDocument) -> Int? {
        var elements = json.elements(node)
        while let element = elements.next(in: json) {
            if let modality = json.value("modality", of: element), json.equals(modality, "AUDIO"),
                let tokens = json.value("tokenCount", of: element)
            {
                return count(tokens, json)
            }
        }
        return nil
    }
}

public import PolluxJSON

/// Token counts of one answer, as OpenAI counts them.
public struct Usage: Sendable, Equatable {
    public var promptTokens = 0
    public var completionTokens = 0
    public var totalTokens = 0
    public var cachedTokens: Int?
    public var promptAudioTokens: Int?
    public var reasoningTokens = 0
    public var completionAudioTokens: Int?
    /// Google's `trafficType`.
    public var trafficType: String?

    public init() {}

    /// Counts as a server of Chat Completions or embeddings wrote them. What is not there is 0.
    public init(_ node: JSONNode, of json: borrowing JSONDocument) {
        promptTokens = Self.count("prompt_tokens", of: node, json) ?? 0
        completionTokens = Self.count("completion_tokens", of: node, json) ?? 0
        totalTokens = Self.count("total_tokens", of: node, json) ?? promptTokens + completionTokens
        let prompt = json.value("prompt_tokens_details", of: node)
        cachedTokens = Self.count("cached_tokens", of: prompt, json)
        promptAudioTokens = Self.count("audio_tokens", of: prompt, json)
        let completion = json.value("completion_tokens_details", of: node)
        reasoningTokens = Self.count("reasoning_tokens", of: completion, json) ?? 0
        completionAudioTokens = Self.count("audio_tokens", of: completion, json)
    }

    private static func count(_ name: StaticString, of node: JSONNode?, _ json: borrowing JSONDocument) -> Int? {
        guard let node, let value = json.value(name, of: node), let count = json.integer(value) else { return nil }
        return min(max(0, count), maximumCount)
    }

    /// More than any model takes; what a broken server counts can be added up without an overflow.
    private static let maximumCount = 1_000_000_000

    /// Adds the counts of another call of the same request (NFAN-001).
    public mutating func add(_ other: Usage) {
        promptTokens += other.promptTokens
        completionTokens += other.completionTokens
        totalTokens += other.totalTokens
        cachedTokens = Self.sum(cachedTokens, other.cachedTokens)
        promptAudioTokens = Self.sum(promptAudioTokens, other.promptAudioTokens)
        reasoningTokens += other.reasoningTokens
        completionAudioTokens = Self.sum(completionAudioTokens, other.completionAudioTokens)
        trafficType = other.trafficType ?? trafficType
    }

    private static func sum(_ first: Int?, _ second: Int?) -> Int? {
        first == nil && second == nil ? nil : (first ?? 0) + (second ?? 0)
    }

    public func write(into writer: inout JSONWriter) {
        writer.raw("{\"completion_tokens\":")
        writer.output.append(completionTokens)
        writer.output.append(",\"completion_tokens_details\":{" as StaticString)
        if let completionAudioTokens {
            writer.output.append("\"audio_tokens\":" as StaticString)
            writer.output.append(completionAudioTokens)
            writer.output.append(UInt8(ascii: ","))
        }
        writer.output.append("\"reasoning_tokens\":" as StaticString)
        writer.output.append(reasoningTokens)
        if let trafficType {
            writer.output.append("},\"extra_properties\":{\"google\":{\"traffic_type\":" as StaticString)
            writer.string(text: trafficType)
            writer.output.append(UInt8(ascii: "}"))
        }
        writer.output.append("},\"prompt_tokens\":" as StaticString)
        writer.output.append(promptTokens)
        if cachedTokens != nil || promptAudioTokens != nil {
            writer.output.append(",\"prompt_tokens_details\":{" as StaticString)
            if let promptAudioTokens {
                writer.output.append("\"audio_tokens\":" as StaticString)
                writer.output.append(promptAudioTokens)
                writer.output.append(UInt8(ascii: ","))
            }
            writer.output.append("\"cached_tokens\":" as StaticString)
            writer.output.append(cachedTokens ?? 0)
            writer.output.append(UInt8(ascii: "}"))
        }
        writer.output.append(",\"total_tokens\":" as StaticString)
        writer.output.append(totalTokens)
        writer.output.append(UInt8(ascii: "}"))
    }
}

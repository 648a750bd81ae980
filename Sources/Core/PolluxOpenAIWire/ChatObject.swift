public import PolluxJSON

/// An object inside of a request, as it was written: a message, a tool call, a tool or a function, and where each
/// member stands that we know of any of them.
///
/// All members are found in one pass. Unknown members are passed over (GEN-002); a `null` is the same as an absent
/// member (GEN-003); of members with the same name the last one counts.
public struct ChatObject: Sendable {
    /// The object itself.
    public let node: JSONNode
    /// The value of each field; the root, which is no member, where there is none.
    @usableFromInline var values: InlineArray<24, JSONNode> = .init(repeating: .root)
    /// Whether it has one of the members that are not OpenAI's: ``Field/extraContent`` and those behind it.
    public private(set) var hasExtensions = false

    public init(_ node: JSONNode, of json: borrowing JSONDocument) {
        self.node = node
        let names = Field.names
        var members = json.members(node)
        while let member = members.next(in: json) {
            guard let field = names.index(of: member.key, in: json) else { continue }
            values[field] = json.isNull(member.value) ? .root : member.value
            if field >= Int(Field.extraContent.rawValue) { hasExtensions = true }
        }
    }

    @inlinable
    public subscript(field: Field) -> JSONNode? {
        let value = values[Int(field.rawValue)]
        return value == .root ? nil : value
    }
}

extension ChatObject {
    public enum Field: UInt8, Sendable, CaseIterable {
        case role, content, name, toolCalls, toolCallID, functionCall, refusal, audio, images
        case reasoningContent, reasoning
        case id, type, function, custom, arguments
        case description, parameters, strict
        case extraContent, extraPart, providerSpecificFields, thoughtSignature, camelCasedThoughtSignature

        /// The member's name.
        public var name: StaticString {
            switch self {
            case .role: "role"
            case .content: "content"
            case .name: "name"
            case .toolCalls: "tool_calls"
            case .toolCallID: "tool_call_id"
            case .functionCall: "function_call"
            case .refusal: "refusal"
            case .audio: "audio"
            case .images: "images"
            case .reasoningContent: "reasoning_content"
            case .reasoning: "reasoning"
            case .id: "id"
            case .type: "type"
            case .function: "function"
            case .custom: "custom"
            case .arguments: "arguments"
            case .description: "description"
            case .parameters: "parameters"
            case .strict: "strict"
            case .extraContent: "extra_content"
            case .extraPart: "extra_part"
            case .providerSpecificFields: "provider_specific_fields"
            case .thoughtSignature: "thought_signature"
            case .camelCasedThoughtSignature: "thoughtSignature"
            }
        }

        /// The names of all fields, in the order of their raw values.
        static let names = JSONNames(allCases.map(\.name))
    }
}

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
        var members = json.members(node)
        while let member = members.next(in: json) {
            let key = member.key
            guard let field = json.withText(key, { Field($0) }) else { continue }
            values[Int(field.rawValue)] = json.isNull(member.value) ? .root : member.value
            if field.rawValue >= Field.extraContent.rawValue { hasExtensions = true }
        }
    }

    @inlinable
    public subscript(field: Field) -> JSONNode? {
        let value = values[Int(field.rawValue)]
        return value == .root ? nil : value
    }
}

extension ChatObject {
    public enum Field: UInt8, Sendable {
        case role, content, name, toolCalls, toolCallID, functionCall, refusal, audio, images
        case reasoningContent, reasoning
        case id, type, function, custom, arguments
        case description, parameters, strict
        case extraContent, extraPart, providerSpecificFields, thoughtSignature, camelCasedThoughtSignature

        /// The field that a key names.
        ///
        /// Its length leaves two or three of them, which are compared by words; to look in a table takes twice as long.
        init?(_ key: Span<UInt8>) {
            switch key.count {
            case 2 where key.matches("id"): self = .id
            case 4 where key.matches("role"): self = .role
            case 4 where key.matches("name"): self = .name
            case 4 where key.matches("type"): self = .type
            case 5 where key.matches("audio"): self = .audio
            case 6 where key.matches("images"): self = .images
            case 6 where key.matches("custom"): self = .custom
            case 6 where key.matches("strict"): self = .strict
            case 7 where key.matches("content"): self = .content
            case 7 where key.matches("refusal"): self = .refusal
            case 8 where key.matches("function"): self = .function
            case 9 where key.matches("reasoning"): self = .reasoning
            case 9 where key.matches("arguments"): self = .arguments
            case 10 where key.matches("tool_calls"): self = .toolCalls
            case 10 where key.matches("parameters"): self = .parameters
            case 10 where key.matches("extra_part"): self = .extraPart
            case 11 where key.matches("description"): self = .description
            case 12 where key.matches("tool_call_id"): self = .toolCallID
            case 13 where key.matches("function_call"): self = .functionCall
            case 13 where key.matches("extra_content"): self = .extraContent
            case 16 where key.matches("thoughtSignature"): self = .camelCasedThoughtSignature
            case 17 where key.matches("reasoning_content"): self = .reasoningContent
            case 17 where key.matches("thought_signature"): self = .thoughtSignature
            case 24 where key.matches("provider_specific_fields"): self = .providerSpecificFields
            default: return nil
            }
        }
    }
}

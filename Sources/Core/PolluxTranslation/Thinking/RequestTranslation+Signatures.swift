internal import PolluxJSON
internal import PolluxOpenAIWire

/// Thought signatures on their way back to the model (SIG-005…014).
extension RequestTranslation {
    /// A signature longer than this is not one.
    static let maximumSignatureBytes = 1 << 20
    /// Base64 of `skip_thought_signature_validator`, which both services accept.
    static let placeholder: StaticString = "c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I="
    static let literalPlaceholder: StaticString = "skip_thought_signature_validator"

    /// The placeholder in the form that this backend takes (SIG-013).
    private var placeholderText: [UInt8] {
        Array(String(describing: target.sendsLiteralPlaceholder ? Self.literalPlaceholder : Self.placeholder).utf8)
    }

    /// The signature that came with a message, or that we remember for it (SIG-006, SIG-011).
    func messageSignature(_ message: Message) -> [UInt8]? {
        if let found = ownSignature(message.fields), accepts(contentText(message)) { return found }
        return remembered(message)?.signature.map { Array($0.utf8) }
    }

    private func accepts(_ content: JSONNode?) -> Bool {
        guard signatures.checksOrigin else { return true }
        guard let content else { return signatures.accepts(content: Span()) }
        return json.withText(content) { signatures.accepts(content: $0) }
    }

    /// The content of a message, where it is one text; some clients write that as a part.
    private func contentText(_ message: Message) -> JSONNode? {
        guard let content = message.content else { return nil }
        if json.isString(content) { return content }
        guard let part = json.onlyElement(content), let text = json.value("text", of: part), json.isString(text) else {
            return nil
        }
        return text
    }

    /// What the vault knows of a message by its content.
    func remembered(_ message: Message) -> RememberedMessage? {
        guard !signatures.isEmpty, let content = contentText(message), json.length(content) > 0 else { return nil }
        return json.withText(content) { signatures.message(content: $0) }
    }

    /// The signature of a content part (SIG-008).
    func partSignature(_ part: JSONNode) -> [UInt8]? {
        ownSignature(ChatObject(part, of: json)).flatMap { accepts(nil) ? $0 : nil }
    }

    /// The signature of a call, from wherever clients are known to put it, else from the vault (SIG-005).
    func callSignature(_ call: AssistantCall) -> [UInt8]? {
        if call.fields.hasExtensions || call.function.hasExtensions,
            let found = ownSignature(call.fields) ?? ownSignature(call.function) ?? bareSignature(call.fields)
                ?? bareSignature(call.function),
            !signatures.checksOrigin || signatures.accepts(call: call.id.map { json.string($0) } ?? "")
        {
            return found
        }
        guard let id = call.id, !signatures.isEmpty else { return nil }
        return signatures.signature(forCall: json.string(id)).map { Array($0.utf8) }
    }

    /// The signature in `provider_specific_fields`, or without any container.
    private func bareSignature(_ fields: ChatObject) -> [UInt8]? {
        if let holder = fields[.providerSpecificFields], let found = signature(in: ChatObject(holder, of: json)) {
            return found
        }
        return signature(in: fields)
    }

    /// The signature in `extra_content.google` or `extra_part.google`: the first that is one (MSG-024).
    private func ownSignature(_ fields: ChatObject) -> [UInt8]? {
        guard fields.hasExtensions else { return nil }
        for field in [.extraContent, .extraPart] as [ChatObject.Field] {
            guard let holder = fields[field], let google = json.value("google", of: holder),
                let found = signature(in: ChatObject(google, of: json))
            else { continue }
            return found
        }
        return nil
    }

    private func signature(in fields: ChatObject) -> [UInt8]? {
        for field in [.thoughtSignature, .camelCasedThoughtSignature] as [ChatObject.Field] {
            if let node = fields[field], let found = normalized(node) { return found }
        }
        return nil
    }

    /// Writes a part's signature; a placeholder may have to take its other form (SIG-013).
    mutating func writeSignature(_ signature: [UInt8]) {
        if Self.isPlaceholder(signature) { plan.sentPlaceholder = true }
        writer.key("thoughtSignature")
        writer.string(utf8: signature.span)
    }

    /// The placeholder for the first call of a content that has no signature (SIG-012, SIG-014).
    mutating func placeholder(path: @autoclosure () -> String) -> [UInt8]? {
        guard profile.needsSignatures, !profile.makesImages, !content.hasCall else { return nil }
        notes.note(.repaired, path(), rule: "SIG-012", "no thought signature: the placeholder was sent")
        return placeholderText
    }

    /// Standard base64, padded; `nil` when it is not base64, too long, or one of Google's placeholders for
    /// a model that needs none (SIG-007, SIG-012).
    private func normalized(_ node: JSONNode) -> [UInt8]? {
        guard json.isString(node), json.length(node) > 0, json.length(node) <= Self.maximumSignatureBytes else {
            return nil
        }
        let text = json.text(node)
        if Self.isPlaceholder(text) {
            return profile.needsSignatures ? placeholderText : nil
        }
        switch Base64.form(of: text.span) {
        case .standard: return text
        case .normalized(let bytes):
            if Self.isPlaceholder(bytes) { return profile.needsSignatures ? placeholderText : nil }
            return bytes
        case .invalid: return nil
        }
    }

    private static func isPlaceholder(_ text: [UInt8]) -> Bool {
        let bytes = text.span
        return bytes.equals(literalPlaceholder) || bytes.equals("context_engineering_is_the_way_to_go")
            || bytes.equals(placeholder) || bytes.equals("Y29udGV4dF9lbmdpbmVlcmluZ19pc190aGVfd2F5X3RvX2dv")
    }
}

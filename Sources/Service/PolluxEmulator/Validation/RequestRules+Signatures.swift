import PolluxJSON

extension RequestRules {
    /// Signatures that came back must be whole, and must be there where Gemini 3 needs them.
    ///
    /// - Source: Gemini API, "Thought signatures".
    func checkSignatures(_ json: borrowing JSONDocument) throws(GoogleError) {
        guard traits.thinking != .none else { return }
        for content in request.contents {
            for part in content.parts {
                guard let signature = part.signature, json.length(signature) > 0 else { continue }
                guard ThoughtSignature.isAccepted(json.text(signature), by: backend) else {
                    throw .invalid("Corrupted thought signature.")
                }
            }
        }
        if traits.isThirdGeneration { try checkCurrentTurn(json) }
    }

    /// In the current turn, the first call of each step needs a signature.
    ///
    /// The current turn begins behind the last content in which the user says something; a step is a run
    /// of contents of the model.
    private func checkCurrentTurn(_ json: borrowing JSONDocument) throws(GoogleError) {
        let start = request.contents.lastIndex { content in
            (content.role == "user" || content.role.isEmpty) && content.responseCount == 0
                && content.parts.contains(where: \.isUtterance)
        }
        var followsModel = false
        for index in (start ?? -1) + 1..<request.contents.count {
            let content = request.contents[index]
            defer { followsModel = content.isModel }
            guard content.isModel, !followsModel, let call = content.parts.first(where: \.isFunctionCall)
            else {
                continue
            }
            if let signature = call.signature, json.length(signature) > 0 { continue }
            throw missingSignature(of: call, position: index + 1, json)
        }
    }

    private func missingSignature(
        of call: Part, position: Int, _ json: borrowing JSONDocument
    ) -> GoogleError {
        var name = ""
        if case .functionCall(let node?, _) = call.data { name = json.string(node) }
        if isVertex {
            return .invalid(
                "Unable to submit request because function call `default_api:\(name)` in the \(position). "
                    + "content block "
                    + "is missing a `thought_signature`. Learn more: "
                    + "https://docs.cloud.google.com/vertex-ai/generative-ai/docs/thought-signatures"
            )
        }
        return .invalid(
            "Function call is missing a thought_signature in functionCall parts. This is required for "
                + "tools to work "
                + "correctly, and missing thought_signature may lead to degraded model performance. "
                + "Additional data, "
                + "function call `default_api:\(name)` , position \(position). Please refer to "
                + "https://ai.google.dev/gemini-api/docs/thought-signatures for more details."
        )
    }
}

import PolluxJSON

/// The checks that the services make after a request's fields have been read.
///
/// The first violation is the answer. Wordings are those of the live services where they are known:
/// clients and people search for them.
struct RequestRules {
    let backend: Backend
    /// The model's name, as refusals give it.
    let model: String
    let traits: ModelTraits
    let request: GenerateRequest

    /// - Throws: a 400 for the first rule that the request breaks.
    func check(_ json: borrowing JSONDocument) throws(GoogleError) {
        try checkContents(json)
        try checkMedia(json)
        try checkCallPairs()
        try checkSignatures(json)
        try checkLastTurn()
        try checkSystemInstruction()
        try checkTools(json)
        try checkCalling()
        try checkSampling()
        try checkOutput(json)
        try checkModalities()
        try checkThinking()
        try checkCache()
    }

    var isVertex: Bool { backend == .vertex }

    /// A wording for each service.
    func refusal(vertex: String, developer: String) -> GoogleError {
        .invalid(isVertex ? vertex : "* GenerateContentRequest." + developer + "\n")
    }

    /// A turn of the model may end a conversation (it is then continued) on older models only.
    private func checkLastTurn() throws(GoogleError) {
        guard !traits.mayEndWithModelTurn, request.contents.last?.isModel == true else { return }
        throw .invalid("Requests ending with a model turn are not supported.")
    }

    private func checkSystemInstruction() throws(GoogleError) {
        guard let instruction = request.systemInstruction else { return }
        if instruction.parts.isEmpty {
            throw .invalid("* GenerateContentRequest.system_instruction.parts: must not be empty.\n")
        }
        for part in instruction.parts {
            guard case .text = part.data else {
                throw .invalid("system_instruction only supports text parts.")
            }
        }
    }

    private func checkCache() throws(GoogleError) {
        guard request.cachedContent != nil,
            request.tools != nil || request.toolConfig != nil || request.systemInstruction != nil
        else { return }
        throw .invalid(
            isVertex
                ? "Tool config, tools and system instruction should not be set in the request when using "
                    + "cached "
                    + "content."
                : "CachedContent can not be used with GenerateContent request setting system_instruction, "
                    + "tools or "
                    + "tool_config."
        )
    }
}

import PolluxJSON

/// Composes the answer to a request that has passed its checks.
///
/// The answer depends on the seed, the model and the request's bytes, and on nothing else.
struct AnswerComposer {
    let backend: Backend
    let model: String
    let traits: ModelTraits
    let request: GenerateRequest
    /// The hash of seed, model and body.
    let seed: UInt64
    /// The user's last text, without its directives.
    let text: String
    let directives: Directives

    private var settings: GenerationSettings { request.generation }
    private var description: Description { Description(model: model, request: request, text: text) }

    func answer(_ json: borrowing JSONDocument) -> Answer {
        var answer = Answer(candidates: [], promptTokens: PromptTokens(request, json))
        if let reason = directives.blockReason {
            answer.blockReason = reason
            return answer
        }
        let hints = TextHints(text)
        for index in 0..<max(settings.candidateCount ?? 1, 1) {
            answer.candidates.append(candidate(index, hints, json))
        }
        for part in answer.candidates.flatMap(\.parts) {
            if case .codeResult(let output) = part.content { answer.toolUseTokens += Tokens.count(output) }
        }
        return answer
    }

    private func candidate(_ index: Int, _ hints: TextHints, _ json: borrowing JSONDocument) -> Candidate {
        // Two steps: seeds that lie close to each other would give sequences that overlap.
        var seeds = Chance(seed &+ UInt64(index))
        var chance = Chance(seeds.next())
        var candidate = Candidate()
        let thinks = settings.thinks(traits)
        if thinks { think(&candidate) }
        let planner = CallPlanner(request: request, hints: hints, directives: directives)
        let calls = planner.calls(json)
        if !calls.isEmpty {
            for call in calls { candidate.parts.append(part(call, planner, &chance, json)) }
        } else if wantsSpeech {
            let speech = Speech(saying: directives.say ?? text, voices: settings.voices)
            candidate.parts += speech.parts(&chance)
        } else {
            appendText(index, hints: hints, &chance, to: &candidate, json)
            for _ in 0..<(wantsPicture ? directives.images ?? 1 : 0) {
                let picture = Picture(of: text, settings)
                candidate.parts.append(
                    AnswerPart(
                        content: .media(
                            mimeType: Picture.mimeType, base64: Base64.encoded(picture.png(&chance)),
                            tokens: Picture.tokens)
                    )
                )
            }
        }
        if settings.responseLogprobs { candidate.logprobs = settings.logprobs ?? 0 }
        OutputLimits(settings: settings).apply(to: &candidate)
        if let reason = directives.finish { finish(&candidate, reason) }
        if thinks || traits.isThirdGeneration { sign(&candidate, &chance) }
        return candidate
    }

    // MARK: Parts

    private func think(_ candidate: inout Candidate) {
        // Thoughts count against the limit, but leave half of it for the answer.
        let text = Tokens.prefix(description.thought, (settings.maxOutputTokens ?? .max) / 2)
        candidate.thoughtTokens = Tokens.count(text)
        if settings.includeThoughts, !text.isEmpty {
            candidate.parts.append(AnswerPart(content: .thought(text)))
        }
    }

    private func part(
        _ call: CallPlanner.Call, _ planner: CallPlanner, _ chance: inout Chance, _ json: borrowing JSONDocument
    ) -> AnswerPart {
        var callChance = Chance(chance.next())
        let arguments = planner.arguments(of: call, chance: callChance, json)
        let id = traits.isThirdGeneration ? identifier(&callChance) : nil
        return AnswerPart(content: .functionCall(name: call.declaration.name, arguments: arguments, id: id))
    }

    private func appendText(
        _ index: Int, hints: TextHints, _ chance: inout Chance, to candidate: inout Candidate,
        _ json: borrowing JSONDocument
    ) {
        guard !wantsPicture || settings.responseModalities.isEmpty || settings.responseModalities.contains("TEXT")
        else { return }
        let hasResults = request.contents.last.map { $0.responseCount > 0 } ?? false
        var sentences: [String]
        if let text = directives.say {
            sentences = [text]
        } else if settings.responseMimeType == "text/x.enum" {
            sentences = [enumeration(&chance, json)]
        } else if settings.wantsJSON {
            sentences = [structured(hints: hints, chance, json)]
        } else {
            sentences = hasResults ? description.closing(json) : description.sentences(json)
            if index > 0 { sentences.append("This is alternative \(index + 1).") }
            if let words = directives.words { sentences = Description.extended(sentences, toWords: words) }
            if runsCode(hints) { candidate.parts += Calculation(hints.numbers).parts }
        }
        candidate.parts.append(AnswerPart(content: .text(sentences.joined(separator: " "))))
        if request.searches {
            candidate.grounding = Grounding(query: hints.summary, sentences: sentences)
            candidate.grounding?.partIndex = candidate.parts.count - 1
        }
        if directives.cites, let first = sentences.first {
            candidate.citations = Citations(bytes: 0..<first.utf8.count)
        }
        if request.toolKinds.contains("urlContext") { candidate.readURLs = URLContext.urls(in: text) }
    }

    /// A value that fits the response schema; without one, a small object about the request.
    private func structured(hints: TextHints, _ chance: Chance, _ json: borrowing JSONDocument) -> String {
        var writer = JSONWriter()
        if let schema = settings.responseJSONSchema ?? settings.responseSchema {
            var sampler = SchemaSampler(hints: hints, chance: chance)
            sampler.write(schema, into: &writer, of: json)
        } else {
            writer.object {
                $0.member("emulator", "pollux")
                $0.member("model", model)
                $0.member("messages", request.contents.count)
                $0.member("text", hints.summary)
            }
        }
        return String(copying: writer.output.span)
    }

    /// One of the schema's words, as plain text.
    private func enumeration(_ chance: inout Chance, _ json: borrowing JSONDocument) -> String {
        guard let schema = settings.responseJSONSchema ?? settings.responseSchema else { return "value" }
        let words = json.each(json.value("enum", of: schema)).filter { !json.isNull($0) }
        return words.isEmpty ? "value" : json.string(words[chance.below(words.count)])
    }

    /// Code is run where the tool is there and the user asks for something to be worked out.
    private func runsCode(_ hints: TextHints) -> Bool {
        guard request.toolKinds.contains("codeExecution") else { return false }
        return directives.runsCode
            || ["code", "run", "python", "calculate", "compute", "sum", "execute"].contains(where: hints.contains)
    }

    private var wantsPicture: Bool {
        settings.responseModalities.contains("IMAGE")
            || settings.responseModalities.isEmpty && traits.makesImages
    }

    private var wantsSpeech: Bool {
        settings.responseModalities.contains("AUDIO")
            || settings.responseModalities.isEmpty && traits.makesSpeech
    }

    // MARK: Ends and marks

    private func finish(_ candidate: inout Candidate, _ reason: FinishReason) {
        candidate.finishReason = reason
        switch reason.remainder {
        case .whole where reason == .maxTokens:
            candidate.keepText { Tokens.prefix($0, Tokens.count($0) / 2) }
        case .whole:
            break
        case .beginning:
            candidate.keepText { text in text.firstRange(of: ". ").map { String(text[..<$0.lowerBound]) + "." } ?? text
            }
            if reason.rawValue == "RECITATION" {
                candidate.citations = Citations(bytes: 0..<max(candidate.text.utf8.count, 1))
            }
        case .nothing:
            candidate.parts.removeAll { if case .thought = $0.content { false } else { true } }
            candidate.grounding = nil
        }
    }

    private func identifier(_ chance: inout Chance) -> String {
        backend == .vertex ? "function-call-" + chance.uuid() : chance.identifier(length: 8)
    }

    /// The first call, else the last part that is no thought, carries the signature of its step.
    private func sign(_ candidate: inout Candidate, _ chance: inout Chance) {
        let call = candidate.parts.firstIndex { part in
            if case .functionCall = part.content { true } else { false }
        }
        let answer = candidate.parts.lastIndex { part in
            if case .thought = part.content { false } else { true }
        }
        guard let index = call ?? answer else { return }
        candidate.parts[index].signature = ThoughtSignature.issue(&chance)
    }
}

extension Candidate {
    /// Changes the text; what it carried besides, and cannot be cut, goes.
    fileprivate mutating func keepText(_ change: (String) -> String) {
        parts.removeAll { part in
            switch part.content {
            case .text, .thought: false
            default: true
            }
        }
        for index in parts.indices {
            if case .text(let text) = parts[index].content { parts[index].content = .text(change(text)) }
        }
        let length = text.utf8.count
        grounding?.cut(to: length)
    }
}

extension GenerateRequest {
    /// Whether a tool that searches the web was given.
    var searches: Bool {
        !toolKinds.isDisjoint(with: ["googleSearch", "googleSearchRetrieval", "enterpriseWebSearch"])
    }
}

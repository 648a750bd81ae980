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

    private var settings: GenerationSettings { request.generation }
    private var description: Description { Description(model: model, request: request) }

    func answer(_ json: borrowing JSONDocument) -> Answer {
        var candidates: [Candidate] = []
        for index in 0..<max(settings.candidateCount ?? 1, 1) { candidates.append(candidate(index, json)) }
        return Answer(candidates: candidates, promptTokens: PromptTokens(request, json))
    }

    private func candidate(_ index: Int, _ json: borrowing JSONDocument) -> Candidate {
        // Two steps: seeds that lie close to each other would give sequences that overlap.
        var seeds = Chance(seed &+ UInt64(index))
        var chance = Chance(seeds.next())
        var candidate = Candidate()
        let thinks = settings.thinks(traits)
        think(thinks, &candidate, json)

        let hints = TextHints(request.lastUserText(json))
        let planner = CallPlanner(request: request, hints: hints)
        let calls = planner.calls(json)
        if !calls.isEmpty {
            for call in calls {
                var callChance = Chance(chance.next())
                let arguments = planner.arguments(of: call, chance: callChance, json)
                let id = traits.isThirdGeneration ? identifier(&callChance) : nil
                candidate.parts.append(
                    AnswerPart(
                        content: .functionCall(name: call.declaration.name, arguments: arguments, id: id)
                    )
                )
            }
        } else if wantsSpeech {
            let sound = Base64.encoded(Tone.pcm(&chance))
            candidate.parts.append(
                AnswerPart(content: .media(mimeType: Tone.mimeType, base64: sound, tokens: Tone.tokens))
            )
        } else {
            appendText(index, hints: hints, &chance, to: &candidate, json)
            if wantsPicture {
                let picture = Base64.encoded(Picture.png(&chance))
                candidate.parts.append(
                    AnswerPart(
                        content: .media(mimeType: Picture.mimeType, base64: picture, tokens: Picture.tokens))
                )
            }
        }
        if settings.responseLogprobs { candidate.logprobs = settings.logprobs ?? 0 }
        OutputLimits(settings: settings).apply(to: &candidate)
        if thinks || traits.isThirdGeneration { sign(&candidate, &chance) }
        return candidate
    }

    // MARK: Parts

    private func think(_ thinks: Bool, _ candidate: inout Candidate, _ json: borrowing JSONDocument) {
        guard thinks else { return }
        // Thoughts count against the limit, but leave half of it for the answer.
        let text = Tokens.prefix(description.thought(json), (settings.maxOutputTokens ?? .max) / 2)
        candidate.thoughtTokens = Tokens.count(text)
        if settings.includeThoughts, !text.isEmpty {
            candidate.parts.append(AnswerPart(content: .thought(text)))
        }
    }

    private func appendText(
        _ index: Int, hints: TextHints, _ chance: inout Chance, to candidate: inout Candidate,
        _ json: borrowing JSONDocument
    ) {
        let hasResults = request.contents.last.map { $0.responseCount > 0 } ?? false
        if settings.responseMimeType == "text/x.enum" {
            candidate.parts.append(AnswerPart(content: .text(enumeration(&chance, json))))
        } else if settings.wantsJSON {
            candidate.parts.append(AnswerPart(content: .text(structured(hints: hints, chance, json))))
        } else {
            var sentences = hasResults ? description.closing(json) : description.sentences(json)
            if index > 0 { sentences.append("This is alternative \(index + 1).") }
            candidate.parts.append(AnswerPart(content: .text(sentences.joined(separator: " "))))
            if request.searches {
                candidate.grounding = Grounding(query: hints.summary, sentences: sentences)
            }
        }
    }

    /// A value that fits the response schema; without one, a small object about the request.
    private func structured(hints: TextHints, _ chance: Chance, _ json: borrowing JSONDocument) -> String {
        var writer = JSONWriter()
        if let schema = settings.responseJSONSchema ?? settings.responseSchema {
            var sampler = SchemaSampler(hints: hints, chance: chance)
            sampler.write(schema, into: &writer, of: json)
        } else {
            writer.beginObject()
            writer.key("emulator")
            writer.string("pollux")
            writer.key("model")
            writer.string(text: model)
            writer.key("messages")
            writer.integer(request.contents.count)
            writer.key("text")
            writer.string(text: hints.summary)
            writer.endObject()
        }
        return String(copying: writer.output.span)
    }

    /// One of the schema's words, as plain text.
    private func enumeration(_ chance: inout Chance, _ json: borrowing JSONDocument) -> String {
        guard let schema = settings.responseJSONSchema ?? settings.responseSchema else { return "value" }
        let words = json.each(json.value("enum", of: schema)).filter { !json.isNull($0) }
        return words.isEmpty ? "value" : json.string(words[chance.below(words.count)])
    }

    private var wantsPicture: Bool {
        settings.responseModalities.contains("IMAGE")
            || settings.responseModalities.isEmpty && traits.makesImages
    }

    private var wantsSpeech: Bool {
        settings.responseModalities.contains("AUDIO")
            || settings.responseModalities.isEmpty && traits.makesSpeech
    }

    // MARK: Marks

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

extension GenerateRequest {
    /// Whether a tool that searches the web was given.
    var searches: Bool {
        !toolKinds.isDisjoint(with: ["googleSearch", "googleSearchRetrieval", "enterpriseWebSearch"])
    }
}

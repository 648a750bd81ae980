import PolluxJSON

/// Answers as a server of Chat Completions does.
struct ChatResponder {
    static let modelName = "emulated-model"

    let configuration: EmulatorConfiguration
    let credentials: Credentials
    let call: ChatCall

    func reply(_ head: RequestHead, body: Span<UInt8>) -> Reply {
        if call.endpoint != nil {
            // Google stands before an endpoint, and refuses in its own way.
            do throws(GoogleError) {
                try credentials.check(head, .vertex)
            } catch {
                return .error(error)
            }
        } else if !configuration.apiKeys.isEmpty, !configuration.apiKeys.contains(head.bearer ?? "") {
            return ChatError(kind: .unauthorized, message: "").reply(call.dialect)
        }
        guard !call.isList else { return list() }
        do throws(ChatError) {
            var tape = JSONTape()
            do throws(JSONError) {
                try tape.parse(body)
            } catch {
                throw ChatError(kind: .shape, message: "invalid JSON at byte \(error.offset)")
            }
            let json = tape.document(of: body)
            let request = try ChatRequest(json)
            let stopIsText = request.stop.map { json.isString($0) } ?? false
            try ChatRules(dialect: call.dialect, request: request, stopIsText: stopIsText).check()
            return reply(request, json)
        } catch {
            return error.reply(call.dialect)
        }
    }

    private func list() -> Reply {
        .json(
            JSONWriter.objectText {
                $0.member("object", "list")
                $0.member("data") {
                    $0.array {
                        $0.object {
                            $0.member("id", Self.modelName)
                            $0.member("object", "model")
                            $0.member("created", configuration.fixedTimeSeconds ?? 0)
                            $0.member("owned_by", call.dialect.rawValue)
                            if call.dialect == .vllm { $0.member("max_model_len", ChatRules.contextTokens) }
                        }
                    }
                }
            }
        )
    }

    private func reply(_ request: ChatRequest, _ json: borrowing JSONDocument) -> Reply {
        var hash = Hash()
        hash.add(configuration.seed)
        hash.add(json.bytes)
        var chance = Chance(hash.value)
        // TGI knows one choice only, whatever was asked for.
        let count = call.dialect == .tgi ? 1 : min(request.choices, ChatWriter.maximumChoices)
        let choices = (0..<count).map { choice($0, request, &chance, json) }
        let writer = ChatWriter(
            dialect: call.dialect, id: "chatcmpl-" + chance.identifier(length: 32),
            created: configuration.fixedTimeSeconds ?? Timestamp.nowMilliseconds() / 1000,
            model: request.model.isEmpty ? Self.modelName : request.model,
            promptTokens: max(json.bytes.count / 4, 1), choices: choices
        )
        return request.isStream ? writer.stream(includesUsage: request.includesUsage) : .json(writer.whole())
    }

    private func choice(
        _ index: Int, _ request: ChatRequest, _ chance: inout Chance, _ json: borrowing JSONDocument
    ) -> ChatWriter.Choice {
        let hints = TextHints(request.text)
        let planner = CallPlanner(request: request.meaning, hints: hints, directives: Directives())
        var choice = ChatWriter.Choice()
        for call in planner.calls(json) {
            var callChance = Chance(chance.next())
            choice.calls.append(
                ChatWriter.Call(
                    id: "chatcmpl-tool-" + callChance.identifier(length: 32), name: call.declaration.name,
                    arguments: planner.arguments(of: call, chance: callChance, json)))
        }
        guard choice.calls.isEmpty else { return choice }
        choice.text = text(index, request, hints, chance, json)
        if let start = request.stops.compactMap({ choice.text.firstIndex(ofText: $0) }).min() {
            choice.text = String(choice.text[..<start])
        }
        if let maximum = request.maximumTokens, Tokens.count(choice.text) > maximum {
            choice.text = Tokens.prefix(choice.text, maximum)
            choice.wasCut = true
        }
        return choice
    }

    private func text(
        _ index: Int, _ request: ChatRequest, _ hints: TextHints, _ chance: Chance, _ json: borrowing JSONDocument
    ) -> String {
        if request.wantsJSON {
            guard let schema = request.schema else { return #"{"emulator":"pollux"}"# }
            var writer = JSONWriter()
            var sampler = SchemaSampler(hints: hints, chance: chance)
            sampler.write(schema, into: &writer, of: json)
            return String(copying: writer.output.span)
        }
        let description = Description(model: Self.modelName, request: request.meaning, text: request.text)
        let hasResults = request.meaning.contents.last.map { $0.responseCount > 0 } ?? false
        var sentences = hasResults ? description.closing(json) : description.sentences(json)
        if index > 0 { sentences.append("This is alternative \(index + 1).") }
        return sentences.joined(separator: " ")
    }
}

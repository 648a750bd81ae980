import PolluxJSON

/// Decides which functions an answer calls, and with which arguments.
struct CallPlanner {
    /// Calls in one answer.
    static let maximumCalls = 8

    let request: GenerateRequest
    let hints: TextHints
    let directives: Directives

    struct Call {
        var declaration: FunctionDeclaration
        /// The place of the user's text that is this call's.
        var place = 0
    }

    /// Words of names that say nothing about what a function is for.
    private static let idleWords: Set<String> = [
        "get", "set", "list", "the", "fetch", "find", "make", "create", "for", "and", "current", "from",
        "with",
        "tool", "function", "call", "use", "user", "run", "final", "result", "data", "info", "to", "of", "in",
        "is",
    ]

    /// The calls of this answer; none when it is to be text.
    ///
    ///     NONE                       never
    ///     ANY                        always: the function that fits best, else the first one; one that was not called
    ///                                since the user's last words, while there is one, so that such a loop gets on
    ///     AUTO, VALIDATED, absent    when the user's last words ask for one, and no result has just come
    ///
    /// Functions that are joined by "then" are called one after the other, each with the results of those before it.
    /// Directives say how many calls and steps there are to be, whatever the mode.
    func calls(_ json: borrowing JSONDocument) -> [Call] {
        let mode = request.callingMode ?? "AUTO"
        guard mode != "NONE" else { return [] }
        let allowed = Set(request.allowedFunctionNames)
        var callable = request.declarations.filter { allowed.isEmpty || allowed.contains($0.name) }
        if mode == "ANY", directives.calls == nil, directives.steps == nil {
            let called = request.calledNames(json)
            let rest = callable.filter { !called.contains($0.name) }
            if !rest.isEmpty { callable = rest }
        }
        guard let first = callable.first else { return [] }

        let ranked = callable.map { (declaration: $0, score: score($0)) }
        let asked = ranked.filter { $0.score > 0 }
        let named = asked.filter { $0.score >= Self.fullName }
        let steps = request.callSteps
        if directives.calls != nil || directives.steps != nil {
            guard steps < directives.steps ?? 1 else { return [] }
            let wanted = asked.isEmpty ? callable : asked.map(\.declaration)
            return (0..<(directives.calls ?? 1)).map { index in
                Call(declaration: wanted[(steps + index) % wanted.count], place: index)
            }
        }
        if hints.contains("then"), named.count > 1 {
            let order = named.map(\.declaration).sorted { place($0) < place($1) }
            if steps < order.count { return [Call(declaration: order[steps])] }
        }
        if mode != "ANY", request.contents.last.map({ $0.responseCount > 0 }) ?? false { return [] }
        guard let best = asked.max(by: { $0.score < $1.score }) else {
            let wantsAny =
                mode == "ANY" || hints.contains("call") || hints.contains("tool") || hints.contains("tools")
            return wantsAny ? several(of: first, json) : []
        }
        if named.count > 1 {
            return named.prefix(Self.maximumCalls).map { Call(declaration: $0.declaration) }
        }
        let calls = several(of: best.declaration, json)
        if calls.count == 1, wantsSeveral, asked.count > 1 {
            return asked.prefix(Self.maximumCalls).map { Call(declaration: $0.declaration) }
        }
        return calls
    }

    /// Where a function stands in the user's text.
    private func place(_ declaration: FunctionDeclaration) -> Int {
        hints.words.firstIndex(of: declaration.name.lowercased()) ?? .max
    }

    private static let fullName = 100

    private var wantsSeveral: Bool {
        hints.joinsPlaces || ["both", "parallel", "each", "twice"].contains(where: hints.contains)
    }

    /// How clearly the user's text asks for a function: by its whole name, or by words of it.
    private func score(_ declaration: FunctionDeclaration) -> Int {
        if hints.contains(declaration.name.lowercased()) { return Self.fullName }
        return NameWords.of(declaration.name).count { word in
            guard word.count > 2, !Self.idleWords.contains(word) else { return false }
            return hints.contains(word)
                || hints.distinctWords.contains {
                    $0.hasPrefix(word)
                        || word.utf8.count > 3 && $0.utf8.count + 1 == word.utf8.count && $0 + "s" == word
                }
        }
    }

    /// One call; for a function that takes a place, one call for each place when several are asked for.
    private func several(of declaration: FunctionDeclaration, _ json: borrowing JSONDocument) -> [Call] {
        guard wantsSeveral else { return [Call(declaration: declaration)] }
        if takesPlace(declaration, json), hints.places.count > 1 {
            return (0..<min(hints.places.count, Self.maximumCalls)).map {
                Call(declaration: declaration, place: $0)
            }
        }
        let isRepeated = hints.contains("twice") || hints.contains("parallel")
        return Array(repeating: Call(declaration: declaration), count: isRepeated ? 2 : 1)
    }

    private func takesPlace(_ declaration: FunctionDeclaration, _ json: borrowing JSONDocument) -> Bool {
        guard let schema = declaration.parametersJSONSchema ?? declaration.parameters else { return false }
        return SchemaLayers(nodes: [schema]).properties(json).contains { property in
            NameWords.of(property.name).contains(where: NameWords.places.contains)
        }
    }

    /// The arguments of a call: the text of a JSON object.
    func arguments(of call: Call, chance: Chance, _ json: borrowing JSONDocument) -> [UInt8] {
        guard let schema = call.declaration.parametersJSONSchema ?? call.declaration.parameters else {
            return Array("{}".utf8)
        }
        var writer = JSONWriter()
        var sampler = SchemaSampler(hints: hints.startingWithPlace(call.place), chance: chance)
        sampler.write(schema, into: &writer, of: json)
        let text = writer.output.array()
        return text.first == UInt8(ascii: "{") ? text : Array("{}".utf8)
    }
}

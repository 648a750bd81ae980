import PolluxJSON

extension RequestRules {
    /// Turns have a known role, parts, and parts have what they need.
    func checkContents(_ json: borrowing JSONDocument) throws(GoogleError) {
        guard !request.contents.isEmpty else {
            throw refusal(
                vertex: "Unable to submit request because at least one contents field is required.",
                developer: "contents: contents is not specified"
            )
        }
        for (index, content) in request.contents.enumerated() {
            guard ["user", "model", "function"].contains(content.role) || content.role.isEmpty && !isVertex
            else {
                throw .invalid("Please use a valid role: user, model.")
            }
            guard !content.parts.isEmpty else {
                throw refusal(
                    vertex:
                        "Unable to submit request because it must include at least one parts field, which "
                        + "describes the prompt input.",
                    developer: "contents[\(index)].parts: contents.parts must not be empty."
                )
            }
            for (position, part) in content.parts.enumerated() {
                try check(part, at: "contents[\(index)].parts[\(position)]", json)
            }
        }
    }

    private func check(_ part: Part, at path: String, _ json: borrowing JSONDocument) throws(GoogleError) {
        switch part.data {
        case .none:
            guard part.signature == nil else { return }
            throw refusal(
                vertex: "Unable to submit request because it must have at least one initialized parts field.",
                developer: "\(path).data: required oneof field 'data' must have one initialized field"
            )
        case .functionCall(let name, _):
            if isEmpty(name, json) { throw emptyName("\(path).function_call") }
        case .functionResponse(let name, let response, let parts):
            if isEmpty(name, json) { throw emptyName("\(path).function_response") }
            if response == nil, json.each(parts).isEmpty {
                throw .invalid(
                    "* GenerateContentRequest.\(path).function_response.response: required field must be "
                        + "set.\n"
                )
            }
            if let response { try checkReferences(in: response, to: parts, json) }
        case .inlineData(let mimeType, _):
            if isEmpty(mimeType, json) { throw missing("mimeType") }
        case .fileData(let mimeType, let uri):
            if isVertex, isEmpty(mimeType, json) { throw missing("mimeType") }
            if isEmpty(uri, json) {
                throw .invalid("Unable to submit request because it must have a fileUri parameter.")
            }
        case .text, .other:
            return
        }
    }

    /// In a response `$ref` names one of its parts.
    private func checkReferences(
        in response: JSONNode, to parts: JSONNode?, _ json: borrowing JSONDocument
    ) throws(GoogleError) {
        var names: Set<String> = []
        for part in json.each(parts) {
            let data =
                json.value("inlineData", or: "inline_data", of: part)
                ?? json.value("fileData", or: "file_data", of: part)
            if let data, let name = json.text(of: json.value("displayName", or: "display_name", of: data)) {
                names.insert(name)
            }
        }
        var waiting = [response]
        while let node = waiting.popLast() {
            if json.isArray(node) { waiting += json.each(node) }
            var members = json.members(node)
            while let member = members.next(in: json) {
                waiting.append(member.value)
                guard json.equals(member.key, "$ref"), let name = json.text(of: member.value), !names.contains(name)
                else { continue }
                throw .invalid(
                    "The referenced name `\(name)` in function_response.response does not match to a display_name "
                        + "in the function_response.parts."
                )
            }
        }
    }

    private func isEmpty(_ node: JSONNode?, _ json: borrowing JSONDocument) -> Bool {
        node.map { json.length($0) == 0 } ?? true
    }

    private func emptyName(_ path: String) -> GoogleError {
        .invalid("* GenerateContentRequest.\(path).name: Name cannot be empty.\n")
    }

    private func missing(_ parameter: String) -> GoogleError {
        .invalid(
            "Unable to submit request because it must have a \(parameter) parameter. Add a value to the "
                + "parameter and "
                + "try again."
        )
    }

    /// Every turn with calls is followed at once by a turn with as many responses.
    ///
    /// Turns of the same kind that follow each other count as one. Calls in the last turn may be unanswered.
    func checkCallPairs() throws(GoogleError) {
        let turns = request.contents
        var at = 0
        while at < turns.count {
            guard turns[at].callCount > 0 else {
                if turns[at].responseCount > 0 {
                    throw .invalid(
                        "Please ensure that function response turn comes immediately after a function "
                            + "call turn."
                    )
                }
                at += 1
                continue
            }
            guard turns[at].isModel else {
                throw .invalid("Please ensure that function call turns have the role model.")
            }
            var calls = 0
            var answersFrom = at
            while answersFrom < turns.count, turns[answersFrom].isModel {
                calls += turns[answersFrom].callCount
                answersFrom += 1
            }
            var responses = 0
            var next = answersFrom
            while next < turns.count, !turns[next].isModel,
                turns[next].responseCount > 0 || next > answersFrom
            {
                responses += turns[next].responseCount
                next += 1
            }
            if answersFrom < turns.count, responses != calls {
                throw .invalid(
                    "Please ensure that the number of function response parts is equal to the number of "
                        + "function call "
                        + "parts of the function call turn."
                )
            }
            at = responses > 0 ? next : answersFrom
        }
    }
}

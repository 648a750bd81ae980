import PolluxJSON

/// The sentences in which the emulator says what it received. It never claims to have understood it.
struct Description {
    /// Pieces of media that are named one by one.
    static let maximumMedia = 8
    /// Characters of the user's text that are quoted.
    static let maximumQuotation = 120
    /// Characters of a function's result that are quoted.
    static let maximumResult = 200

    let model: String
    let request: GenerateRequest
    /// The user's last text, without directives.
    let text: String

    /// The answer to a request that asks for nothing in particular.
    func sentences(_ json: borrowing JSONDocument) -> [String] {
        var sentences = [
            "This is the Pollux emulator, not a model: I cannot think, I only describe what I received."
        ]
        var received = "You asked \(model) with \(Self.counted(request.contents.count, "message"))"
        let instruction = instructionLength(json)
        if instruction > 0 {
            received += " and a system instruction of \(Self.grouped(instruction)) characters"
        }
        sentences.append(received + ".")
        if !text.isEmpty {
            sentences.append(
                "The last message says: \"\(TextHints.shortened(text, to: Self.maximumQuotation))\".")
        }
        sentences += media(json)
        if !request.declarations.isEmpty {
            let functions = Self.counted(request.declarations.count, "function")
            sentences.append("I could call \(functions) and called none.")
        }
        return sentences
    }

    /// The answer to the results of function calls.
    func closing(_ json: borrowing JSONDocument) -> [String] {
        var sentences: [String] = []
        for part in request.contents.last?.parts ?? [] {
            guard case .functionResponse(let name, let response, _) = part.data else { continue }
            var text = "nothing"
            if let response {
                var writer = JSONWriter()
                writer.copy(response, of: json)
                text = TextHints.shortened(String(copying: writer.output.span), to: Self.maximumResult)
            }
            sentences.append("The function \(json.text(of: name) ?? "") returned \(text).")
            if sentences.count == Self.maximumMedia { break }
        }
        sentences.append(
            "This is the Pollux emulator, not a model: I only repeat what the functions returned.")
        return sentences
    }

    /// About so many words: the sentences again and again.
    static func extended(_ sentences: [String], toWords wanted: Int) -> [String] {
        var result: [String] = []
        var left = wanted
        var index = 0
        while left > 0, !sentences.isEmpty {
            let words = sentences[index % sentences.count].split(separator: " ")
            result.append(words.prefix(left).joined(separator: " "))
            left -= max(words.count, 1)
            index += 1
        }
        return result
    }

    /// What is shown as a thought.
    var thought: String {
        let messages = Self.counted(request.contents.count, "message")
        let functions = Self.counted(request.declarations.count, "function")
        return "The request has \(messages) and \(functions). An emulator has no thoughts; this text stands "
            + "in for them."
    }

    /// `1 message`, `2 messages`
    private static func counted(_ count: Int, _ thing: String) -> String {
        "\(count) \(thing)\(count == 1 ? "" : "s")"
    }

    private func instructionLength(_ json: borrowing JSONDocument) -> Int {
        var count = 0
        for part in request.systemInstruction?.parts ?? [] {
            if case .text(let node) = part.data { count += json.string(node).unicodeScalars.count }
        }
        return count
    }

    private func media(_ json: borrowing JSONDocument) -> [String] {
        var sentences: [String] = []
        var others = 0
        for content in request.contents where !content.isModel {
            for part in content.parts {
                guard let sentence = sentence(about: part, json) else { continue }
                if sentences.count < Self.maximumMedia { sentences.append(sentence) } else { others += 1 }
            }
        }
        if others > 0 { sentences.append("I received \(others) more.") }
        return sentences
    }

    private func sentence(about part: Part, _ json: borrowing JSONDocument) -> String? {
        switch part.data {
        case .inlineData(let mimeType, let data):
            let bytes = data.map { Base64.byteCount($0, of: json) } ?? 0
            return "I received \(article(json.text(of: mimeType) ?? "")) of \(Self.grouped(bytes)) bytes."
        case .fileData(let mimeType, let uri):
            let type = json.text(of: mimeType).map { article($0) } ?? "a file"
            return
                "I received \(type) at "
                + "\(TextHints.shortened(json.text(of: uri) ?? "", to: Self.maximumQuotation))."
        default:
            return nil
        }
    }

    private func article(_ mimeType: String) -> String {
        let name = TextHints.shortened(mimeType, to: 60)
        return ("aeiou".contains(name.first ?? "x") ? "an " : "a ") + name
    }

    /// `12345` as `12,345`.
    static func grouped(_ number: Int) -> String {
        let digits = Array(String(number))
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return text
    }
}

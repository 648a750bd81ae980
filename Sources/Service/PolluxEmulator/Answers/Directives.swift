/// What a prompt, or a script, asks of the emulator itself.
///
///     [[emulate: finish=SAFETY]]                   why the answer ends
///     [[emulate: block=PROHIBITED_CONTENT]]        no answer: the prompt is blocked
///     [[emulate: say="Paris"]]                     the text of the answer
///     [[emulate: words=500]]                       about so many words
///     [[emulate: calls=3]]                         calls in one answer
///     [[emulate: steps=3]]                         answers with calls before the last one, with text
///     [[emulate: images=2]]                        pictures of an image model
///     [[emulate: cite code]]                       citations; code that was run
///
/// Several may stand together. Gateways pass prompts on, so this works through them.
struct Directives: Sendable, Equatable {
    static let maximumWords = 20_000
    static let maximumCalls = 64
    static let maximumSteps = 100
    static let maximumImages = 4

    var finish: FinishReason?
    var blockReason: String?
    var say: String?
    var words: Int?
    var calls: Int?
    var steps: Int?
    var images: Int?
    var cites = false
    var runsCode = false

    init() {}

    /// Reads what stands behind `emulate:`.
    ///
    /// - Throws: a 400 that names a word that is none, so that a test does not wait for what never comes.
    init(words text: String) throws(GoogleError) {
        var rest = Substring(text)
        while let word = Self.word(&rest) {
            let sides = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            try apply(String(sides[0]), sides.count == 2 ? String(sides[1]) : nil)
        }
    }

    private static let opening = "[[emulate:"

    /// Takes the directives out of a text; `nil` when there are none.
    static func take(from text: inout String) throws(GoogleError) -> Directives? {
        guard let start = text.firstIndex(ofText: opening) else { return nil }
        let body = text[start...].dropFirst(opening.count)
        guard let end = body.firstRange(of: "]]") else { throw .invalid("\(opening) has no end.") }
        let directives = try Directives(words: String(body[..<end.lowerBound]))
        text.removeSubrange(start..<end.upperBound)
        return directives
    }

    /// These, with what they leave open taken from others.
    func filled(from others: Directives?) -> Directives {
        guard let others else { return self }
        var result = self
        result.finish = finish ?? others.finish
        result.blockReason = blockReason ?? others.blockReason
        result.say = say ?? others.say
        result.words = words ?? others.words
        result.calls = calls ?? others.calls
        result.steps = steps ?? others.steps
        result.images = images ?? others.images
        result.cites = cites || others.cites
        result.runsCode = runsCode || others.runsCode
        return result
    }

    // MARK: Reading

    /// The next word; one with quotes may hold spaces, and `\"` and `\\` within them.
    private static func word(_ rest: inout Substring) -> String? {
        rest = rest.drop(while: { $0.isWhitespace || $0 == "," })
        guard !rest.isEmpty else { return nil }
        var word = ""
        var isQuoted = false
        while let character = rest.first, isQuoted || !(character.isWhitespace || character == ",") {
            rest.removeFirst()
            if isQuoted, character == "\\", let escaped = rest.first, escaped == "\"" || escaped == "\\" {
                word.append(rest.removeFirst())
            } else if character == "\"" {
                isQuoted.toggle()
            } else {
                word.append(character)
            }
        }
        return word
    }

    private mutating func apply(_ name: String, _ value: String?) throws(GoogleError) {
        switch name {
        case "finish":
            let word = value?.uppercased() ?? ""
            guard let reason = FinishReason(known: word) else { throw Self.unknown("finish=\(value ?? "")") }
            finish = reason
        case "block":
            let word = value?.uppercased() ?? "SAFETY"
            guard PromptBlock.reasons.contains(word) else { throw Self.unknown("block=\(word)") }
            blockReason = word
        case "say": say = value ?? ""
        case "words": words = try Self.number(name, value, 1...Self.maximumWords)
        case "calls": calls = try Self.number(name, value, 1...Self.maximumCalls)
        case "steps": steps = try Self.number(name, value, 0...Self.maximumSteps)
        case "images": images = try Self.number(name, value, 1...Self.maximumImages)
        case "cite": cites = true
        case "code": runsCode = true
        default: throw Self.unknown(name)
        }
    }

    private static func number(
        _ name: String, _ value: String?, _ range: ClosedRange<Int>
    ) throws(GoogleError) -> Int {
        guard let number = Int(value ?? ""), range.contains(number) else {
            throw .invalid("The emulator takes \(name) from \(range.lowerBound) to \(range.upperBound).")
        }
        return number
    }

    private static func unknown(_ word: String) -> GoogleError {
        .invalid("The emulator has no directive '\(word)'.")
    }
}

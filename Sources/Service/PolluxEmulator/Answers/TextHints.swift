/// What can be taken from a user's text to fill in values: places, numbers, quotations.
struct TextHints: Sendable {
    /// Bytes of the text that are looked at, and words in them.
    static let maximumBytes = 4096
    static let maximumWords = 400

    /// The words in small letters, without punctuation around them.
    private(set) var words: [String] = []
    private var known: Set<String> = []
    /// Names with a capital letter that look like places, in order and each once.
    private(set) var places: [String] = []
    /// Numbers that stand for themselves.
    private(set) var numbers: [Double] = []
    /// Text between double quotes.
    private(set) var quotations: [String] = []
    /// The text, shortened.
    private(set) var summary = ""
    /// Whether two places are joined by "and".
    private(set) var joinsPlaces = false

    private static let prepositions: Set<String> = [
        "in", "for", "at", "from", "to", "near", "of", "between", "around", "both", "and",
    ]
    private static let otherNames: Set<String> = [
        "i", "i'm", "i'd", "json", "api", "url", "gemini", "pollux", "celsius", "fahrenheit", "monday",
        "tuesday",
        "wednesday", "thursday", "friday", "saturday", "sunday", "january", "february", "march", "april",
        "may",
        "june", "july", "august", "september", "october", "november", "december",
    ]

    init(_ text: String) {
        let text = Self.prefix(text, bytes: Self.maximumBytes)
        summary = Self.shortened(text, to: 60)
        readQuotations(text)
        readWords(text)
    }

    /// The same hints, with the place at `index` first.
    func startingWithPlace(_ index: Int) -> TextHints {
        guard index > 0, index < places.count else { return self }
        var hints = self
        hints.places = Array(places[index...] + places[..<index])
        return hints
    }

    func contains(_ word: String) -> Bool { known.contains(word) }

    /// Each word once.
    var distinctWords: Set<String> { known }

    private mutating func readQuotations(_ text: String) {
        let pieces = text.utf8.split(separator: UInt8(ascii: "\""), omittingEmptySubsequences: false)
        for index in pieces.indices where index % 2 == 1 && index + 1 < pieces.count && !pieces[index].isEmpty {
            quotations.append(String(Substring(pieces[index])))
        }
    }

    private mutating func readWords(_ text: String) {
        var fallback: [String] = []
        var previous = ""
        var previousEnd: Character = "."
        var previousWasPlace = false
        // Bytes are looked at, not characters: Unicode's properties cost more than all else in a short answer.
        for bytes in text.utf8.split(whereSeparator: { $0 <= UInt8(ascii: " ") }) {
            guard words.count < Self.maximumWords else { break }
            let raw = Substring(bytes)
            let word = Self.trimmed(raw)
            guard !word.isEmpty else { continue }
            let lower = word.lowercased()
            words.append(lower)
            known.insert(lower)
            if lower.utf8.allSatisfy({ $0 < UInt8(ascii: "A") }), let number = Double(lower) { numbers.append(number) }
            let isName = word.first?.isUppercase == true && word.count > 1 && !Self.otherNames.contains(lower)
            let startsSentence = [".", "!", "?", ":"].contains(previousEnd)
            var isPlace = false
            if isName, previousWasPlace, previousEnd.isLetter {
                places[places.count - 1] += " " + word
                isPlace = true
            } else if isName, Self.prepositions.contains(previous) || previousWasPlace && previousEnd == "," {
                if previous == "and", !places.isEmpty { joinsPlaces = true }
                if !places.contains(word) { places.append(word) }
                isPlace = places.last == word
            } else if isName, !startsSentence {
                fallback.append(word)
            }
            previous = lower
            previousEnd = raw.last ?? " "
            previousWasPlace = isPlace
        }
        if places.isEmpty { places = fallback }
    }

    private static func trimmed(_ word: Substring) -> String {
        var word = word
        while let first = word.first, !first.isLetter, !first.isNumber, first != "-" { word.removeFirst() }
        while let last = word.last, !last.isLetter, !last.isNumber { word.removeLast() }
        for ending in ["'s", "’s"] where word.hasSuffix(ending) { word.removeLast(2) }
        return String(word)
    }

    /// The text on one line, cut at a word where possible, with "…" when something is missing.
    static func shortened(_ text: String, to maximum: Int) -> String {
        var line = prefix(text, bytes: maximum * 4 + 64)
        if line.utf8.contains(where: { $0 < UInt8(ascii: " ") || $0 >= 0x80 }) {
            line = String(line.map { $0.isNewline ? " " : $0 })
        }
        guard line.count > maximum || line.utf8.count < text.utf8.count else { return line }
        var cut = line.prefix(maximum)
        if let space = cut.lastIndex(of: " "), cut.distance(from: cut.startIndex, to: space) > maximum / 2 {
            cut = cut[..<space]
        }
        return cut + "…"
    }

    private static func prefix(_ text: String, bytes: Int) -> String {
        guard text.utf8.count > bytes else { return text }
        var end = text.utf8.index(text.startIndex, offsetBy: bytes)
        while end > text.startIndex, end.samePosition(in: text.unicodeScalars) == nil {
            end = text.utf8.index(before: end)
        }
        return String(text.unicodeScalars[..<end])
    }
}

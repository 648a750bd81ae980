/// Finds what an operator probably meant.
enum EditDistance {
    /// Longer words are compared by their beginnings.
    private static let maximumLength = 100

    /// The word nearest to `text`; `nil` when none is near: at most a third of the letters may differ,
    /// though always one, and two from four letters on.
    static func nearest(to text: String, among words: [String]) -> String? {
        let limit = max(text.count >= 4 ? 2 : 1, text.count / 3)
        let lowercase = text.lowercased()
        return words.map { (word: $0, distance: between(lowercase, $0.lowercased())) }
            .filter { $0.distance <= limit && $0.distance < $0.word.count }
            .min { $0.distance < $1.distance }?.word
    }

    /// Insertions, deletions, replacements and swaps of neighbours that lead from one to the other.
    static func between(_ first: String, _ second: String) -> Int {
        let first = Array(first.unicodeScalars.prefix(maximumLength))
        let second = Array(second.unicodeScalars.prefix(maximumLength))
        var beforeLast: [Int] = []
        var last = Array(0...second.count)
        for row in first.indices {
            var current = [row + 1]
            for column in second.indices {
                let replaced = last[column] + (first[row] == second[column] ? 0 : 1)
                var best = min(replaced, last[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, first[row] == second[column - 1], first[row - 1] == second[column] {
                    best = min(best, beforeLast[column - 1] + 1)
                }
                current.append(best)
            }
            beforeLast = last
            last = current
        }
        return last[second.count]
    }
}

/// The notes of one translation, each of which is taken once, by the path that it is about.
///
/// - Cost: a search among the sorted paths for each question. A long history has a note about each of its messages, and
///   is asked about each of its fields.
struct NotesByPath {
    private let notes: [TranslationNote]
    /// Places in `notes`, in the order of the paths' bytes: what begins alike stands together.
    private let order: [Int]
    private var isTaken: [Bool]

    init(_ notes: [TranslationNote]) {
        self.notes = notes
        order = notes.indices.sorted { first, second in
            let (path, other) = (notes[first].path, notes[second].path)
            return path == other ? first < second : path.utf8.lexicographicallyPrecedes(other.utf8)
        }
        isTaken = Array(repeating: false, count: notes.count)
    }

    /// Those that nobody took, in their own order.
    var unused: [TranslationNote] { notes.indices.filter { !isTaken[$0] }.map { notes[$0] } }

    /// Takes the notes about this very path.
    mutating func takeNotes(about path: String) -> [TranslationNote] {
        if notes.isEmpty { return [] }
        return take(places(startingWith: path) { $0 == path })
    }

    /// Takes the notes about what is inside: `path.…` and `path[…`.
    mutating func takeNotes(inside path: String) -> [TranslationNote] {
        if notes.isEmpty { return [] }
        let inner = places(startingWith: "\(path).") { _ in true } + places(startingWith: "\(path)[") { _ in true }
        return take(inner)
    }

    private mutating func take(_ places: [Int]) -> [TranslationNote] {
        places.sorted().filter { !isTaken[$0] }.map { place in
            isTaken[place] = true
            return notes[place]
        }
    }

    /// Places of the notes whose path begins so, up to the first that is not wanted.
    private func places(startingWith prefix: String, while isWanted: (String) -> Bool) -> [Int] {
        var lower = 0
        var upper = order.count
        while lower < upper {
            let middle = (lower + upper) / 2
            if notes[order[middle]].path.utf8.lexicographicallyPrecedes(prefix.utf8) {
                lower = middle + 1
            } else {
                upper = middle
            }
        }
        let rest = order[lower...]
        return Array(rest.prefix { notes[$0].path.utf8.starts(with: prefix.utf8) && isWanted(notes[$0].path) })
    }
}

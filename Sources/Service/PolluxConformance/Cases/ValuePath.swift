import PolluxJSON

/// A place in a document: `sent[0].body.tools[0].functionDeclarations[-1].name`.
///
/// `[-1]` is the last element. `a|b` takes the first of several names that is there: services and gateways have more
/// than one word for some things.
struct ValuePath: Sendable, CustomStringConvertible {
    private enum Step: Sendable {
        case names([String])
        case index(Int)
    }

    let description: String
    private let steps: [Step]

    init?(_ text: String) {
        description = text
        var steps: [Step] = []
        for part in text.split(separator: ".") {
            let pieces = part.split(separator: "[", omittingEmptySubsequences: false)
            if !pieces[0].isEmpty { steps.append(.names(pieces[0].split(separator: "|").map(String.init))) }
            for piece in pieces.dropFirst() {
                guard piece.hasSuffix("]"), let index = Int(piece.dropLast()) else { return nil }
                steps.append(.index(index))
            }
        }
        if steps.isEmpty { return nil }
        self.steps = steps
    }

    func value(in document: JSONValue) -> JSONValue? {
        var value = document
        for step in steps {
            switch step {
            case .names(let names):
                guard let found = names.lazy.compactMap({ value[$0] }).first else { return nil }
                value = found
            case .index(let index):
                guard let elements = value.elements else { return nil }
                let place = index < 0 ? elements.count + index : index
                guard elements.indices.contains(place) else { return nil }
                value = elements[place]
            }
        }
        return value
    }
}

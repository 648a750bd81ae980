import Yams

/// Lets a document with duplicate keys be read to its end, so that all its errors are found at once.
///
/// The YAML composer stops at the first mapping with a duplicate key. Here the first character of one
/// of the twins is replaced by a character of the private use area; positions stay as they are. The
/// tree gets the original names back, and with them both places.
struct DuplicateKeys {
    /// What the composer should read.
    private(set) var text: String
    private var originals: [Unicode.Scalar: Unicode.Scalar] = [:]

    /// As many twins as are told apart; more than an operator wants to read about.
    private static let maximum: UInt32 = 64
    private static let firstMark: UInt32 = 0xE000

    init(_ text: String) { self.text = text }

    /// Marks the key of one of these names at `position`. `false` when that is impossible: the error
    /// then stands for itself.
    mutating func tellApart(_ names: [String], at position: Mark) -> Bool {
        let count = UInt32(originals.count)
        guard count < Self.maximum, let mark = Unicode.Scalar(Self.firstMark + count),
            var index = index(of: position)
        else { return false }
        let scalars = text.unicodeScalars
        guard !scalars.contains(mark), index < scalars.endIndex else { return false }
        if scalars[index] == "\"" || scalars[index] == "'" { index = scalars.index(after: index) }
        guard index < scalars.endIndex, names.contains(where: { $0.unicodeScalars.first == scalars[index] })
        else { return false }
        originals[mark] = scalars[index]
        var changed = String.UnicodeScalarView(scalars[..<index])
        changed.append(mark)
        changed.append(contentsOf: scalars[scalars.index(after: index)...])
        text = String(changed)
        return true
    }

    /// The name as it was written.
    func original(_ name: String) -> String {
        guard let first = name.unicodeScalars.first, let original = originals[first] else { return name }
        return String(original) + String(name.unicodeScalars.dropFirst())
    }

    private func index(of position: Mark) -> String.Index? {
        let scalars = text.unicodeScalars
        var index = scalars.startIndex
        for _ in 1..<max(position.line, 1) {
            guard let lineEnd = scalars[index...].firstIndex(of: "\n") else { return nil }
            index = scalars.index(after: lineEnd)
        }
        return scalars.index(index, offsetBy: position.column - 1, limitedBy: scalars.endIndex)
    }
}

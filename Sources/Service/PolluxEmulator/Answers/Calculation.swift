/// A sum that the service's code tool works out: the numbers of the prompt.
struct Calculation: Sendable {
    private let code: String
    private let output: String

    init(_ numbers: [Double]) {
        let terms = numbers.isEmpty ? [2, 2] : numbers.map { Int(max(min($0, 1e9), -1e9)) }
        code = "total = sum([\(terms.map(String.init).joined(separator: ", "))])\nprint(total)\n"
        output = "\(terms.reduce(0, +))\n"
    }

    var parts: [AnswerPart] { [AnswerPart(content: .code(code)), AnswerPart(content: .codeResult(output))] }
}

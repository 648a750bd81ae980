import PolluxJSON

/// A piece of a call whose arguments are streamed, as Vertex AI does on demand.
///
///     {"name":"f","willContinue":true}
///     {"partialArgs":[{"jsonPath":"$.city","stringValue":"Os","willContinue":true}],"willContinue":true}
///     {"partialArgs":[{"jsonPath":"$.city","stringValue":"lo"}],"willContinue":true}
///     {}
///
/// - Source: Vertex AI, "Function calling", streaming of function call arguments.
struct CallPiece: Sendable {
    enum Value: Sendable {
        case text(String, willContinue: Bool)
        /// The text of a number, `true`, `false` or `null`.
        case number(String)
        case boolean(Bool)
        case null
    }

    /// Characters of a text that come at once.
    static let maximumText = 8

    var name: String?
    var id: String?
    var argument: (path: String, value: Value)?
    var willContinue = true

    /// The pieces of a whole call.
    static func pieces(name: String, arguments: [UInt8], id: String?) -> [CallPiece] {
        var pieces = [CallPiece(name: name, id: id)]
        var tape = JSONTape()
        // Arguments are written here, so they are JSON.
        if (try? tape.parse(arguments.span)) != nil {
            collect(.root, at: "$", tape.document(of: arguments.span), into: &pieces)
        }
        pieces.append(CallPiece(willContinue: false))
        return pieces
    }

    private static func collect(
        _ node: JSONNode, at path: String, _ json: borrowing JSONDocument, into pieces: inout [CallPiece]
    ) {
        if json.isObject(node) {
            var members = json.members(node)
            while let member = members.next(in: json) {
                collect(member.value, at: path + step(json.string(member.key)), json, into: &pieces)
            }
        } else if json.isArray(node) {
            for (index, element) in json.each(node).enumerated() {
                collect(element, at: "\(path)[\(index)]", json, into: &pieces)
            }
        } else if json.isString(node) {
            var rest = Substring(json.string(node))
            repeat {
                let piece = rest.prefix(maximumText)
                rest = rest.dropFirst(maximumText)
                pieces.append(CallPiece(argument: (path, .text(String(piece), willContinue: !rest.isEmpty))))
            } while !rest.isEmpty
        } else if let boolean = json.boolean(node) {
            pieces.append(CallPiece(argument: (path, .boolean(boolean))))
        } else {
            let value = json.isNull(node) ? Value.null : .number(String(copying: json.raw(node)))
            pieces.append(CallPiece(argument: (path, value)))
        }
    }

    /// A member's step: with a dot where the name is plain, else in brackets.
    private static func step(_ name: String) -> String {
        let isPlain = !name.isEmpty && name.utf8.allSatisfy { $0 == UInt8(ascii: "_") || isLetterOrDigit($0) }
        return isPlain ? "." + name : "['\(name)']"
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }

    func write(into writer: inout JSONWriter) {
        writer.object {
            $0.member("name", name)
            $0.member("id", id)
            if let argument {
                $0.member("partialArgs") {
                    $0.array {
                        $0.object {
                            $0.member("jsonPath", argument.path)
                            argument.value.write(into: &$0)
                        }
                    }
                }
            }
            if willContinue { $0.member("willContinue", true) }
        }
    }
}

extension CallPiece.Value {
    fileprivate func write(into writer: inout JSONWriter) {
        switch self {
        case .text(let text, let willContinue):
            writer.member("stringValue", text)
            if willContinue { writer.member("willContinue", true) }
        case .number(let digits):
            writer.key("numberValue")
            writer.raw(Array(digits.utf8).span)
        case .boolean(let value): writer.member("boolValue", value)
        case .null: writer.member("nullValue", "NULL_VALUE")
        }
    }
}

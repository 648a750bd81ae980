import PolluxJSON

/// Reading as Google's JSON transcoder reads.
extension JSONDocument {
    /// The member under its lowerCamelCase or its snake_case name; `nil` also when it is `null`.
    func value(_ camelCase: StaticString, or snakeCase: StaticString, of node: JSONNode) -> JSONNode? {
        value(camelCase, of: node) ?? value(snakeCase, of: node)
    }

    /// The elements of an array; a lone value counts as an array of one.
    func each(_ node: JSONNode?) -> [JSONNode] {
        guard let node else { return [] }
        guard isArray(node) else { return [node] }
        var nodes: [JSONNode] = []
        var elements = self.elements(node)
        while let element = elements.next(in: self) { nodes.append(element) }
        return nodes
    }

    /// A string's text; `nil` when there is none.
    func text(of node: JSONNode?) -> String? { node.flatMap { isString($0) ? string($0) : nil } }

    /// An integer, written as number or as string, with a fraction of zeros at most.
    func wholeNumber(_ node: JSONNode?) -> Int? {
        guard let node else { return nil }
        if let integer = integer(node) { return integer }
        if isString(node) {
            let digits = string(node)
            return digits.hasPrefix("+") ? nil : Int(digits)
        }
        guard let number = double(node), number.magnitude < 0x1p53 else { return nil }
        return Int(exactly: number)
    }

    /// A number that a 32-bit float can hold, written as number or as string.
    func floatNumber(_ node: JSONNode?) -> Double? {
        guard let node else { return nil }
        if isString(node) { return Double(string(node)) }
        guard let number = double(node), number.magnitude <= Double(Float.greatestFiniteMagnitude) else {
            return nil
        }
        return number
    }

    /// The same without the words `NaN` and `Infinity`.
    func finiteNumber(_ node: JSONNode?) -> Double? {
        floatNumber(node).flatMap {
            $0.isFinite && $0.magnitude <= Double(Float.greatestFiniteMagnitude) ? $0 : nil
        }
    }

    /// An upper-case word of a set.
    func word(_ node: JSONNode?) -> String? { text(of: node)?.uppercased() }
}

internal import PolluxJSON

/// `$ref`.
///
///     form          alone       with siblings          in an allOf of several
///     JSON Schema   kept        target inlined, or     target merged; where that would not end,
///                               kept alone when the    kept alone
///                               target is recursive
///     OpenAPI       inlined; cut when a definition stands `maximumRecursion` times inside itself
///
/// At the top level a `$ref` is inlined in both forms: the service looks for `type` there.
extension SchemaWalk {
    /// Values looked at, in one schema, to find out which definitions are recursive.
    ///
    /// Past that a definition counts as recursive: its references lose what stands beside them.
    private static let maximumRecursionSteps = 200_000

    mutating func reference(
        _ key: JSONNode, _ value: JSONNode, in node: JSONNode, as standing: Standing, distance: Int,
        into facts: inout SchemaFacts
    ) throws(SchemaError) {
        guard let target = target(of: value) else {
            throw SchemaError(reason: "unresolved $ref \(excerpt(value)).")
        }
        let isPart = open[facts.firstOpen...].contains(target)
        if isOpenAPI {
            // A definition that is only itself has nothing else.
            if isPart {
                facts.isCut = facts.isCut || facts.present.isEmpty
            } else {
                try inlineOrCut(key, target, distance: distance, into: &facts)
            }
            return
        }
        let isInlined =
            switch standing {
            case .own: !isAlone(.ref, in: node) && !isRecursive(target)
            case .overlaid: !isRecursive(target)
            case .merged: true
            }
        if isInlined, isPart { return }
        if isInlined, !open.contains(target), pay(for: target) {
            note(.mapped, key, "inlined")
            try inline(target, distance: distance, into: &facts)
        } else {
            facts.isReference = true
            push(.ref, key, value, distance: distance, into: &facts)
        }
    }

    /// The OpenAPI form has no references: the target is written, or the type and description of one.
    private mutating func inlineOrCut(
        _ key: JSONNode, _ target: JSONNode, distance: Int, into facts: inout SchemaFacts
    ) throws(SchemaError) {
        let recursion = open.count { $0 == target }
        if recursion < SchemaTranslator.maximumRecursion, inlined < maximumInlined, pay(for: target) {
            return try inline(target, distance: distance, into: &facts)
        }
        note(.changed, key, "cut", rule: "SCH-002")
        facts.isCut = true
        if let description = json.value("description", of: target), json.isString(description),
            keptBytes + json.length(description) <= SchemaTranslator.maximumInlinedBytes
        {
            keptBytes += json.length(description)
            push(.description, description, description, distance: distance + 1, into: &facts)
        }
    }

    private mutating func inline(
        _ target: JSONNode, distance: Int, into facts: inout SchemaFacts
    ) throws(SchemaError) {
        open.append(target)
        inlined += 1
        facts.inlined += 1
        try gather(target, as: facts.isTop ? .merged : .overlaid, distance: distance + 1, into: &facts)
    }

    /// Whether the budget allows writing the target once more.
    private mutating func pay(for target: JSONNode) -> Bool {
        let cost = json.length(target)
        guard inlinedBytes + cost <= SchemaTranslator.maximumInlinedBytes else {
            isOverBudget = true
            return false
        }
        inlinedBytes += cost
        return true
    }

    /// The schema that a reference names: `#`, `#/$defs/NAME` or `#/definitions/NAME`.
    ///
    /// - Returns: `nil` for every other reference, and when there is no such schema.
    mutating func target(of reference: JSONNode) -> JSONNode? {
        guard json.isString(reference) else { return nil }
        let found =
            json.isPlain(reference) ? target(json.raw(reference)) : target(json.text(reference).span)
        guard let found, json.isObject(found) || json.boolean(found) != nil else { return nil }
        return found
    }

    private mutating func target(_ reference: Span<UInt8>) -> JSONNode? {
        guard let start = Self.nameStart(reference) else { return nil }
        if start == reference.count { return reference.count == 1 ? root : nil }
        let name = reference.extracting(start..<reference.count)
        var isPlain = true
        for index in name.indices {
            switch name[index] {
            case UInt8(ascii: "/"): return nil
            case UInt8(ascii: "%"), UInt8(ascii: "~"): isPlain = false
            default: continue
            }
        }
        if isPlain { return definition(name) }
        guard let text = Self.unescaped(name) else { return nil }
        return definition(text.span)
    }

    /// Where the name begins in `#/$defs/NAME`; the length of a lone `#`.
    static func nameStart(_ reference: Span<UInt8>) -> Int? {
        if reference.equals("#") { return 1 }
        if reference.matches("#/$defs/") { return 8 }
        if reference.matches("#/definitions/") { return 14 }
        return nil
    }

    private mutating func definition(_ name: Span<UInt8>) -> JSONNode? {
        if definitions == nil {
            let first = json.member("$defs", of: root)
            let second = json.member("definitions", of: root)
            var finder = SchemaMemberFinder(first ?? second)
            if first != nil, let second { finder.add(second) }
            definitions = finder
        }
        return definitions?.find(name, in: json)
    }

    /// A name in a pointer in a fragment: `%24` is `$`, `~1` is `/`, `~0` is `~`.
    ///
    /// - Source: RFC 6901, sections 3 and 6.
    private static func unescaped(_ name: Span<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        var at = 0
        while at < name.count {
            guard name[at] == UInt8(ascii: "%") else {
                bytes.append(name[at])
                at += 1
                continue
            }
            guard at + 2 < name.count, let high = hexadecimal(name[at + 1]),
                let low = hexadecimal(name[at + 2])
            else {
                return nil
            }
            bytes.append(high << 4 | low)
            at += 3
        }
        var result: [UInt8] = []
        var isEscaped = false
        for byte in bytes {
            if isEscaped {
                guard byte == UInt8(ascii: "0") || byte == UInt8(ascii: "1") else { return nil }
                result.append(byte == UInt8(ascii: "0") ? UInt8(ascii: "~") : UInt8(ascii: "/"))
                isEscaped = false
            } else if byte == UInt8(ascii: "~") {
                isEscaped = true
            } else {
                result.append(byte)
            }
        }
        return isEscaped ? nil : result
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    // MARK: Recursion

    /// Whether references lead from a definition back to it.
    private mutating func isRecursive(_ target: JSONNode) -> Bool {
        if target == root { return true }
        if let known = recursions[target] { return known }
        var isRecursive = false
        var seen: Set<JSONNode> = [target]
        var waiting = [target]
        search: while let node = waiting.popLast() {
            recursionSteps += 1
            guard recursionSteps <= Self.maximumRecursionSteps else {
                isRecursive = true
                break
            }
            var elements = json.elements(node)
            while let element = elements.next(in: json) { waiting.append(element) }
            var members = json.members(node)
            while let member = members.next(in: json) {
                recursionSteps += 1
                guard json.isString(member.value) else {
                    waiting.append(member.value)
                    continue
                }
                guard SchemaKeyword(member.key, of: json) == .ref, let next = self.target(of: member.value)
                else {
                    continue
                }
                if next == target {
                    isRecursive = true
                    break search
                }
                if seen.insert(next).inserted { waiting.append(next) }
            }
        }
        recursions[target] = isRecursive
        return isRecursive
    }
}

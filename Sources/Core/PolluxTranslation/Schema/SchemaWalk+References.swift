internal import PolluxJSON

/// `$ref`.
///
///     form          alone       with siblings          in an allOf of several
///     JSON Schema   kept        target inlined, or     target merged; where that would not end,
///                               kept alone when the    kept alone
///                               target is recursive
///     OpenAPI       inlined; cut when a definition stands `maximumRecursion` times inside itself
///
/// At the top level a `$ref` is inlined in both forms: the service looks for `type` there. It also is where it names
/// another place than a definition, `#/properties/a`, which the service cannot follow; inside of itself it is cut.
extension SchemaWalk {
    /// Values looked at, in one schema, to find out which definitions are recursive.
    ///
    /// Past that a definition counts as recursive: its references lose what stands beside them.
    private static let maximumRecursionSteps = 200_000

    /// Values looked at, in one schema, on the way to places that are no definitions; past that none is found.
    private static let maximumPlaceSteps = 200_000

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
        guard isFollowed(value) else {
            if !isPart { try inlineOrCut(key, target, distance: distance, into: &facts) }
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

    /// Where no reference can stand the target is written, or the type and description of one.
    private mutating func inlineOrCut(
        _ key: JSONNode, _ target: JSONNode, distance: Int, into facts: inout SchemaFacts
    ) throws(SchemaError) {
        let recursion = open.count { $0 == target }
        let maximumRecursion = isOpenAPI ? SchemaTranslator.maximumRecursion : 1
        if recursion < maximumRecursion, inlined < maximumInlined, pay(for: target) {
            if !isOpenAPI { note(.mapped, key, "inlined") }
            return try inline(target, distance: distance, into: &facts)
        }
        note(.changed, key, "cut", rule: isOpenAPI ? "SCH-002" : "SCH-001")
        facts.isCut = isOpenAPI
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

    /// Whether the service can follow a reference: `#`, or the name of a definition.
    private func isFollowed(_ reference: JSONNode) -> Bool {
        json.withText(reference) { Self.isFollowed($0) }
    }

    static func isFollowed(_ reference: Span<UInt8>) -> Bool {
        guard let start = nameStart(reference) else { return false }
        for index in start..<reference.count where reference[index] == UInt8(ascii: "/") { return false }
        return true
    }

    /// The schema that a reference names: `#`, `#/$defs/NAME`, `#/definitions/NAME`, or another place in this document.
    ///
    /// - Returns: `nil` for every other reference, and when there is no such schema.
    mutating func target(of reference: JSONNode) -> JSONNode? {
        let json = json  // Borrowed on its own: what is found is remembered.
        guard json.isString(reference), let found = json.withText(reference, { target($0) }),
            json.isObject(found) || json.boolean(found) != nil
        else { return nil }
        return found
    }

    private mutating func target(_ reference: Span<UInt8>) -> JSONNode? {
        guard Self.isFollowed(reference), let start = Self.nameStart(reference) else { return place(reference) }
        if start == reference.count { return reference.count == 1 ? root : nil }
        let name = reference.extracting(start..<reference.count)
        var isPlain = true
        for index in name.indices where name[index] == UInt8(ascii: "%") || name[index] == UInt8(ascii: "~") {
            isPlain = false
        }
        if isPlain { return definition(name) }
        guard let text = Self.unescaped(name) else { return nil }
        return definition(text.span)
    }

    /// What stands where a pointer leads, `#/properties/a/items`.
    ///
    /// - Source: RFC 6901, section 4.
    private mutating func place(_ reference: Span<UInt8>) -> JSONNode? {
        guard reference.count > 2, reference.matches("#/") else { return nil }
        var node = root
        var at = 2
        while at <= reference.count {
            var end = at
            while end < reference.count, reference[end] != UInt8(ascii: "/") { end += 1 }
            guard let token = Self.unescaped(reference.extracting(at..<end)),
                let next = step(into: node, String(copying: token.span))
            else { return nil }
            node = next
            at = end + 1
        }
        return node
    }

    /// The member of that name, or the element of that index.
    private mutating func step(into node: JSONNode, _ token: String) -> JSONNode? {
        let index = Int(token)
        var position = 0
        var elements = json.elements(node)
        while let element = elements.next(in: json), placeSteps < Self.maximumPlaceSteps {
            if position == index { return element }
            position += 1
            placeSteps += 1
        }
        var members = json.members(node)
        while let member = members.next(in: json), placeSteps < Self.maximumPlaceSteps {
            if json.stringEquals(member.key, token) { return member.value }
            placeSteps += 1
        }
        return nil
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
        guard let bytes = PercentEncoding.decoded(name) else { return nil }
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
